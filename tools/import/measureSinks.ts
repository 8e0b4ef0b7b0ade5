import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { type Evaluate, measureHarm, type SinkQuestion, sinkSearchIn, sinksOf } from '../../src/core/sinkSearch.ts';
import { headDim, type LlamaConfig } from '../../src/forge/llama.ts';
import { lastOf, OrtLlama, type Step } from '../evaluate/ortLlama.ts';
import { GRAPH_NAMES } from './writeGraph.ts';

const file = v.record(v.string(), v.unknown());

/**
 * Around which tokens the 8-bit form in a folder is to be cut: those that harm what they share a call with, the beginning, and the ends of turns.
 * @returns undefined where the model has no room for the text that it is tried on
 */
export async function measureSinks(
  folder: string,
  question: SinkQuestion,
  config: LlamaConfig,
  signal?: AbortSignal,
): Promise<number[] | undefined> {
  const [rules, settings] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(file, JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  const { ids } = new Tokenizer(rules ?? {}, settings ?? {}).encode(IMPORT_TEXT, { add_special_tokens: false });
  const search = sinkSearchIn(ids, question, config.context);
  if (!search) return undefined;
  const evaluate = evaluator(
    await OrtLlama.load(join(folder, 'onnx', GRAPH_NAMES.int8), { heads: config.kvHeads, headDim: headDim(config) }),
  );
  return sinksOf(await measureHarm(evaluate, { ...search, ...(signal ? { signal } : {}) }), question);
}

const evaluator =
  (llama: OrtLlama): Evaluate =>
  async (blocks) => {
    let step: Step | undefined;
    for (const block of blocks) step = await llama.run(block, step?.past);
    return lastOf(step?.logits ?? []);
  };
