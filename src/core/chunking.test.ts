import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteRange, contentLimits, FileCutter, OWN_CHUNKS_FROM_BYTES, stretchesOf } from './chunking.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Lengths of the chunks of a file of zeros, which content never cuts. */
function lengthsOf(sizeBytes: number, tensors: readonly ByteRange[], portionBytes = 1_000_000): number[] {
  const cutter = new FileCutter(stretchesOf(sizeBytes, tensors));
  const portion = new Uint8Array(portionBytes);
  const lengths: number[] = [];
  for (let at = 0; at < sizeBytes; at += portionBytes) lengths.push(...cutter.push(portion.subarray(0, sizeBytes - at)));
  return lengths;
}

const range = (offsetBytes: number, sizeBytes: number): ByteRange => ({ offsetBytes, sizeBytes });
const sum = (lengths: readonly number[]): number => lengths.reduce((total, length) => total + length, 0);

test('a small file is cut into pieces of about 16 KiB, a huge one into some hundreds of up to 16 MiB', () => {
  expect(contentLimits(1.5 * MIB)).toEqual({ minBytes: 4 * KIB, averageBytes: 16 * KIB, maxBytes: 64 * KIB });
  expect(contentLimits(256 * MIB)).toEqual({ minBytes: 256 * KIB, averageBytes: MIB, maxBytes: 4 * MIB });
  expect(contentLimits(100 * 1024 * MIB)).toEqual({ minBytes: MIB, averageBytes: 4 * MIB, maxBytes: 16 * MIB });
});

test('a large tensor has chunks of its own, counted from its beginning', () => {
  const header = 100 * KIB;
  expect(lengthsOf(header + 2.5 * MIB, [range(header, 2.5 * MIB)])).toEqual([64 * KIB, 36 * KIB, MIB, MIB, 0.5 * MIB]);
});

test('what lies between two tensors is cut by itself, be it only a name', () => {
  const tensors = [range(0, 100 * KIB), range(100 * KIB + 60, 200 * KIB)];
  expect(lengthsOf(304 * KIB, tensors)).toEqual([100 * KIB, 60, 200 * KIB, 4 * KIB - 60]);
});

test('small tensors are cut together, and ranges that overlap or leave the file are not heeded', () => {
  const small = OWN_CHUNKS_FROM_BYTES - 1;
  expect(stretchesOf(500_000, [range(10, small), range(10 + small, small)])).toEqual([{ sizeBytes: 500_000, by: 'content' }]);
  expect(stretchesOf(500_000, [range(100_000, 400_001), range(-5, 100_000)])).toEqual([{ sizeBytes: 500_000, by: 'content' }]);
  expect(stretchesOf(500_000, [range(0, 100_000), range(50_000, 200_000)])).toEqual([
    { sizeBytes: 100_000, by: 'position' },
    { sizeBytes: 400_000, by: 'content' },
  ]);
  expect(stretchesOf(0, [])).toEqual([]);
});

const tensors = fc.array(fc.tuple(fc.integer({ min: -10, max: 3_000_000 }), fc.integer({ min: 0, max: 1_500_000 })), { maxLength: 12 });

test('however its tensors lie, the chunks of a file add up to it, do not depend on portions, and none is empty or too large', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000_000 }), tensors, fc.integer({ min: 50_000, max: 900_000 }), (size, pairs, portion) => {
      const ranges = pairs.map(([offset, length]) => range(offset, length));
      const lengths = lengthsOf(size, ranges);
      expect(sum(lengths)).toBe(size);
      expect(lengths.every((length) => length > 0 && length <= MIB)).toBe(true);
      expect(lengthsOf(size, ranges, portion)).toEqual(lengths);
    }),
    { numRuns: 60 },
  );
});
