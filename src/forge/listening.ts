import { LOUDNESS_OUTPUT } from '../core/making.ts';
import type { LayerLoudness } from './evenedChannels.ts';
import type { GraphBuilder } from './graphBuilder.ts';
import { type LlamaConfig, queryDim } from './llama.ts';
import type { WeightFormat } from './weightFormats.ts';

/** What each graph under construction has heard so far. */
const heard = new WeakMap<GraphBuilder, { readonly names: string[]; channels: number }>();

/**
 * The same format, whose graph gives beside its scores what each channel of each product's input but the scores' reaches at most in a call: one output
 * for all, product after product in the order of the graph. None of its calls may be of no tokens.
 */
export const listening = (format: WeightFormat): WeightFormat => ({
  ...format,
  linear(graph, name, input, matrix, role) {
    if (role !== 'classifier') {
      const all = heard.get(graph) ?? { names: [], channels: 0 };
      heard.set(graph, all);
      const sizes = graph.node('Abs', [input], `${name}/loudness_sizes`);
      const tokens = graph.constant(`${name}/loudness_tokens`, 'int64', [2], [0n, 1n]);
      all.names.push(graph.node('ReduceMax', [sizes, tokens], `${name}/loudness`, { attributes: { keepdims: { int: 0 } } }));
      all.channels += matrix.columns;
    }
    return format.linear(graph, name, input, matrix, role);
  },
  finish(graph) {
    const { names, channels } = heard.get(graph) ?? { names: [], channels: 0 };
    graph.node('Concat', names, LOUDNESS_OUTPUT, { attributes: { axis: { int: 0 } } });
    graph.output(LOUDNESS_OUTPUT, 'float32', [channels]);
  },
});

/** What such a graph gave, by the layer. @throws RangeError where it is of another model */
export function loudnessByLayer(config: LlamaConfig, loudness: Float32Array): LayerLoudness[] {
  const widths = [config.dim, queryDim(config), config.dim, config.hidden];
  const all = widths.reduce((sum, width) => sum + width, 0);
  if (loudness.length !== config.layers * all) throw new RangeError(`${loudness.length} channels were heard of ${config.layers * all}`);
  let at = 0;
  const next = (width: number): Float32Array => {
    at += width;
    return loudness.subarray(at - width, at);
  };
  return Array.from({ length: config.layers }, () => ({
    qkv: next(config.dim),
    attentionOutput: next(queryDim(config)),
    gateUp: next(config.dim),
    down: next(config.hidden),
  }));
}
