import { describe, expect, it } from 'vitest';
import type { GeneratedPiece, GenerateRequest, GenerateResult } from '../../ports/generation.ts';
import { PROMPT_READING } from '../testing/promptReading.ts';
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
const END: GenerateResult = {
  ...{ text: ' upon a time', tokenIds: [1, 2, 3], promptTokens: 2, completionTokens: 3, finishReason: 'stop' },
  ...{ ttftMs: 1, prefillMs: 1, decodeMs: 1 },
};
const lost = new Error('the worker died');

/** Gives these pieces, then dies or ends. */
function scripted(pieces: readonly GeneratedPiece[], end: GenerateResult | Error) {
  const requests: GenerateRequest[] = [];
  const model = {
    requests,
    signal: undefined as AbortSignal | undefined,
    generate: async (
      request: GenerateRequest,
      { onPiece, signal }: { onPiece?: (piece: GeneratedPiece) => void | Promise<void>; signal?: AbortSignal },
    ) => {
      requests.push(request);
      model.signal = signal;
      for (const piece of pieces) await onPiece?.(piece);
      if (end instanceof Error) throw end;
      return end;
    },
  };
  return model;
}

async function run(
  first: ReturnType<typeof scripted>,
  second: ReturnType<typeof scripted>,
  change: Partial<GenerateRequest> = {},
  reads = true,
) {
  const read: string[] = [];
  const generation = createResumable({ ...REQUEST, ...change }, reads ? async ({ text }) => void read.push(text) : undefined, clock);
  await expect(generation(first, never, PROMPT_READING)).rejects.toBe(lost);
  const answer = await generation(second, never, PROMPT_READING);
  return { read: read.join('|'), answer, request: second.requests[0] };
}

describe('an answer whose worker is lost', () => {
  it('goes on behind what its reader has', async () => {
    const { read, answer, request } = await run(
      scripted(
        [
          { text: ' upon', tokenIds: [1] },
          { text: ' a', tokenIds: [2] },
        ],
        lost,
      ),
      scripted([{ text: ' time', tokenIds: [3] }], END),
    );
    expect(read).toBe(' upon| a| time');
    expect(answer).toMatchObject({ text: ' upon a time', tokenIds: [1, 2, 3] });
    expect(request).toEqual({ ...REQUEST, given: [[1, 2]] });
  });

  it('goes on behind what another engine gave, and what came since', async () => {
    const { request } = await run(scripted([{ text: ' a', tokenIds: [2] }], lost), scripted([], END), { given: [[1]] });
    expect(request?.given).toEqual([[1, 2]]);
  });

  it('goes on with each of several', async () => {
    const { request } = await run(scripted([{ index: 2, text: ' a', tokenIds: [2] }], lost), scripted([], END), { n: 3 });
    expect(request?.given).toEqual([[], [], [2]]);
  });

  it('goes on behind what its reader has, also where that reader was late and lost its turn', async () => {
    const late = new AbortController();
    const generation = createResumable(REQUEST, async () => undefined, clock);
    const first = scripted([{ text: ' upon', tokenIds: [1] }], lost);
    const held = { ...PROMPT_READING, give: async () => late.abort(), late: late.signal };
    await expect(generation(first, never, held)).rejects.toBe(lost);
    expect(first.signal?.aborted).toBe(true);
    const second = scripted([], END);
    await generation(second, never, PROMPT_READING);
    expect(second.requests[0]?.given).toEqual([[1]]);
    expect(second.signal?.aborted).toBe(false);
  });

  it('begins anew, with the same draws, while nothing was given, and without a reader', async () => {
    const fresh = await run(scripted([], lost), scripted([{ text: ' upon', tokenIds: [1] }], END));
    expect([fresh.read, fresh.request]).toEqual([' upon', REQUEST]);
    const unread = await run(scripted([{ text: ' upon', tokenIds: [1] }], lost), scripted([], END), {}, false);
    expect([unread.read, unread.request]).toEqual(['', REQUEST]);
  });
});
