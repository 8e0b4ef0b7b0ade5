import { closeSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExternalData } from '../../src/forge/externalData.ts';
import { parameterCount } from '../../src/forge/llama.ts';
import { type Llama2cModel, readLlama2c } from '../../src/forge/llama2c.ts';
import { readLlama2cTokenizer } from '../../src/forge/llama2cTokenizer.ts';
import { configJson, generationConfigJson, type JsonFile, tokenizerConfigJson, tokenizerJson } from '../../src/forge/llamaFiles.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { fp32, int8, q4, type WeightFormat } from '../../src/forge/weightFormats.ts';
import { filePart } from './filePart.ts';
import { LLAMA2C_CHECKPOINT_BYTES } from './sources.ts';

/** As transformers.js finds them. */
const FILE_NAMES = { fp32: 'model.onnx', int8: 'model_int8.onnx', q4: 'model_q4.onnx' } as const;
const FORMATS: Readonly<Record<keyof typeof FILE_NAMES, WeightFormat>> = { fp32, int8, q4 };
/** What every later revision has to pass on a device before it takes the place of the one that runs there. */
export const SUITE = new URL('./evaluations/stories15m.jsonl', import.meta.url);
/** llama2.c's stories are parted by the beginning token; `</s>` never occurred, but ends a text all the same. */
const EOS_TOKEN_IDS = [1, 2];

/**
 * Writes stories15M as a model folder in Hugging Face layout.
 * @param data `llama2.data`: the checkpoint and, behind it, the tokenizer
 * @returns how many parameters the model has
 */
export async function convertStories(data: string, folder: string, dtypes: ReadonlyArray<keyof typeof FILE_NAMES>): Promise<number> {
  const file = openSync(data, 'r');
  try {
    const model = readLlama2c(filePart(file, 0, LLAMA2C_CHECKPOINT_BYTES));
    const tokenizer = filePart(file, LLAMA2C_CHECKPOINT_BYTES);
    const pieces = readLlama2cTokenizer(tokenizer.read(0, tokenizer.sizeBytes), model.config.vocab);
    await mkdir(join(folder, 'onnx'), { recursive: true });
    const names = dtypes.map((dtype) => FILE_NAMES[dtype]);
    const json = (name: string, content: JsonFile) => writeFile(join(folder, name), `${JSON.stringify(content, undefined, 1)}\n`);
    await json('config.json', configJson(model.config, model.ownClassifier, names));
    await json('generation_config.json', generationConfigJson(EOS_TOKEN_IDS));
    await json('tokenizer.json', tokenizerJson(pieces));
    await json('tokenizer_config.json', tokenizerConfigJson(model.config));
    await copyFile(SUITE, join(folder, 'evaluation.jsonl'));
    for (const dtype of dtypes) await writeGraph(join(folder, 'onnx'), FILE_NAMES[dtype], model, FORMATS[dtype]);
    return parameterCount(model.config, model.ownClassifier);
  } finally {
    closeSync(file);
  }
}

async function writeGraph(folder: string, name: string, model: Llama2cModel, format: WeightFormat): Promise<void> {
  const location = `${name}_data`;
  const weights = openSync(join(folder, location), 'w');
  try {
    const data = new ExternalData(location, (bytes) => writeAll(weights, bytes));
    await writeFile(join(folder, name), buildLlama(model.config, model.weights, format, data));
  } finally {
    closeSync(weights);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}
