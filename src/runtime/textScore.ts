import { SillError } from '../core/errors.ts';
import { logSumExp } from '../core/logprobs.ts';
import type { ScoreResult } from '../ports/runtime.ts';
import { guarded } from './failures.ts';
import { promptIds } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';

/**
 * Mean negative log-likelihood of a text under a model. One token a call: a pass over many would quantise their activations together
 * (dynamic int8) and would need the scores of every position at once.
 * @throws SillError `empty_input` | `context_length_exceeded` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function scoreText(text: TextModel, words: string, signal: AbortSignal): Promise<ScoreResult> {
  const { model, breathe, turns } = text;
  const ids = promptIds(text, { kind: 'text', text: words });
  if (ids.length < 2) throw new SillError('empty_input', 'The text is too short to score: it takes two tokens at least.');
  const sequence = model.start();
  const top: number[] = [];
  let sum = 0;
  try {
    for (const [i, id] of ids.slice(0, -1).entries()) {
      await breathe();
      signal.throwIfAborted();
      await turns.take(async () => {
        const logits = await guarded('scoring a text', () => sequence.forward([id]));
        // Scores that are no numbers give NaN, which no threshold lets through.
        sum += logSumExp(logits) - (logits[ids[i + 1] ?? 0] ?? Number.NaN);
        top.push(likeliestOf(logits));
      });
    }
  } finally {
    sequence.release();
  }
  return { nll: sum / (ids.length - 1), tokens: ids.length - 1, bytes: foretoldBytes(text, words, ids[0] ?? 0), top };
}

/** The lower id of equals, as greedy decoding takes it. */
function likeliestOf(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if ((logits[id] ?? Number.NaN) > (logits[best] ?? Number.NaN)) best = id;
  return best;
}

/** All of a text where a token that stands for nothing begins it; else without its first token, which nobody foretold. */
function foretoldBytes({ tokenizer }: TextModel, words: string, first: number): number {
  const bytes = new TextEncoder().encode(words);
  const own = tokenizer.token(first).bytes;
  const isOfText = own.length > 0 && own.every((byte, i) => byte === bytes[i]);
  return bytes.length - (isOfText ? own.length : 0);
}
