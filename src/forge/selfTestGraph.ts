import type { GpuPrecision } from '../core/device.ts';
import { type Quantized, SELF_TEST, SELF_TEST_OUTPUTS, type SelfTestWeights } from '../core/selfTest.ts';
import { ExternalData } from './externalData.ts';
import { ELEMENT_TYPES, GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { transpose } from './matrix.ts';

/** A graph with the weights beside it, as the runtime loads a model. */
export interface GraphFiles {
  readonly graph: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
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
 * The operators of a language model in a row: `ids` `[1, n]` in, the outputs of `SELF_TEST_OUTPUTS` in 32 bits out. In 16 bits everything
 * between is computed so; the weights are turned by the graph, which is how a conversion is tested along.
 */
export function selfTestGraph(weights: SelfTestWeights, precision: GpuPrecision): GraphFiles {
  const { vocabulary, hidden, inner, classes, block, epsilon } = SELF_TEST;
  return graphFiles('self-test', (graph) => {
    const half = (value: string) =>
      precision === 'fp32' ? value : graph.node('Cast', [value], `${value}/half`, { attributes: { to: { int: ELEMENT_TYPES.float16 } } });
    const weight = (name: string, dims: readonly number[], values: Float32Array) => {
      graph.weight(name, 'float32', dims, values);
      return half(name);
    };
    const blocks = (name: string, bits: 4 | 8, input: string, { levels, scales }: Quantized) => {
      const packed = bits === 8 ? levels : Uint8Array.from({ length: levels.length / 2 }, (_, i) => pair(levels, 2 * i));
      graph.weight(`${name}/levels`, 'uint8', [inner, hidden / block, (block * bits) / 8], packed);
      return graph.node('MatMulNBits', [input, `${name}/levels`, weight(`${name}/scales`, [inner, hidden / block], scales)], name, {
        domain: MICROSOFT,
        attributes: { K: { int: hidden }, N: { int: inner }, bits: { int: bits }, block_size: { int: block } },
      });
    };

    const ids = graph.input('ids', 'int64', [1, 'n']);
    const rows = graph.node('Gather', [weight('table', [vocabulary, hidden], weights.table), ids], 'rows');
    const normed = graph.node('SimplifiedLayerNormalization', [rows, weight('gamma', [hidden], weights.gamma)], 'normed', {
      attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    });
    const four = blocks('four', 4, normed, weights.fourBit);
    const eight = blocks('eight', 8, normed, weights.eightBit);
    const layered = graph.node(
      'LayerNormalization',
      [four, weight('scale', [inner], weights.scale), weight('bias', [inner], weights.bias)],
      'layered',
      { attributes: { axis: { int: -1 }, epsilon: { float: epsilon } } },
    );
    const product = graph.node('MatMul', [layered, weight('projection', [inner, classes], weights.projection)], 'product');
    const shape = (name: string, ...dims: number[]) => graph.constant(name, 'int64', [dims.length], dims.map(BigInt));
    const tokens = graph.node('Reshape', [layered, shape('flat', -1, inner)], 'tokens');
    const rowsFirst = weight('projection_rows', [classes, inner], transpose(weights.projection, inner, classes));
    const turned = graph.node('Gemm', [tokens, rowsFirst], 'turned', { attributes: { transB: { int: 1 } } });
    const gemm = graph.node('Reshape', [turned, shape('apart', 1, -1, classes)], 'turned_apart');
    const softmax = graph.node('Softmax', [product], 'probabilities', { attributes: { axis: { int: -1 } } });
    const widths = [hidden, hidden, inner, inner, inner, classes, classes, classes];
    for (const [i, value] of [rows, normed, four, eight, layered, product, gemm, softmax].entries()) {
      const name = SELF_TEST_OUTPUTS[i] ?? value;
      graph.node('Cast', [value], name, { attributes: { to: { int: ELEMENT_TYPES.float32 } } });
      graph.output(name, 'float32', [1, 'n', widths[i] ?? 0]);
    }
  });
}

/** Two levels in a byte, the earlier in the low half. */
const pair = (levels: Uint8Array, index: number): number => (levels[index] ?? 0) | ((levels[index + 1] ?? 0) << 4);
