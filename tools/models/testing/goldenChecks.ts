import type { Manifest } from '../../../src/core/manifest.ts';
import { type PromptCuts, prefillBlocks } from '../../../src/core/prefill.ts';
import { argmax, EMPTY, lastOf, logProbability, type OrtLlama, type Past, type Step } from '../../evaluate/ortLlama.ts';
import type { golden } from './golden.ts';

/** Of the 8-bit form, or of another one, which is not cut at sink tokens. */
export const cutsOf = ({ sinkTokens, generation }: Manifest, isInt8 = true): PromptCuts => ({
  sinkTokens: new Set(isInt8 ? sinkTokens : []),
  turnEnds: new Set(generation?.eosTokenIds),
  lead: [],
});

/** Reads a text in the blocks in which the app reads a prompt, and scores the last position of each block, as the app does, or all. */
export async function readInBlocks(llama: OrtLlama, cuts: PromptCuts, ids: readonly number[], keep: 'last' | 'all'): Promise<Step> {
  const logits: Float32Array[] = [];
  let past: Past = EMPTY;
  for (const block of prefillBlocks(ids, cuts)) {
    const step = await llama.run(block, past, keep === 'all' ? 0 : 1);
    logits.push(...step.logits);
    past = step.past;
  }
  return { logits, past };
}

/** In nats a token, over all tokens but the first. */
export async function meanNll(llama: OrtLlama, cuts: PromptCuts, ids: readonly number[]): Promise<number> {
  const { logits } = await readInBlocks(llama, cuts, ids.slice(0, -1), 'all');
  const sum = logits.reduce((nll, scores, i) => nll - logProbability(scores, ids[i + 1] ?? Number.NaN), 0);
  return sum / logits.length;
}

/** As the app writes it, a call for each token; or in one call, in a tenth of the time: for forms whose scores do not depend on what else is in it, not int8. */
export type GoldenRun = 'stepwise' | 'at once';

/** Places where another token is chosen although the reference's lead, in logits, is not below `margin`. */
export async function unexpectedChoices(
  llama: OrtLlama,
  cuts: PromptCuts,
  example: (typeof golden.cases)[number],
  margin: number,
  run: GoldenRun,
): Promise<number[]> {
  const scores = run === 'stepwise' ? stepwise(llama, cuts, example) : await atOnce(llama, cuts, example);
  const unexpected: number[] = [];
  let i = 0;
  for await (const row of scores) {
    if (argmax(row) !== example.greedy_ids[i] && !((example.top1_margin[i] ?? Number.NaN) < margin)) unexpected.push(i);
    i += 1;
  }
  if (i !== example.greedy_ids.length) throw new Error(`${i} choices were seen of ${example.greedy_ids.length}`);
  return unexpected;
}

/** Along the golden path, so that one close choice does not hide those after it. */
async function* stepwise(llama: OrtLlama, cuts: PromptCuts, example: (typeof golden.cases)[number]): AsyncGenerator<Float32Array> {
  let step = await readInBlocks(llama, cuts, example.prompt_ids, 'last');
  for (const wanted of example.greedy_ids) {
    yield lastOf(step.logits);
    step = await llama.run([wanted], step.past);
  }
}

async function atOnce(llama: OrtLlama, cuts: PromptCuts, example: (typeof golden.cases)[number]): Promise<Float32Array[]> {
  const ids = [...example.prompt_ids, ...example.greedy_ids.slice(0, -1)];
  const { logits } = await readInBlocks(llama, cuts, ids, 'all');
  return logits.slice(example.prompt_ids.length - 1);
}
