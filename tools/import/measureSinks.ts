import { type Evaluate, measureHarm, type SinkQuestion, sinkSearchIn, sinksOf } from '../../src/core/sinkSearch.ts';
import { lastOf, type OrtLlama, type Step } from '../evaluate/ortLlama.ts';

/**
 * Around which tokens an 8-bit form is to be cut: those that harm what they share a call with, the beginning, and the ends of turns.
 * @param ids of the text that it is tried on
 * @returns undefined where the model has no room for it
 */
export async function measureSinks(
  llama: OrtLlama,
  ids: readonly number[],
  question: SinkQuestion,
  contextLength: number,
  signal?: AbortSignal,
): Promise<number[] | undefined> {
  const search = sinkSearchIn(ids, question, contextLength);
  return search && sinksOf(await measureHarm(evaluator(llama), { ...search, ...(signal ? { signal } : {}) }), question);
}

const evaluator =
  (llama: OrtLlama): Evaluate =>
  async (blocks) => {
    let step: Step | undefined;
    for (const block of blocks) step = await llama.run(block, step?.past);
    return lastOf(step?.logits ?? []);
  };
