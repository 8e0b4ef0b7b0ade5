import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOUDNESS_OUTPUT } from '../../src/core/making.ts';
import type { LayerLoudness } from '../../src/forge/evenedChannels.ts';
import { listening, loudnessByLayer } from '../../src/forge/listening.ts';
import { headDim, type LlamaConfig, type LlamaWeights } from '../../src/forge/llama.ts';
import { fp32 } from '../../src/forge/weightFormats.ts';
import { OrtLlama } from '../evaluate/ortLlama.ts';
import { writeFormat } from '../import/writeGraph.ts';

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
    await writeFormat(folder, 'model.onnx', listening(fp32), model);
    const { config } = model;
    const llama = await OrtLlama.load(join(folder, 'model.onnx'), { heads: config.kvHeads, headDim: headDim(config) });
    // All positions are scored: what lies behind the last attention is worked out for those alone.
    const heard = (await llama.run(ids, undefined, 0)).past.tensors[LOUDNESS_OUTPUT]?.data;
    if (!(heard instanceof Float32Array)) throw new Error('the graph did not listen');
    return loudnessByLayer(config, heard);
  } finally {
    await rm(folder, { recursive: true });
  }
}
