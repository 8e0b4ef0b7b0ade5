import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askToy, createToy } from './testing/toyModel.ts';
import { GPU_CALLS, PROCESSOR_CALLS, warmUp } from './warmUp.ts';

const PAUSE_MS = 250;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lengths = (calls: ReadonlyArray<readonly number[]>) => calls.map(({ length }) => length);

test('a warm-up makes a call of each length that matters, a pause apart, and leaves nothing behind', async () => {
  const toy = createToy();
  const { ended } = warmUp(toy, GPU_CALLS, PAUSE_MS);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(lengths(toy.calls)).toEqual([24]);
  await vi.advanceTimersByTimeAsync(3 * PAUSE_MS);
  await ended;
  expect(lengths(toy.calls)).toEqual([24, 1, 2, 33]);
  expect([toy.open, toy.prefixes.sizeBytes]).toEqual([0, 0]);
});

test('it tells how long its calls take, but for the first, which waits for what no other does', async () => {
  const toy = createToy();
  const told: number[] = [];
  const { ended } = warmUp({ ...toy, onCall: (tookMs, tokens) => told.push(tokens, tookMs) }, PROCESSOR_CALLS, PAUSE_MS);
  await vi.advanceTimersByTimeAsync(3 * PAUSE_MS);
  await ended;
  expect(told).toEqual([2, expect.any(Number)]);
});

test('whoever asks comes first: it waits until nobody has computed for a pause', async () => {
  const toy = createToy();
  warmUp(toy, GPU_CALLS, PAUSE_MS);
  let end: () => void = () => undefined;
  void toy.turns.take(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(10 * PAUSE_MS);
  expect(toy.calls).toEqual([]);
  end();
  // Short answers, less than a pause apart.
  for (let i = 0; i < 5; i++) {
    await askToy(toy, { kind: 'text', text: 'abc' }, { maxTokens: 1, cachePrompt: false });
    await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  }
  expect(lengths(toy.calls)).toEqual([4, 4, 4, 4, 4]);
  await vi.advanceTimersByTimeAsync(2 * PAUSE_MS);
  expect(lengths(toy.calls).slice(5, 6)).toEqual([24]);
});

test('it is over when it is stopped, and when the model fails', async () => {
  const toy = createToy();
  const { ended, stop } = warmUp(toy, GPU_CALLS, PAUSE_MS);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  stop();
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  await ended;
  expect(lengths(toy.calls)).toEqual([24]);

  const broken = createToy({ beforeStep: async () => Promise.reject(new Error('no memory')) });
  const failing = warmUp(broken, GPU_CALLS, PAUSE_MS);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  await failing.ended;
  expect(broken.open).toBe(0);
});

test('a conversation is put through the template and the tokenizer once, by another template where the model has none', async () => {
  const toy = createToy();
  const templates: Array<string | undefined> = [];
  const tokenizer = {
    chat: (_messages: unknown, template: string | undefined) => {
      templates.push(template);
      if (template === undefined) throw new Error('there is none');
      return [];
    },
  };
  warmUp({ ...toy, tokenizer }, [1, 2], PAUSE_MS);
  await vi.advanceTimersByTimeAsync(2 * PAUSE_MS);
  expect(templates).toEqual([undefined, expect.any(String)]);
  expect(lengths(toy.calls)).toEqual([1, 2]);
});
