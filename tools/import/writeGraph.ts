import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FormRecipe } from '../../src/core/making.ts';
import { withChannelsOf } from '../../src/forge/channelBytes.ts';
import { ExternalData } from '../../src/forge/externalData.ts';
import type { LlamaConfig, LlamaWeights } from '../../src/forge/llama.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { formatOf, GRAPH_NAMES as TRANSCODED } from '../../src/forge/transcode/forms.ts';
import { fp32, type WeightFormat } from '../../src/forge/weightFormats.ts';

/** As transformers.js finds them. */
export const GRAPH_NAMES = { fp32: 'model.onnx', ...TRANSCODED } as const;
export type GraphDtype = keyof typeof GRAPH_NAMES;

interface Model {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
}

export type WrittenWeights = Pick<ExternalData, 'sizeBytes' | 'largestBytes' | 'errors'>;

/** Writes a decoder's graph and its weights into a folder that is there, some rows at a time. */
export const writeGraph = (
  folder: string,
  dtype: GraphDtype,
  { config, weights }: Model,
  { wider, evened, listening }: Omit<FormRecipe, 'dtype'> = {},
): Promise<WrittenWeights> =>
  writeFormat(folder, GRAPH_NAMES[dtype], dtype === 'fp32' ? fp32 : formatOf(dtype, wider, listening), {
    config,
    weights: evened?.length ? withChannelsOf({ config, weights }, evened) : weights,
  });

/** The same in a format of one's own. @param name of the graph's file */
export async function writeFormat(folder: string, name: string, format: WeightFormat, model: Model): Promise<WrittenWeights> {
  const weights = openSync(join(folder, `${name}_data`), 'w');
  try {
    const data = new ExternalData(`${name}_data`, (bytes) => writeAll(weights, bytes));
    await writeFile(join(folder, name), buildLlama(model.config, model.weights, format, data));
    return data;
  } finally {
    closeSync(weights);
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}
