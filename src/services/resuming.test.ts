import { describe, expect, it } from 'vitest';
import type { Continued, GeneratedPiece, GenerateRequest, GenerateResult } from '../ports/runtime.ts';
import { createResumable } from './resuming.ts';

const REQUEST: GenerateRequest = {
  input: { kind: 'text', text: 'Once' },
  maxTokens: 6,
  temperature: 1,
  topP: 1,
  topK: 0,
  repetitionPenalty: 1,
  seed: 7,
  stop: ['END'],
};
const never = new AbortController().signal;
const clock = { now: () => 0, monotonicMs: () => 0 };
const result = (change: Partial<GenerateResult>): GenerateResult => ({
  ...{ text: '', tokenIds: [], promptTokens: 2, completionTokens: 0, finishReason: 'stop', ttftMs: 1, prefillMs: 1, decodeMs: 1 },
  ...change,
});
const lost = new Error('the worker died');

/** Gives these pieces, then dies or ends. */
function scripted(pieces: readonly GeneratedPiece[], end: GenerateResult | Error, continued?: Continued) {
  const requests: GenerateRequest[] = [];
  return {
    requests,
    generate: async (request: GenerateRequest, { onPiece }: { onPiece?: (piece: GeneratedPiece) => void | Promise<void> }) => {
      requests.push(request);
      for (const piece of pieces) await onPiece?.(piece);
      if (end instanceof Error) throw end;
      return end;
    },
    continued: async () => continued ?? Promise.reject(new Error('nothing to continue')),
  };
}

async function run(first: ReturnType<typeof scripted>, second: ReturnType<typeof scripted>, reads = true) {
  const read: string[] = [];
  const generation = createResumable(REQUEST, reads ? async ({ text }) => void read.push(text) : undefined, clock);
  await expect(generation(first, never)).rejects.toBe(lost);
  const answer = await generation(second, never);
  return { read: read.join('|'), answer, request: second.requests[0] };
}

describe('an answer whose worker is lost', () => {
  it('goes on behind what its reader has, and is whole at the end', async () => {
    const { read, answer, request } = await run(
      scripted(
        [
          { text: ' upon', tokenIds: [1] },
          { text: ' a', tokenIds: [2] },
        ],
        lost,
      ),
      scripted([{ text: ' time', tokenIds: [3] }], result({ text: ' time', tokenIds: [3, 0], promptTokens: 4, completionTokens: 2 }), {
        ids: [9, 8, 1, 2],
        tokens: 2,
        text: ' upon a',
      }),
    );
    expect(read).toBe(' upon| a| time');
    expect(answer).toMatchObject({ text: ' upon a time', tokenIds: [1, 2, 3, 0], promptTokens: 2, completionTokens: 4 });
    expect(request).toMatchObject({ input: { kind: 'tokens', ids: [9, 8, 1, 2] }, maxTokens: 4, stop: ['END'], seed: 9 });
  });

  it('does not say a second time what was given of a token in part', async () => {
    const { read, answer } = await run(
      scripted([{ text: 'see th', tokenIds: [1, 2] }], lost),
      scripted(
        [
          { text: 't', tokenIds: [] },
          { text: 'he END', tokenIds: [2] },
        ],
        result({ tokenIds: [2], completionTokens: 1, promptTokens: 3 }),
        { ids: [9, 1], tokens: 1, text: 'see ' },
      ),
    );
    expect(read).toBe('see th||e END');
    expect(answer.text).toBe('see the END');
    expect(answer.tokenIds).toEqual([1, 2]);
  });

  it('begins anew, with the same draws, while nothing was given, and without a reader', async () => {
    const again = result({ text: ' upon', tokenIds: [1], completionTokens: 1 });
    const fresh = await run(scripted([], lost), scripted([{ text: ' upon', tokenIds: [1] }], again));
    expect([fresh.read, fresh.answer, fresh.request]).toEqual([' upon', again, REQUEST]);
    const unread = await run(scripted([{ text: ' upon', tokenIds: [1] }], lost), scripted([], again), false);
    expect([unread.read, unread.answer, unread.request]).toEqual(['', again, REQUEST]);
  });
});
