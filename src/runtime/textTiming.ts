import { SillError } from '../core/errors.ts';
import { prefillBlocks } from '../core/prefill.ts';
import { createRandom } from '../core/random.ts';
import type { Timed, TimedWork } from '../ports/runtime.ts';
import { createAnswer } from './answer.ts';
import type { Sequence } from './causalModel.ts';
import { prefill } from './prefill.ts';
import { stepping } from './steps.ts';
import type { TextModel } from './textModel.ts';

/**
 * Times a text model as llama-bench (pp, tg) and vLLM's serving benchmark (TTFT, ITL) do. The clock runs around the calls of the graph, and in
 * a request around all that comes between a text and its answer; pauses in which an abort may arrive are not counted in pp and tg.
 * @throws SillError `context_length_exceeded` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function timeText(text: TextModel, work: TimedWork, signal: AbortSignal): Promise<Timed> {
  const needed = work.kind === 'request' ? work.promptTokens + work.tokens : work.tokens + work.depth;
  if (needed > text.contextLength) {
    throw new SillError(
      'context_length_exceeded',
      `This test needs ${needed} tokens of context, and the model holds ${text.contextLength}.`,
      {
        details: { promptTokens: needed, contextLength: text.contextLength },
      },
    );
  }
  if (work.kind === 'request') return timeRequest(text, work, signal);
  const random = createRandom(work.seed);
  const sequence = text.model.start();
  try {
    const before = tokens(text, work.depth, random, true);
    for (const block of prefillBlocks(before, text.cuts)) await step(text, sequence, block, signal);
    const ids = tokens(text, work.tokens, random, work.depth === 0);
    const blocks = work.kind === 'pp' ? prefillBlocks(ids, text.cuts) : ids.map((id) => [id]);
    const stepMs: number[] = [];
    for (const block of blocks) stepMs.push(await step(text, sequence, block, signal));
    return { stepMs, promptTokens: work.kind === 'pp' ? work.tokens : work.depth };
  } finally {
    sequence.release();
  }
}

/** Milliseconds of one call of the graph. */
async function step({ turns, breathe }: TextModel, sequence: Sequence, ids: readonly number[], signal: AbortSignal): Promise<number> {
  await breathe();
  signal.throwIfAborted();
  return turns.take(async () => {
    const startMs = performance.now();
    await stepping('measuring', () => sequence.forward(ids));
    return performance.now() - startMs;
  });
}

/** Random ones as in llama-bench, but for those after which a prefill is cut or an answer ends; at the beginning the model's own first one. */
function tokens(text: TextModel, count: number, random: () => number, atBeginning: boolean): number[] {
  const {
    model,
    eosTokenIds,
    cuts: { sinkTokens },
    tokenizer,
  } = text;
  const own = atBeginning ? tokenizer.encode('').slice(0, 1) : [];
  const ids = own.slice(0, count);
  while (ids.length < count) {
    const id = Math.floor(random() * model.vocabularySize);
    if (!eosTokenIds.has(id) && !sinkTokens.has(id)) ids.push(id);
  }
  return ids;
}

async function timeRequest(
  text: TextModel,
  { promptTokens, tokens: limit, seed }: Extract<TimedWork, { kind: 'request' }>,
  signal: AbortSignal,
): Promise<Timed> {
  const { model, tokenizer, turns, breathe } = text;
  const words = promptOf(text, promptTokens);
  const startMs = performance.now();
  const prompt = tokenizer.encode(words);
  const answer = createAnswer(
    { input: { kind: 'text', text: words }, temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, seed, stop: [] },
    // Nothing ends it but its length, as with vLLM's ignore_eos.
    { tokenizer, vocabularySize: model.vocabularySize, eosTokenIds: new Set(), prompt, limit },
  );
  const { sequence, logits } = await prefill(text, prompt, { signal });
  try {
    let last = answer.take(logits.slice());
    answer.piece();
    let lastMs = performance.now();
    const ttftMs = lastMs - startMs;
    const stepMs: number[] = [];
    while (answer.finishReason === undefined) {
      await breathe();
      signal.throwIfAborted();
      await turns.take(async () => {
        const scores = await stepping('measuring', () => sequence.forward([last]));
        last = answer.take(scores);
      });
      answer.piece();
      const nowMs = performance.now();
      stepMs.push(nowMs - lastMs);
      lastMs = nowMs;
    }
    return { stepMs, ttftMs, promptTokens: prompt.length };
  } finally {
    sequence.release();
    answer.close();
  }
}

/** What every tokenizer of a language that is written with Latin letters cuts into words, and others into more. */
const WORDS =
  'The old man went down to the sea with his boat and a small red lamp and looked at the dark water for a long time before he spoke again'.split(
    ' ',
  );

/** Plain words that come to so many tokens, or as few less as there are in one word. */
function promptOf({ tokenizer }: TextModel, count: number): string {
  const text = (words: number) => Array.from({ length: words }, (_, i) => WORDS[i % WORDS.length]).join(' ');
  let [low, high] = [1, count];
  // As many words as there are tokens are too many: nearly every word is one token at least.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokenizer.encode(text(middle)).length <= count) low = middle;
    else high = middle - 1;
  }
  return text(low);
}
