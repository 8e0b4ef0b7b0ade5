import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topBy } from './similarity.ts';

describe('the best few', () => {
  it('are those that a full sort would give', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 })), fc.integer({ min: 1, max: 12 }), (items, count) => {
        const sorted = [...items].sort((a, b) => b - a).slice(0, count);
        expect(topBy(items, count, (n) => n).map(({ item }) => item)).toEqual(sorted);
      }),
    );
  });
});
