import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExternalData } from '../../src/forge/externalData.ts';
import type { LlamaConfig, LlamaWeights } from '../../src/forge/llama.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { formatOf, GRAPH_NAMES as TRANSCODED } from '../../src/forge/transcode/forms.ts';
import { fp32 } from '../../src/forge/weightFormats.ts';

/** As transformers.js finds them. */
export const GRAPH_NAMES = { fp32: 'model.onnx', ...TRANSCODED } as const;
export type GraphDtype = keyof typeof GRAPH_NAMES;

export type WrittenWeights = Pick<ExternalData, 'sizeBytes' | 'largestBytes' | 'errors'>;

/**
 * Writes a decoder's graph and its weights into a folder that is there, some rows at a time.
 * @param wider names of the matrices that are kept in a higher form
 */
export async function writeGraph(
  folder: string,
  dtype: GraphDtype,
  model: { readonly config: LlamaConfig; readonly weights: LlamaWeights },
  wider: readonly string[] = [],
): Promise<WrittenWeights> {
  const name = GRAPH_NAMES[dtype];
  const weights = openSync(join(folder, `${name}_data`), 'w');
  try {
    const data = new ExternalData(`${name}_data`, (bytes) => writeAll(weights, bytes));
    await writeFile(join(folder, name), buildLlama(model.config, model.weights, dtype === 'fp32' ? fp32 : formatOf(dtype, wider), data));
    return data;
  } finally {
    closeSync(weights);
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}
