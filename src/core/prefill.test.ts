import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prefillBlocks, wholeBlocks } from './prefill.ts';

it('evaluates sink tokens in calls of their own, those in a row together', () => {
  expect(prefillBlocks([1, 5, 6, 13, 13, 7], new Set([1, 13]))).toEqual([[1], [5, 6], [13, 13], [7]]);
  expect(prefillBlocks([5, 13], new Set([1, 13]))).toEqual([[5], [13]]);
});

it('never lets a sink token share a call with another kind of token', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 400 }), (prompt) => {
      const sinks = new Set([3, 7]);
      for (const block of prefillBlocks(prompt, sinks)) expect(new Set(block.map((id) => sinks.has(id))).size).toBe(1);
    }),
  );
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
      // Alone, and with anything behind what was seen, they are cut as they were.
      expect(prefillBlocks(ids, sinks)).toEqual(whole);
      expect(prefillBlocks([...head.slice(0, length), ...tail], sinks).slice(0, whole.length)).toEqual(whole);
      // No block is missing that ends before the last token that was seen.
      const next = prefillBlocks(head, sinks)[whole.length];
      if (next) expect(ids.length + next.length).toBeGreaterThanOrEqual(Math.min(length, head.length));
    }),
  );
});
