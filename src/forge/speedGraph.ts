import type { ExecutionDevice } from '../core/manifest.ts';
import { type SpeedFormat, type SpeedGraph, speedShape } from '../core/speed.ts';
import { BLOCK } from './blockMatrix.ts';
import { ELEMENT_TYPES, type GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { halvesOf } from './quantizeHalf.ts';
import { type GraphFiles, graphFiles } from './selfTestGraph.ts';

/** Square products in a row, of one token: `x` `[1, width]` in, `y` out. */
export function speedGraph(format: SpeedFormat, which: SpeedGraph, device: ExecutionDevice): GraphFiles {
  const { layers, width, matrices } = speedShape(which, device);
  return graphFiles(`speed-${format}-${which}`, (graph) => {
    let value = graph.input('x', 'float32', [1, width]);
    if (format === 'q4f16' || format === 'fp16') value = cast(graph, value, 'x/half', 'float16');
    const weights = Array.from({ length: matrices }, (_, at) => matrix(graph, format, `matrix${at}`, width));
    for (let layer = 0; layer < layers; layer++)
      value = product(graph, format, value, weights[layer % matrices] ?? [], `layer${layer}`, width);
    cast(graph, value, 'y', 'float32');
    graph.output('y', 'float32', [1, width]);
  });
}

const cast = (graph: GraphBuilder, value: string, name: string, to: 'float16' | 'float32'): string =>
  graph.node('Cast', [value], name, { attributes: { to: { int: ELEMENT_TYPES[to] } } });

/** The values do not matter to the time, but sums that grow from layer to layer would end in infinities. */
function matrix(graph: GraphBuilder, format: SpeedFormat, name: string, width: number): readonly string[] {
  const scale = 1 / width;
  if (format === 'int8') {
    graph.weight(`${name}.weight`, 'int8', [width, width], new Int8Array(width * width).fill(1));
    graph.weight(`${name}.scale`, 'float32', [width], new Float32Array(width).fill(scale));
    return [`${name}.weight`, `${name}.scale`];
  }
  if (format === 'fp16') {
    const [bits = 0] = halvesOf(Float32Array.of(scale));
    graph.weight(`${name}.weight`, 'float16', [width, width], new Uint16Array(width * width).fill(bits));
    return [`${name}.weight`];
  }
  const blocks = width / BLOCK;
  graph.weight(`${name}.weight`, 'uint8', [width, blocks, BLOCK / 2], new Uint8Array((width * width) / 2).fill(0x99));
  graph.weight(`${name}.scale`, 'float32', [width, blocks], new Float32Array(width * blocks).fill(scale));
  return [`${name}.weight`, format === 'q4' ? `${name}.scale` : cast(graph, `${name}.scale`, `${name}.half`, 'float16')];
}

function product(graph: GraphBuilder, format: SpeedFormat, input: string, weights: readonly string[], name: string, width: number): string {
  const inputs = [input, ...weights];
  if (format === 'int8') return graph.node('DynamicQuantizeMatMul', inputs, name, { domain: MICROSOFT });
  if (format === 'fp16') return graph.node('Gemm', inputs, name, { attributes: { transB: { int: 1 } } });
  return graph.node('MatMulNBits', inputs, name, {
    domain: MICROSOFT,
    attributes: { K: { int: width }, N: { int: width }, bits: { int: 4 }, block_size: { int: BLOCK } },
  });
}
