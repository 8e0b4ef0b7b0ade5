import { describe, expect, it } from 'vitest';
import { createToy } from './testing/toyModel.ts';
import { scoreText } from './textScore.ts';

const never = new AbortController().signal;
/** The toy gives its choice 10 and the 27 other tokens 0. */
const RIGHT = Math.log(Math.exp(10) + 27) - 10;
const WRONG = Math.log(Math.exp(10) + 27);

describe('scoring a text', () => {
  it('gives the mean of what each token cost after those before it', async () => {
    // The beginning is token 27, after which the toy expects the letter of (27 + 1) % 26: c.
    const right = await scoreText(createToy(), 'cde', never);
    expect(right.tokens).toBe(3);
    expect(right.nll).toBeCloseTo(RIGHT, 5);
    const half = await scoreText(createToy(), 'cd'.repeat(2), never);
    expect(half.nll).toBeCloseTo((3 * RIGHT + WRONG) / 4, 5);
  });

  it('tells the likeliest token in each place, and the bytes that were foretold', async () => {
    // Expected are c, then what follows each letter of the text.
    expect(await scoreText(createToy(), 'cdcd', never)).toMatchObject({ top: [2, 3, 4, 3], bytes: 4 });
  });

  it('reads one token a call, and leaves no cache behind', async () => {
    const toy = createToy();
    await scoreText(toy, 'cde', never);
    expect(toy.calls).toEqual([[27], [2], [3]]);
    expect(toy.open).toBe(0);
  });

  it('reads many a call where a model gives the scores of each, and finds the same', async () => {
    const toy = createToy();
    const calls: number[][] = [];
    const start = () => {
      const sequence = toy.model.start();
      const forwardEach: typeof sequence.forwardEach = async (ids, read) => {
        calls.push([...ids]);
        const scores = new Float32Array(ids.length * toy.model.vocabularySize);
        for (const [i, id] of ids.entries()) scores.set(await sequence.forward([id]), i * toy.model.vocabularySize);
        read(scores, 0);
      };
      return { ...sequence, forwardEach };
    };
    expect(await scoreText({ ...toy, model: { ...toy.model, start } }, 'cdcd', never)).toEqual(await scoreText(createToy(), 'cdcd', never));
    expect(calls).toEqual([[27, 2, 3, 2]]);
    expect(toy.open).toBe(0);
  });

  it('reads as a prompt is read where one token changes what is made of another in its call: in its blocks, cut around what it is told', async () => {
    const calls: number[][] = [];
    const together = (sinkTokens: number[]) => {
      const toy = createToy({ sinkTokens, contextLength: 8 });
      const start = () => {
        const sequence = toy.model.start();
        const forwardEach: typeof sequence.forwardEach = async (ids, read) => {
          calls.push([...ids]);
          read(new Float32Array(ids.length * toy.model.vocabularySize), 0);
        };
        return { ...sequence, forwardEach };
      };
      return { ...toy, model: { ...toy.model, quantisesTogether: true, start } };
    };
    // Of the manifest, or those that were found; and no more of the text than there is room for.
    const read = await scoreText(together([3]), 'cdefghijklm', never, {});
    expect(read.tokens).toBe(7);
    expect(read.nll).toBeCloseTo(Math.log(28), 5);
    expect(calls).toEqual([[27, 2], [3], [4, 5, 6, 7]]);
    calls.length = 0;
    await scoreText(together([3]), 'cdef', never, { sinkTokens: [2] });
    expect(calls).toEqual([[27], [2], [3, 4]]);
    // Else as an answer is written.
    calls.length = 0;
    await scoreText(together([3]), 'cde', never);
    expect(calls).toEqual([[27], [2], [3]]);
  });

  it('tells how loud channels became in any of its calls, of a model that does', async () => {
    const toy = createToy({ contextLength: 8 });
    let calls = 0;
    const start = () => {
      const sequence = toy.model.start();
      const forwardEach: typeof sequence.forwardEach = async (ids, read) => {
        calls += 1;
        read(new Float32Array(ids.length * toy.model.vocabularySize), 0, Float32Array.of(calls, 5 - calls, 2));
      };
      return { ...sequence, forwardEach };
    };
    const model = { ...toy.model, quantisesTogether: true, start };
    const { loudness } = await scoreText({ ...toy, model }, 'cdef', never, { sinkTokens: [2] });
    expect([calls, loudness]).toEqual([3, Float32Array.of(3, 4, 2)]);
    expect(await scoreText(createToy(), 'cde', never)).not.toHaveProperty('loudness');
  });

  it('of scores that are no numbers is no number', async () => {
    const toy = createToy();
    const start = () => ({ ...toy.model.start(), forward: async () => new Float32Array(28).fill(Number.NaN) });
    const broken = { ...toy, model: { ...toy.model, start } };
    expect((await scoreText(broken, 'ab', never)).nll).toBeNaN();
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    const toy = createToy({ beforeStep: async () => abort.abort() });
    await expect(scoreText(toy, 'abcdef', abort.signal)).rejects.toThrow();
    expect(toy.calls).toHaveLength(1);
  });

  it.each([
    ['', 'empty_input'],
    ['a'.repeat(64), 'context_length_exceeded'],
  ])('is refused for a text that cannot be scored', async (text, code) => {
    await expect(scoreText(createToy(), text, never)).rejects.toMatchObject({ code });
  });
});
