import { describe, expect, it } from 'vitest';
import { BEGIN, createToy, END } from './testing/toyModel.ts';
import { timeText } from './textTiming.ts';

const never = new AbortController().signal;
const SINK = 3;

describe('timing a text model', () => {
  it('evaluates a prompt in the pieces of a prefill, after the depth that is asked for and is not timed', async () => {
    const toy = createToy({ contextLength: 512 });
    const { stepMs, promptTokens } = await timeText(toy, { kind: 'pp', tokens: 200, depth: 100, seed: 1 }, never);
    expect(toy.calls.map((ids) => ids.length)).toEqual([100, 128, 72]);
    expect(stepMs).toHaveLength(2);
    expect(promptTokens).toBe(200);
    expect(toy.open).toBe(0);
  });

  it('times each written token by itself', async () => {
    const toy = createToy();
    const { stepMs } = await timeText(toy, { kind: 'tg', tokens: 5, depth: 10, seed: 1 }, never);
    expect(toy.calls.map((ids) => ids.length)).toEqual([10, 1, 1, 1, 1, 1]);
    expect(stepMs).toHaveLength(5);
  });

  it('begins as the model begins a text, and draws neither what ends an answer nor what cuts a prefill', async () => {
    const toy = createToy({ sinkTokens: [SINK], contextLength: 512 });
    await timeText(toy, { kind: 'pp', tokens: 300, depth: 0, seed: 7 }, never);
    const ids = toy.calls.flat();
    expect(ids[0]).toBe(BEGIN);
    expect(ids).not.toContain(END);
    expect(ids).not.toContain(SINK);
  });

  it('computes the same for the same seed', async () => {
    const [one, two, three] = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const toy = createToy();
        await timeText(toy, { kind: 'pp', tokens: 40, depth: 0, seed }, never);
        return toy.calls;
      }),
    );
    expect(one).toEqual(two);
    expect(one).not.toEqual(three);
  });

  it('takes nothing from the cache of beginnings, and leaves nothing there', async () => {
    const toy = createToy();
    for (let run = 0; run < 2; run++) await timeText(toy, { kind: 'request', promptTokens: 20, tokens: 3, seed: 1 }, never);
    expect(toy.prefixes.sizeBytes).toBe(0);
    expect(toy.calls[0]).toEqual(toy.calls[toy.calls.length / 2]);
  });

  it('goes from a text to all tokens of its answer, also where an end token would end it', async () => {
    const toy = createToy({ endsAtZ: true });
    const { ttftMs, stepMs, promptTokens } = await timeText(toy, { kind: 'request', promptTokens: 20, tokens: 30, seed: 1 }, never);
    expect(ttftMs).toBeGreaterThan(0);
    expect(stepMs).toHaveLength(29);
    expect(promptTokens).toBeGreaterThan(15);
    expect(promptTokens).toBeLessThanOrEqual(20);
    expect(toy.open).toBe(0);
  });

  it('can be cancelled between two steps, and leaves no cache behind', async () => {
    const abort = new AbortController();
    let steps = 0;
    const toy = createToy({
      beforeStep: async () => {
        steps += 1;
        if (steps === 3) abort.abort();
      },
    });
    await expect(timeText(toy, { kind: 'tg', tokens: 20, depth: 0, seed: 1 }, abort.signal)).rejects.toThrow();
    expect(steps).toBe(3);
    expect(toy.open).toBe(0);
  });

  it('is refused where the context cannot hold it', async () => {
    const toy = createToy();
    await expect(timeText(toy, { kind: 'pp', tokens: 60, depth: 10, seed: 1 }, never)).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    expect(toy.calls).toEqual([]);
  });
});
