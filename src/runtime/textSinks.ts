import { measureHarm, type SinkQuestion, sinkSearchIn, type TokenHarm } from '../core/sinkSearch.ts';
import { stepping } from './steps.ts';
import type { TextModel } from './textModel.ts';

/**
 * How much tokens harm those that are evaluated in one call with them, over a text.
 * @returns undefined where the model has no room for the text
 * @throws SillError `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function measureSinks(
  { model, tokenizer, breathe, turns, contextLength }: TextModel,
  text: string,
  question: SinkQuestion,
  signal: AbortSignal,
): Promise<TokenHarm[] | undefined> {
  const search = sinkSearchIn(tokenizer.encode(text), question, contextLength);
  if (!search) return undefined;
  const evaluate = async (blocks: ReadonlyArray<readonly number[]>): Promise<Float32Array> => {
    await breathe();
    signal.throwIfAborted();
    return turns.take(async () => {
      const sequence = model.start();
      try {
        let scores: Float32Array = new Float32Array();
        for (const block of blocks) scores = await stepping('measuring tokens', () => sequence.forward(block));
        return scores.slice();
      } finally {
        sequence.release();
      }
    });
  };
  return measureHarm(evaluate, { ...search, signal });
}
