import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prefillBlocks, wholeBlocks } from './prefill.ts';

it('cuts after each sink token', () => {
  expect(prefillBlocks([1, 5, 6, 13, 13, 7], new Set([1, 13]))).toEqual([[1], [5, 6, 13], [13], [7]]);
});

it('evaluates a short prompt without sinks in one call', () => {
  expect(prefillBlocks([4, 5, 6], new Set())).toEqual([[4, 5, 6]]);
});

it('cuts at the same places for every prompt that begins alike', () => {
  const ends = (prompt: number[], sinks: Set<number>) => {
    let at = 0;
    return prefillBlocks(prompt, sinks).map((block) => {
      at += block.length;
      return at;
    });
  };
  const tokens = fc.array(fc.nat(20), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(tokens, tokens, (head, tail) => {
      const sinks = new Set([3, 7]);
      const whole = [...head, ...tail];
      expect(prefillBlocks(whole, sinks).flat()).toEqual(whole);
      expect(Math.max(...prefillBlocks(whole, sinks).map((block) => block.length))).toBeLessThanOrEqual(128);
      // The last end is where the shorter prompt stops; all before must be shared.
      const shared = ends(head, sinks).slice(0, -1);
      expect(ends(whole, sinks).slice(0, shared.length)).toEqual(shared);
    }),
  );
});

it('tells the blocks that every prompt with the same beginning has', () => {
  const tokens = fc.array(fc.nat(20), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(tokens, tokens, fc.nat(400), (head, tail, length) => {
      const sinks = new Set([3, 7]);
      const whole = wholeBlocks(head, sinks, length);
      const ids = whole.flat();
      expect(ids).toEqual(head.slice(0, Math.min(length, ids.length)));
      // Alone, and with anything behind, they are cut as they were.
      expect(wholeBlocks(ids, sinks, ids.length)).toEqual(whole);
      expect(prefillBlocks([...ids, ...tail], sinks).slice(0, whole.length)).toEqual(whole);
      const next = prefillBlocks(head, sinks)[whole.length];
      if (next && ids.length + next.length <= length) expect(next).toEqual(prefillBlocks(head, sinks).at(-1));
    }),
  );
});
