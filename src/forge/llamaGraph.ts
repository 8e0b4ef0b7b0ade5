import type { WeightData } from './externalData.ts';
import { ELEMENT_TYPES, GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights, queryDim } from './llama.ts';
import { stack } from './matrix.ts';
import { rotaryFrequencies, rotaryTables } from './rotary.ts';
import type { WeightFormat } from './weightFormats.ts';

const PRODUCER = { name: 'sill', version: '1' };
const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT32 = { attributes: { to: { int: ELEMENT_TYPES.int32 } } };

/**
 * A llama decoder with its key-values as inputs and outputs, in transformers.js's layout.
 *
 * Inputs: `input_ids` int64 `[batch_size, sequence_length]`, `attention_mask` int64 `[batch_size, total_sequence_length]` (ones; no
 * padding on the left), `num_logits_to_keep` int64 scalar (how many last positions get logits, 0 for all; transformers.js sets 1),
 * `past_key_values.N.key` and `.value` float32 `[batch_size, kvHeads, past_sequence_length, headDim]`.
 * Outputs: `logits` float32 `[batch_size, kept, vocab]`, `present.N.key` and `.value`.
 *
 * The names of the symbolic dimensions are a contract: transformers.js sizes the empty past from them.
 * @param data receives the weights; its `location` must be the name under which the file will lie beside the graph
 * @returns the bytes of the `.onnx` file
 */
export function buildLlama(config: LlamaConfig, weights: LlamaWeights, format: WeightFormat, data: WeightData): Uint8Array {
  const graph = new GraphBuilder('llama', data);
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const lengths = declareLengths(graph);
  declareRotary(graph, config);

  const embedding = format.embedding(graph, 'model.embed_tokens', ids, weights.embedding());
  let residual = embedding.rows;
  let layer = weights.layer(0);
  graph.weight('model.layers.0.input_layernorm.weight', 'float32', [config.dim], layer.attentionNorm);
  const epsilon = { epsilon: { float: config.normEps } };
  let normed = graph.node('SimplifiedLayerNormalization', [residual, 'model.layers.0.input_layernorm.weight'], 'model.layers.0/normed', {
    attributes: { ...epsilon, axis: { int: -1 } },
  });

  /** Adds `delta` to the residual stream and normalises the sum, in one operator. */
  const addAndNorm = (delta: string, name: string, gamma: Float32Array): void => {
    graph.weight(`${name}.weight`, 'float32', [config.dim], gamma);
    const options = { domain: MICROSOFT, attributes: epsilon } as const;
    graph.nodes(
      'SkipSimplifiedLayerNormalization',
      [residual, delta, `${name}.weight`],
      [`${name}/normed`, '', '', `${name}/sum`],
      options,
    );
    residual = `${name}/sum`;
    normed = `${name}/normed`;
  };

  for (let index = 0; index < config.layers; index++) {
    const name = `model.layers.${index}`;
    addAndNorm(attention(graph, config, format, index, normed, layer, lengths), `${name}.post_attention_layernorm`, layer.feedForwardNorm);
    const fed = feedForward(graph, format, `${name}.mlp`, normed, layer);
    if (index + 1 < config.layers) {
      layer = weights.layer(index + 1);
      addAndNorm(fed, `model.layers.${index + 1}.input_layernorm`, layer.attentionNorm);
    } else {
      addAndNorm(fed, 'model.norm', weights.finalNorm());
    }
  }

  const kept = keepLast(graph, normed);
  const classifier = weights.classifier();
  const logits = classifier ? format.linear(graph, 'lm_head', kept, classifier, 'classifier') : embedding.linear('lm_head', kept);
  graph.node('Identity', [logits], 'logits');
  graph.output('logits', 'float32', ['batch_size', 'kept_sequence_length', config.vocab]);
  return graph.build(PRODUCER);
}

/** What GroupQueryAttention wants to know: the last position of each text, and the length of the longest. */
function declareLengths(graph: GraphBuilder): readonly [lastPositions: string, total: string] {
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  graph.constant('one', 'int64', [1], [1n]);
  const counts = graph.node('ReduceSum', [mask, 'one'], 'lengths/counts', { attributes: { keepdims: { int: 0 } } });
  const last = graph.node('Cast', [graph.node('Sub', [counts, 'one'], 'lengths/last')], 'lengths/last_int32', INT32);
  graph.constant('second', 'int64', [], [1n]);
  const total = graph.node('Gather', [graph.node('Shape', [mask], 'lengths/mask_shape'), 'second'], 'lengths/total');
  return [last, graph.node('Cast', [total], 'lengths/total_int32', INT32)];
}

function declareRotary(graph: GraphBuilder, config: LlamaConfig): void {
  const divisors = config.ropeDivisors;
  const frequencies = rotaryFrequencies(headDim(config), config.ropeTheta).map((frequency, i) => frequency / (divisors?.[i] ?? 1));
  const { cos, sin } = rotaryTables(config.context, frequencies);
  const dims = [config.context, headDim(config) / 2];
  graph.weight('rotary.cos', 'float32', dims, cos);
  graph.weight('rotary.sin', 'float32', dims, sin);
}

function attention(
  graph: GraphBuilder,
  config: LlamaConfig,
  format: WeightFormat,
  index: number,
  input: string,
  layer: LlamaLayer,
  [lastPositions, total]: readonly [string, string],
): string {
  const name = `model.layers.${index}.self_attn`;
  const dims = (length: string) => ['batch_size', config.kvHeads, length, headDim(config)];
  const pastKey = graph.input(`past_key_values.${index}.key`, 'float32', dims('past_sequence_length'));
  const pastValue = graph.input(`past_key_values.${index}.value`, 'float32', dims('past_sequence_length'));
  let packed = format.linear(graph, `${name}.qkv_proj`, input, stack([layer.query, layer.key, layer.value]), 'qkv');
  if (layer.qkvBias) {
    graph.weight(`${name}.qkv_proj.bias`, 'float32', [layer.qkvBias.length], layer.qkvBias);
    packed = graph.node('Add', [packed, `${name}.qkv_proj.bias`], `${name}/biased`);
  }
  const projected = layer.headNorms ? normedHeads(graph, config, name, packed, layer.headNorms) : [packed, '', ''];
  graph.nodes(
    'GroupQueryAttention',
    [...projected, pastKey, pastValue, lastPositions, total, 'rotary.cos', 'rotary.sin'],
    [`${name}/attended`, `present.${index}.key`, `present.${index}.value`],
    { domain: MICROSOFT, attributes: { num_heads: { int: config.heads }, kv_num_heads: { int: config.kvHeads }, do_rotary: { int: 1 } } },
  );
  graph.output(`present.${index}.key`, 'float32', dims('total_sequence_length'));
  graph.output(`present.${index}.value`, 'float32', dims('total_sequence_length'));
  return format.linear(graph, `${name}.o_proj`, `${name}/attended`, layer.attentionOutput, 'attentionOutput');
}

/** Query, key and value apart, each head of the first two normalised. */
function normedHeads(
  graph: GraphBuilder,
  config: LlamaConfig,
  name: string,
  packed: string,
  gammas: NonNullable<LlamaLayer['headNorms']>,
): readonly string[] {
  const parts = ['query', 'key', 'value'].map((part) => `${name}/${part}`);
  const sizes = [queryDim(config), kvDim(config), kvDim(config)].map(BigInt);
  graph.nodes('Split', [packed, graph.constant(`${name}/sizes`, 'int64', [3], sizes)], parts, { attributes: { axis: { int: -1 } } });
  // 0 keeps a dimension; the last is what remains.
  const heads = graph.constant(`${name}/heads`, 'int64', [4], [0n, 0n, -1n, BigInt(headDim(config))]);
  const flat = graph.constant(`${name}/flat`, 'int64', [3], [0n, 0n, -1n]);
  const attributes = { epsilon: { float: config.normEps }, axis: { int: -1 } };
  const normed = (part: string, norm: string, gamma: Float32Array): string => {
    graph.weight(`${name}.${norm}.weight`, 'float32', [headDim(config)], gamma);
    const apart = graph.node('Reshape', [part, heads], `${part}/heads`);
    const scaled = graph.node('SimplifiedLayerNormalization', [apart, `${name}.${norm}.weight`], `${part}/normed`, { attributes });
    return graph.node('Reshape', [scaled, flat], `${part}/flat`);
  };
  const [query = '', key = '', value = ''] = parts;
  return [normed(query, 'q_norm', gammas.query), normed(key, 'k_norm', gammas.key), value];
}

/** SwiGLU; gate and up come from one multiplication. QuickGelu with alpha 1 is SiLU. */
function feedForward(graph: GraphBuilder, format: WeightFormat, name: string, input: string, layer: LlamaLayer): string {
  const both = format.linear(graph, `${name}.gate_up_proj`, input, stack([layer.gate, layer.up]), 'gateUp');
  graph.nodes('Split', [both], [`${name}/gate`, `${name}/up`], { attributes: { axis: { int: -1 }, num_outputs: { int: 2 } } });
  const gated = graph.node('QuickGelu', [`${name}/gate`], `${name}/silu`, { domain: MICROSOFT, attributes: { alpha: { float: 1 } } });
  return format.linear(graph, `${name}.down_proj`, graph.node('Mul', [gated, `${name}/up`], `${name}/hidden`), layer.down, 'down');
}

/** The last positions only: logits of a long prompt would be larger than the model. */
function keepLast(graph: GraphBuilder, hidden: string): string {
  graph.input('num_logits_to_keep', 'int64', []);
  const count = graph.node('Reshape', ['num_logits_to_keep', 'one'], 'kept/count');
  graph.constant('kept/end', 'int64', [1], [INT64_MAX]);
  // From minus the count: for 0, "all", that is the start.
  return graph.node('Slice', [hidden, graph.node('Neg', [count], 'kept/start'), 'kept/end', 'one'], 'kept/hidden');
}
