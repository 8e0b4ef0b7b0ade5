import { SillError } from '../core/errors.ts';
import { logSumExp } from '../core/logprobs.ts';
import { prefillBlocks } from '../core/prefill.ts';
import type { ReadAs, ScoreResult } from '../ports/runtime.ts';
import type { ReadScores } from './causalModel.ts';
import { stepping } from './steps.ts';
import { promptIds } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';

/** Scores that are worked out in one call: 64 MiB of them, which are more than 60 tokens of any vocabulary. */
const SCORES_A_CALL = 16 * 1024 * 1024;

/**
 * Mean negative log-likelihood of a text under a model. One token a call, as decoding reads, or in the blocks of a prefill: a pass over many quantises their
 * activations together (dynamic int8). Where that is not so as many are read at once as there is room for: blocks of 8 bits, which the processor unpacks
 * anew for each call, take a model of a billion weights 100 seconds of a core for forty calls, and a tenth of that for one.
 * @param as absent for an answer, read token by token
 * @throws SillError `empty_input` | `context_length_exceeded` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function scoreText(text: TextModel, words: string, signal: AbortSignal, as?: ReadAs): Promise<ScoreResult> {
  const { model, breathe, turns } = text;
  const ids = as ? text.tokenizer.encode(words).slice(0, text.contextLength) : promptIds(text, { kind: 'text', text: words });
  if (ids.length < 2) throw new SillError('empty_input', 'The text is too short to score: it takes two tokens at least.');
  const sequence = model.start();
  const top: number[] = [];
  let sum = 0;
  let loudest: Float32Array<ArrayBuffer> | undefined;
  try {
    const scored = ids.slice(0, -1);
    const many = Math.max(1, Math.floor(SCORES_A_CALL / model.vocabularySize));
    const asPrompt = as && { ...text.cuts, ...(as.sinkTokens ? { sinkTokens: new Set(as.sinkTokens) } : {}) };
    const blocks = !sequence.forwardEach
      ? piecesOf(scored, 1)
      : !model.quantisesTogether
        ? piecesOf(scored, many)
        : asPrompt
          ? prefillBlocks(scored, asPrompt)
          : piecesOf(scored, 1);
    let next = 0;
    for (const block of blocks) {
      const at = next;
      next += block.length;
      const read: ReadScores = (scores, from, loudness) => {
        loudest = loudness && (loudest?.map((each, i) => Math.max(each, loudness[i] ?? 0)) ?? loudness.slice());
        for (let i = 0; i < scores.length / model.vocabularySize; i++) {
          const logits = scores.subarray(i * model.vocabularySize, (i + 1) * model.vocabularySize);
          // Scores that are no numbers give NaN, which no threshold lets through.
          sum += logSumExp(logits) - (logits[ids[at + from + i + 1] ?? 0] ?? Number.NaN);
          top.push(likeliestOf(logits));
        }
      };
      await breathe();
      signal.throwIfAborted();
      await turns.take(() =>
        stepping('scoring a text', async () => {
          if (sequence.forwardEach) await sequence.forwardEach(block, read);
          else read(await sequence.forward(block), 0);
        }),
      );
    }
  } finally {
    sequence.release();
  }
  const loudness = loudest ? { loudness: loudest } : {};
  return { nll: sum / (ids.length - 1), tokens: ids.length - 1, bytes: foretoldBytes(text, words, ids[0] ?? 0), top, ...loudness };
}

const piecesOf = (ids: readonly number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size));

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
