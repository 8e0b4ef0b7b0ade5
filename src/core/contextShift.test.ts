import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shiftContext } from './contextShift.ts';

it('keeps the beginning and the latest half of the rest', () => {
  const ids = Array.from({ length: 20 }, (_, i) => i);
  expect(shiftContext(ids, 3, 20)).toEqual([0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19]);
  expect(shiftContext(ids, 0, 10)).toEqual([0, 16, 17, 18, 19]);
});

it('always leaves room, keeps the latest token and the order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 300 }), fc.nat(400), fc.nat(200), (context, keep, more) => {
      const ids = Array.from({ length: context + more }, (_, i) => i);
      const left = shiftContext(ids, keep, context);
      expect(left.length).toBeLessThan(context);
      expect(left.at(-1)).toBe(ids.at(-1));
      expect(left[0]).toBe(0);
      expect([...left].sort((a, b) => a - b)).toEqual(left);
      expect(new Set(left).size).toBe(left.length);
    }),
  );
});
