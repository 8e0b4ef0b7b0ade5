import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayerLoudness } from '../../src/forge/evenedChannels.ts';
import { headDim, type LlamaConfig, type LlamaWeights } from '../../src/forge/llama.ts';
import { fp32, type WeightFormat } from '../../src/forge/weightFormats.ts';
import { OrtLlama } from '../evaluate/ortLlama.ts';
import { writeFormat } from '../import/writeGraph.ts';

const loudnessName = (product: string): string => `loudness.${product}`;

/** Gives beside its scores what each channel of each product's input reaches at most, `[columns]`. */
const listening: WeightFormat = {
  ...fp32,
  linear(graph, name, input, matrix, role) {
    const sizes = graph.node('Abs', [input], `${name}/sizes`);
    const tokens = graph.constant(`${name}/tokens`, 'int64', [2], [0n, 1n]);
    graph.node('ReduceMax', [sizes, tokens], loudnessName(name), { attributes: { keepdims: { int: 0 } } });
    graph.output(loudnessName(name), 'float32', [matrix.columns]);
    return fp32.linear(graph, name, input, matrix, role);
  },
};

/**
 * How loud each channel of the inputs of a model's products becomes while it reads a text, unquantised.
 * @param ids no more of them than the model has room for
 * @returns by layer
 */
export async function channelLoudness(
  model: { readonly config: LlamaConfig; readonly weights: LlamaWeights },
  ids: readonly number[],
): Promise<LayerLoudness[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-loudness-'));
  try {
    await writeFormat(folder, 'model.onnx', listening, model);
    const { config } = model;
    const llama = await OrtLlama.load(join(folder, 'model.onnx'), { heads: config.kvHeads, headDim: headDim(config) });
    // All positions are scored: what lies behind the last attention is worked out for those alone.
    const { tensors } = (await llama.run(ids, undefined, 0)).past;
    const loudness = (layer: number, product: string): Float32Array => {
      const data = tensors[loudnessName(`model.layers.${layer}.${product}`)]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`${product} of layer ${layer} was not heard`);
      return data;
    };
    return Array.from({ length: config.layers }, (_, layer) => ({
      qkv: loudness(layer, 'self_attn.qkv_proj'),
      attentionOutput: loudness(layer, 'self_attn.o_proj'),
      gateUp: loudness(layer, 'mlp.gate_up_proj'),
      down: loudness(layer, 'mlp.down_proj'),
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
