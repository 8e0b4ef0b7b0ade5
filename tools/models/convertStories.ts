import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { withEvenedChannels } from '../../src/forge/evenedChannels.ts';
import { type LlamaWeights, parameterCount } from '../../src/forge/llama.ts';
import { type Llama2cModel, readLlama2c } from '../../src/forge/llama2c.ts';
import { readLlama2cTokenizer } from '../../src/forge/llama2cTokenizer.ts';
import { configJson, generationConfigJson, tokenizerConfigJson, tokenizerJson } from '../../src/forge/llamaFiles.ts';
import type { JsonFile } from '../../src/forge/tokenizerFiles.ts';
import { GRAPH_NAMES, type GraphDtype, writeGraph } from '../import/writeGraph.ts';
import { channelLoudness } from './channelLoudness.ts';
import { filePart } from './filePart.ts';
import { LLAMA2C_CHECKPOINT_BYTES } from './sources.ts';

/** What every later revision has to pass on a device before it takes the place of the one that runs there. */
export const SUITE = new URL('./evaluations/stories15m.jsonl', import.meta.url);
/** llama2.c's stories are parted by the beginning token; `</s>` never occurred, but ends a text all the same. */
const EOS_TOKEN_IDS = [1, 2];

const rules = v.record(v.string(), v.unknown());

/**
 * Writes stories15M as a model folder in Hugging Face layout.
 * @param data `llama2.data`: the checkpoint and, behind it, the tokenizer
 * @returns how many parameters the model has
 */
export async function convertStories(data: string, folder: string, dtypes: readonly GraphDtype[]): Promise<number> {
  const file = openSync(data, 'r');
  try {
    const model = readLlama2c(filePart(file, 0, LLAMA2C_CHECKPOINT_BYTES));
    const tokenizer = filePart(file, LLAMA2C_CHECKPOINT_BYTES);
    const pieces = readLlama2cTokenizer(tokenizer.read(0, tokenizer.sizeBytes), model.config.vocab);
    await mkdir(join(folder, 'onnx'), { recursive: true });
    const names = dtypes.map((dtype) => GRAPH_NAMES[dtype]);
    const json = (name: string, content: JsonFile) => writeFile(join(folder, name), `${JSON.stringify(content, undefined, 1)}\n`);
    await json('config.json', configJson(model.config, model.ownClassifier, names));
    await json('generation_config.json', generationConfigJson(EOS_TOKEN_IDS));
    await json('tokenizer.json', tokenizerJson(pieces));
    await json('tokenizer_config.json', tokenizerConfigJson(model.config));
    await copyFile(SUITE, join(folder, 'evaluation.jsonl'));
    const read = new Tokenizer(v.parse(rules, tokenizerJson(pieces)), v.parse(rules, tokenizerConfigJson(model.config)));
    for (const dtype of dtypes) {
      const weights = dtype === 'int8' ? await evenedWeights(model, read.encode(IMPORT_TEXT).ids) : model.weights;
      await writeGraph(join(folder, 'onnx'), dtype, { config: model.config, weights });
    }
    return parameterCount(model.config, model.ownClassifier);
  } finally {
    closeSync(file);
  }
}

/** What the 8-bit form is made of: its channels as loud as each other, by a text that none of its tests has. */
async function evenedWeights(model: Llama2cModel, ids: readonly number[]): Promise<LlamaWeights> {
  const loudness = await channelLoudness(model, ids);
  return withEvenedChannels(model.config, model.weights, (index) => {
    const layer = loudness[index];
    if (!layer) throw new RangeError(`layer ${index} was not heard`);
    return layer;
  });
}
