import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rougeN } from './overlap.ts';

describe('the overlap of two texts', () => {
  it('is the mean of what one has of the other, in words or in runs of words', () => {
    // Five of six words on both sides; of pairs three of five.
    expect(rougeN('the cat sat on a mat', 'The cat sat on the mat.')).toBeCloseTo(5 / 6);
    expect(rougeN('the cat sat on a mat', 'The cat sat on the mat.', 2)).toBeCloseTo(3 / 5);
  });

  it('counts a word as often as both have it', () => {
    expect(rougeN('the the the the', 'the cat')).toBeCloseTo((2 * 1) / 6);
  });

  it('of a text with itself is whole, with another one lies between, and is the same both ways', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(words, words, fc.integer({ min: 1, max: 3 }), (one, two, n) => {
        expect(rougeN(one, one, n)).toBe(1);
        expect(rougeN(one, two, n)).toBeCloseTo(rougeN(two, one, n), 12);
        expect(rougeN(one, two, n)).toBeGreaterThanOrEqual(0);
        expect(rougeN(one, two, n)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('of nothing with something is none', () => {
    expect(rougeN('', 'a cat')).toBe(0);
    expect(rougeN('', '…')).toBe(1);
  });
});
