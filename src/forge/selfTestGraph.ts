import type { GpuPrecision } from '../core/device.ts';
import {
  pastOf,
  type Quantized,
  SELF_TEST,
  SELF_TEST_HEADS,
  SELF_TEST_PACKED,
  type SelfTestInput,
  type SelfTestOutput,
  type SelfTestWeights,
} from '../core/selfTestWeights.ts';
import { declareLengths } from './attentionLengths.ts';
import { ExternalData } from './externalData.ts';
import { ELEMENT_TYPES, type FloatType, GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { transpose } from './matrix.ts';
import { halvesOf } from './quantizeHalf.ts';
import { rotaryFrequencies, rotaryTable } from './rotary.ts';

/** A graph with the weights beside it, as the runtime loads a model. */
export interface GraphFiles {
  readonly graph: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** One input of a call. */
export interface GraphFeed {
  readonly name: string;
  readonly dims: readonly number[];
  /** Of 16 bits: the bits of 16-bit floats. */
  readonly data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

export const GRAPH_PATH = 'graph.onnx';

/** Builds a graph and gathers its weights. Everything that this makes is small. */
export function graphFiles(name: string, build: (graph: GraphBuilder) => void): GraphFiles {
  const parts: Uint8Array[] = [];
  const graph = new GraphBuilder(name, new ExternalData(`${GRAPH_PATH}_data`, (bytes) => parts.push(bytes.slice())));
  build(graph);
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return { graph: new Uint8Array(graph.build({ name: 'sill', version: '1' })), data };
}

/**
 * The operators of a language model in a row: `ids` `[1, n]`, `attention_mask` `[1, past + n]`, `past_key` and `past_value` `[1, kvHeads, past, size]` in, as in a
 * decoder; the outputs of `SELF_TEST_OUTPUTS` in 32 bits out. In 16 bits everything between is computed so; the weights are turned by the graph, which is how a
 * conversion is tested along.
 */
export function selfTestGraph(weights: SelfTestWeights, precision: GpuPrecision): GraphFiles {
  return graphFiles('self-test', (graph) => {
    const parts = partsOf(graph, precision);
    const ids = graph.input('ids', 'int64', [1, 'n']);
    products(graph, parts, weights, ids);
    attention(graph, parts, weights, ids);
  });
}

/** What to run it with. */
export function selfTestFeeds(weights: SelfTestWeights, { ids, past }: SelfTestInput, precision: GpuPrecision): GraphFeed[] {
  const { kvHeads, size } = SELF_TEST_HEADS;
  const total = past + ids.length;
  const cache = (name: string, values: Float32Array): GraphFeed => {
    const data = pastOf(values, past);
    return { name, dims: [1, kvHeads, past, size], data: precision === 'f16' ? Uint16Array.from(halvesOf(data)) : data };
  };
  return [
    { name: 'ids', dims: [1, ids.length], data: BigInt64Array.from(ids, BigInt) },
    { name: 'attention_mask', dims: [1, total], data: new BigInt64Array(total).fill(1n) },
    cache('past_key', weights.pastKeys),
    cache('past_value', weights.pastValues),
  ];
}

/** What both halves of the graph are made of. */
interface Parts {
  readonly type: FloatType;
  /** A weight in the arithmetic of the graph. */
  readonly weight: (name: string, dims: readonly number[], values: Float32Array) => string;
  /** Levels of a quantised matrix, `dims` without the blocks, and its scales. */
  readonly blocks: (name: string, bits: 4 | 8, dims: readonly number[], matrix: Quantized) => readonly [levels: string, scales: string];
  readonly judged: (name: SelfTestOutput, value: string, dims: ReadonlyArray<number | string>) => void;
}

function partsOf(graph: GraphBuilder, precision: GpuPrecision): Parts {
  const type = precision === 'f16' ? 'float16' : 'float32';
  const weight = (name: string, dims: readonly number[], values: Float32Array): string => {
    graph.weight(name, 'float32', dims, values);
    return type === 'float32' ? name : graph.node('Cast', [name], `${name}/half`, { attributes: { to: { int: ELEMENT_TYPES.float16 } } });
  };
  return {
    type,
    weight,
    blocks(name, bits, dims, { levels, scales }) {
      const bytes = bits === 8 ? levels : Uint8Array.from({ length: levels.length / 2 }, (_, i) => pair(levels, 2 * i));
      graph.weight(`${name}/levels`, 'uint8', dims, bytes);
      const rows = dims[0] ?? 0;
      return [`${name}/levels`, weight(`${name}/scales`, [rows, scales.length / rows], scales)];
    },
    judged(name, value, dims) {
      graph.node('Cast', [value], name, { attributes: { to: { int: ELEMENT_TYPES.float32 } } });
      graph.output(name, 'float32', dims);
    },
  };
}

function products(graph: GraphBuilder, { weight, blocks, judged }: Parts, weights: SelfTestWeights, ids: string): void {
  const { vocabulary, hidden, inner, classes, block, epsilon } = SELF_TEST;
  const rows = graph.node('Gather', [weight('table', [vocabulary, hidden], weights.table), ids], 'rows');
  const gamma = weight('gamma', [hidden], weights.gamma);
  const ofLast = { attributes: { axis: { int: -1 }, epsilon: { float: epsilon } } };
  const normed = graph.node('SimplifiedLayerNormalization', [rows, gamma], 'normed', ofLast);
  const skipping = { domain: MICROSOFT, attributes: { epsilon: { float: epsilon } } } as const;
  const skipped = graph.node('SkipSimplifiedLayerNormalization', [rows, normed, gamma], 'skipped', skipping);
  const product = (name: string, bits: 4 | 8, matrix: Quantized): string =>
    graph.node('MatMulNBits', [normed, ...blocks(name, bits, [inner, hidden / block, (block * bits) / 8], matrix)], name, {
      domain: MICROSOFT,
      attributes: { K: { int: hidden }, N: { int: inner }, bits: { int: bits }, block_size: { int: block } },
    });
  const four = product('four', 4, weights.fourBit);
  const eight = product('eight', 8, weights.eightBit);
  const silu = graph.node('QuickGelu', [four], 'silu', { domain: MICROSOFT, attributes: { alpha: { float: 1 } } });
  const gated = graph.node('Mul', [silu, eight], 'gated_product');
  const scaled = [weight('scale', [inner], weights.scale), weight('bias', [inner], weights.bias)];
  const layered = graph.node('LayerNormalization', [four, ...scaled], 'layered', ofLast);
  const projected = graph.node('MatMul', [layered, weight('projection', [inner, classes], weights.projection)], 'product');
  const shape = (name: string, ...dims: number[]) => graph.constant(name, 'int64', [dims.length], dims.map(BigInt));
  const tokens = graph.node('Reshape', [layered, shape('flat', -1, inner)], 'tokens');
  const rowsFirst = weight('projection_rows', [classes, inner], transpose(weights.projection, inner, classes));
  const turned = graph.node('Gemm', [tokens, rowsFirst], 'turned', { attributes: { transB: { int: 1 } } });
  const gemm = graph.node('Reshape', [turned, shape('apart', 1, -1, classes)], 'turned_apart');
  const softmax = graph.node('Softmax', [projected], 'probabilities', { attributes: { axis: { int: -1 } } });
  judged('gather', rows, [1, 'n', hidden]);
  judged('rms_norm', normed, [1, 'n', hidden]);
  judged('skip_norm', skipped, [1, 'n', hidden]);
  judged('matmul_4bit', four, [1, 'n', inner]);
  judged('matmul_8bit', eight, [1, 'n', inner]);
  judged('gated', gated, [1, 'n', inner]);
  judged('layer_norm', layered, [1, 'n', inner]);
  judged('matmul', projected, [1, 'n', classes]);
  judged('gemm', gemm, [1, 'n', classes]);
  judged('softmax', softmax, [1, 'n', classes]);
}

/** Query, key and value come out of the quantised embedding, packed as the products of a layer give them: what a product does wrong is not seen here. */
function attention(graph: GraphBuilder, { type, weight, blocks, judged }: Parts, weights: SelfTestWeights, ids: string): void {
  const { vocabulary, block } = SELF_TEST;
  const { heads, kvHeads, size, theta, positions } = SELF_TEST_HEADS;
  const width = heads * size;
  const embedded = blocks('embedded', 4, [vocabulary, SELF_TEST_PACKED / 2], weights.packed);
  const packed = graph.node('GatherBlockQuantized', [embedded[0], ids, embedded[1]], 'packed', {
    domain: MICROSOFT,
    attributes: { bits: { int: 4 }, block_size: { int: block }, gather_axis: { int: 0 }, quantize_axis: { int: 1 } },
  });
  const cache = (name: string) => graph.input(name, type, [1, kvHeads, 'past', size]);
  const past = [cache('past_key'), cache('past_value')];
  const lengths = declareLengths(graph);
  const tables = (['cos', 'sin'] as const).map((part) =>
    weight(part, [positions, size / 2], rotaryTable(part, positions, rotaryFrequencies(size, theta))),
  );

  // As attention is written out where it has a cap.
  const sizes = graph.constant('sizes', 'int64', [2], [BigInt(width), BigInt(SELF_TEST_PACKED - width)]);
  graph.nodes('Split', [packed, sizes], ['query', 'key_value'], { attributes: { axis: { int: -1 } } });
  const length = graph.node('Gather', [graph.node('Shape', [ids], 'ids/shape'), 'second'], 'ids/length');
  const offset = graph.node('Reshape', [graph.node('Sub', ['lengths/total', length], 'ids/past'), 'one'], 'ids/offset');
  const rotated = graph.node('RotaryEmbedding', ['query', offset, ...tables], 'rotated', { domain: MICROSOFT });

  graph.nodes('GroupQueryAttention', [packed, '', '', ...past, ...lengths, ...tables], ['attended', 'keys', 'values'], {
    domain: MICROSOFT,
    attributes: { num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, do_rotary: { int: 1 } },
  });
  judged('gather_4bit', packed, [1, 'n', SELF_TEST_PACKED]);
  judged('rotary', rotated, [1, 'n', width]);
  judged('attention_keys', 'keys', [1, kvHeads, 'total', size]);
  judged('attention_values', 'values', [1, kvHeads, 'total', size]);
  judged('attention', 'attended', [1, 'n', width]);
}

/** Two levels in a byte, the earlier in the low half. */
const pair = (levels: Uint8Array, index: number): number => (levels[index] ?? 0) | ((levels[index + 1] ?? 0) << 4);
