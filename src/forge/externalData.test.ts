import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExternalData } from './externalData.ts';

test('every tensor begins on a page and reads back as it was given', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9000 }), { maxLength: 6 }), (tensors) => {
      const written: number[] = [];
      const data = new ExternalData('weights', (bytes) => written.push(...bytes));
      const ranges = tensors.map((tensor) => data.append(tensor));
      expect(data.sizeBytes).toBe(written.length);
      ranges.forEach(({ offsetBytes, sizeBytes }, i) => {
        expect(offsetBytes % 4096).toBe(0);
        expect(written.slice(offsetBytes, offsetBytes + sizeBytes)).toEqual([...(tensors[i] ?? [])]);
      });
    }),
    { numRuns: 30 },
  );
});
