import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { type Evaluate, measureHarm, sinksAmong } from '../../src/core/sinkSearch.ts';
import { endIds, sinkCandidates } from '../../src/forge/gguf/ggufFiles.ts';
import type { GgufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import { headDim, type LlamaConfig } from '../../src/forge/llama.ts';
import { lastOf, OrtLlama, type Step } from '../evaluate/ortLlama.ts';
import { GRAPH_NAMES } from './writeGraph.ts';

/** Tokens on either side of the one that is tried. */
const PROBE_TOKENS = 8;
const PROBES = 2;
/** Of the text's own tokens those that it has most of: commas and articles are loud in some models. */
const FREQUENT = 16;

const file = v.record(v.string(), v.unknown());

/**
 * Around which tokens the 8-bit form in a folder is to be cut: those that harm what they share a call with, the beginning, and the ends of turns.
 * @returns undefined where the model has no room for the text that it is tried on
 */
export async function measureSinks(
  folder: string,
  vocabulary: GgufVocabulary,
  config: LlamaConfig,
  signal?: AbortSignal,
): Promise<number[] | undefined> {
  const [rules, settings] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(file, JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  const ids = new Tokenizer(rules ?? {}, settings ?? {}).encode(IMPORT_TEXT, { add_special_tokens: false }).ids;
  if (config.context < 2 * PROBE_TOKENS + 2 || ids.length < 2 * PROBE_TOKENS * PROBES) return undefined;
  const probes = Array.from({ length: PROBES }, (_, i) => {
    const from = 2 * PROBE_TOKENS * i;
    return { before: ids.slice(from, from + PROBE_TOKENS), after: ids.slice(from + PROBE_TOKENS, from + 2 * PROBE_TOKENS) };
  });
  const evaluate = evaluator(
    await OrtLlama.load(join(folder, 'onnx', GRAPH_NAMES.int8), { heads: config.kvHeads, headDim: headDim(config) }),
  );
  const harms = await measureHarm(evaluate, {
    candidates: [...new Set([...sinkCandidates(vocabulary), ...mostFrequent(ids)])],
    probes,
    begin: vocabulary.bos,
    ...(signal ? { signal } : {}),
  });
  // The beginning is in every prompt, and its harm over two probes wavers around the bound (stories15M: above it from F16, below from Q8_0).
  const always = [...(vocabulary.bos === undefined ? [] : [vocabulary.bos]), ...endIds(vocabulary)];
  return [...new Set([...sinksAmong(harms), ...always])].sort((a, b) => a - b);
}

function mostFrequent(ids: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FREQUENT)
    .map(([id]) => id);
}

const evaluator =
  (llama: OrtLlama): Evaluate =>
  async (blocks) => {
    let step: Step | undefined;
    for (const block of blocks) step = await llama.run(block, step?.past);
    return lastOf(step?.logits ?? []);
  };
