import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExternalData } from '../../src/forge/externalData.ts';
import type { LlamaConfig, LlamaWeights } from '../../src/forge/llama.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { fp32, int8, q4, type WeightFormat } from '../../src/forge/weightFormats.ts';

/** As transformers.js finds them. */
export const GRAPH_NAMES = { fp32: 'model.onnx', int8: 'model_int8.onnx', q4: 'model_q4.onnx' } as const;
export type GraphDtype = keyof typeof GRAPH_NAMES;

const FORMATS: Readonly<Record<GraphDtype, WeightFormat>> = { fp32, int8, q4 };

export type WrittenWeights = Pick<ExternalData, 'sizeBytes' | 'largestBytes' | 'errors'>;

/** Writes a decoder's graph and its weights into a folder that is there, one tensor at a time. */
export async function writeGraph(
  folder: string,
  dtype: GraphDtype,
  model: { readonly config: LlamaConfig; readonly weights: LlamaWeights },
): Promise<WrittenWeights> {
  const name = GRAPH_NAMES[dtype];
  const weights = openSync(join(folder, `${name}_data`), 'w');
  try {
    const data = new ExternalData(`${name}_data`, (bytes) => writeAll(weights, bytes));
    await writeFile(join(folder, name), buildLlama(model.config, model.weights, FORMATS[dtype], data));
    return data;
  } finally {
    closeSync(weights);
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}
