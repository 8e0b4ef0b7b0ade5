import { ELEMENT_TYPES, type GraphBuilder } from './graphBuilder.ts';

const INT32 = { attributes: { to: { int: ELEMENT_TYPES.int32 } } };

/** What GroupQueryAttention wants to know: the last position of each text, and the length of the longest. `lengths/total` is that in 64 bits. */
export function declareLengths(graph: GraphBuilder): readonly [lastPositions: string, total: string] {
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  graph.constant('one', 'int64', [1], [1n]);
  const counts = graph.node('ReduceSum', [mask, 'one'], 'lengths/counts', { attributes: { keepdims: { int: 0 } } });
  const last = graph.node('Cast', [graph.node('Sub', [counts, 'one'], 'lengths/last')], 'lengths/last_int32', INT32);
  graph.constant('second', 'int64', [], [1n]);
  const total = graph.node('Gather', [graph.node('Shape', [mask], 'lengths/mask_shape'), 'second'], 'lengths/total');
  return [last, graph.node('Cast', [total], 'lengths/total_int32', INT32)];
}
