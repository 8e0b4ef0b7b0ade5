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

/** Places where another token is chosen although the reference's lead, in logits, is not below `margin`. */
export async function unexpectedChoices(
  llama: OrtLlama,
  cuts: PromptCuts,
  example: (typeof golden.cases)[number],
  margin: number,
): Promise<number[]> {
  const unexpected: number[] = [];
  let step = await readInBlocks(llama, cuts, example.prompt_ids, 'last');
  for (const [i, wanted] of example.greedy_ids.entries()) {
    // Along the golden path, so that one close choice does not hide those after it.
    if (argmax(lastOf(step.logits)) !== wanted && !((example.top1_margin[i] ?? Number.NaN) < margin)) unexpected.push(i);
    step = await llama.run([wanted], step.past);
  }
  return unexpected;
}
