import { beforeEach, describe, expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import type { Generated, Inference, TaskInference } from '../inference/inference.ts';
import type { Place } from '../sessions/lines.ts';
import { type About, createRequests, type Requests } from './requests.ts';

const MODEL = parseModelId('tiny');
const ABOUT: About = { kind: 'chat', model: 'tiny', by: { kind: 'tab' } };
const RESULT = { completionTokens: 5, requestTtftMs: 120, decodeMs: 400 } as unknown as Generated;
const options = { input: { kind: 'text', text: 'x' } } as const;
const never = new AbortController().signal;
const refuse = () => Promise.reject(new Error('not part of this test'));

let nowMs = 0;
let numbers = 0;
let place: Place | undefined;
let requests: Requests;

/** Writes so many tokens with each piece, 100 ms apart. */
const writing = (pieces: readonly number[]): Inference & TaskInference => ({
  async generate(_id, _options, { onPiece }) {
    for (const count of pieces) {
      nowMs += 100;
      await onPiece?.({ text: 'x', tokenIds: Array.from({ length: count }, () => 1) });
    }
    return RESULT;
  },
  ...{ embed: refuse, transcribe: refuse, run: refuse, taskOf: refuse },
});

describe('requests under way', () => {
  beforeEach(() => {
    [nowMs, numbers, place] = [0, 0, undefined];
    const clock = { now: () => 1000 + nowMs, monotonicMs: () => nowMs };
    requests = createRequests({ clock, random: { uuid: () => `r${++numbers}` }, placeOf: () => place });
  });

  it('are told with who asks, their place in line, and what was written so far', async () => {
    place = { before: 2 };
    const seen: unknown[] = [];
    await requests.during(ABOUT, never, async (signal) => {
      seen.push(requests.list());
      place = {};
      const onPiece = async (): Promise<void> => void seen.push(requests.list()[0]);
      await requests.watched(writing([1, 2, 2])).generate(MODEL, options, { signal, onPiece });
    });
    expect(seen[0]).toEqual([{ id: 'r1', ...ABOUT, startedAtMs: 1000, tookMs: 0, state: 'waiting', before: 2 }]);
    expect(seen[1]).toMatchObject({ state: 'running', tokens: 1, ttftMs: 100 });
    expect(seen[1]).not.toHaveProperty('tokensPerSecond');
    // Four tokens after the first, in 200 ms.
    expect(seen[3]).toMatchObject({ state: 'running', tokens: 5, ttftMs: 100, tokensPerSecond: 20 });
    expect(requests.list()).toMatchObject([{ id: 'r1', state: 'done', tookMs: 300, tokens: 5, tokensPerSecond: 10 }]);
  });

  it('of an answer that travels whole are told no tokens before it ends', async () => {
    await requests.during(ABOUT, never, async (signal) => {
      await requests.watched(writing([1, 2])).generate(MODEL, options, { signal });
    });
    expect(requests.list()).toMatchObject([{ tokens: 5, ttftMs: 120, tokensPerSecond: 10 }]);
  });

  it('are cancelled, by whoever looks after the device as by whoever asked', async () => {
    const left = new AbortController();
    const waits = (signal: AbortSignal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const one = requests.during(ABOUT, never, waits);
    const other = requests.during(ABOUT, left.signal, waits);
    expect(requests.cancel('r1')).toBe(true);
    left.abort();
    await expect(one).rejects.toMatchObject({ code: 'aborted' });
    await expect(other).rejects.toThrow();
    expect(requests.list().map(({ id, state }) => [id, state])).toEqual([
      ['r2', 'cancelled'],
      ['r1', 'cancelled'],
    ]);
    expect(requests.cancel('r1')).toBe(false);
  });

  it('are remembered when they have failed, up to a number', async () => {
    for (let i = 0; i < 60; i++) {
      const failing = requests.during(ABOUT, never, () => Promise.reject(new SillError('busy', 'No.')));
      await expect(failing).rejects.toMatchObject({ code: 'busy' });
    }
    expect(requests.list()).toHaveLength(50);
    expect(requests.list()[0]).toMatchObject({ id: 'r60', state: 'failed' });
  });
});
