import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChunkLimits, ContentCutter } from './contentCuts.ts';

const LIMITS: ChunkLimits = { minBytes: 64, averageBytes: 256, maxBytes: 1024 };

function lengthsOf(bytes: Uint8Array, portionBytes = bytes.length, limits = LIMITS): number[] {
  const cutter = new ContentCutter(limits);
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += portionBytes) lengths.push(...cutter.push(bytes.subarray(at, at + portionBytes)));
  const last = cutter.finish();
  return last === undefined ? lengths : [...lengths, last];
}

/** Bytes that look random, the same for the same seed. */
function noise(seed: number, sizeBytes: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length: sizeBytes }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const files = fc.oneof(
  fc.tuple(seed, fc.integer({ min: 0, max: 20_000 })).map(([start, size]) => noise(start, size)),
  fc.uint8Array({ maxLength: 5_000, size: 'max' }),
  // A run of one byte never agrees with the mask, or always does.
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 9_000 })).map(([byte, size]) => new Uint8Array(size).fill(byte)),
);

test('the chunks of a file add up to it, and each keeps to the limits but the last, which may be shorter', () => {
  fc.assert(
    fc.property(files, (file) => {
      const lengths = lengthsOf(file);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(file.length);
      expect(lengths.every((length) => length > 0 && length <= LIMITS.maxBytes)).toBe(true);
      expect(lengths.slice(0, -1).every((length) => length >= LIMITS.minBytes)).toBe(true);
    }),
  );
});

test('a file is cut at the same places in whatever portions it arrives', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 3_000 }), (file, portionBytes) => {
      expect(lengthsOf(file, portionBytes)).toEqual(lengthsOf(file));
    }),
  );
});

test('bytes that are put into a file change the chunks around them and no others', () => {
  fc.assert(
    fc.property(seed, fc.nat({ max: 59_999 }), fc.uint8Array({ minLength: 1, maxLength: 700 }), (start, at, inserted) => {
      const file = noise(start, 60_000);
      const longer = new Uint8Array([...file.subarray(0, at), ...inserted, ...file.subarray(at)]);
      const [before, after] = [endsOf(file), endsOf(longer).map((end) => (end > at ? end - inserted.length : end))];
      // Until both cuts fall together again: forty chunks at most, where the average is 256 bytes.
      const changed = after.filter((end) => !before.includes(end));
      expect(changed.every((end) => end > at - LIMITS.maxBytes && end < at + 40 * LIMITS.averageBytes)).toBe(true);
    }),
  );
});

test('the average size is about the one asked for', () => {
  const lengths = lengthsOf(noise(7, 2_000_000));
  const average = 2_000_000 / lengths.length;
  expect(average).toBeGreaterThan(0.7 * LIMITS.averageBytes);
  expect(average).toBeLessThan(1.6 * LIMITS.averageBytes);
});

test('files are cut where they were cut when they were published', () => {
  // Other numbers here mean that every published file shares nothing with the next revision of it.
  expect(lengthsOf(noise(42, 4_000))).toMatchInlineSnapshot(`
    [
      283,
      292,
      271,
      115,
      297,
      258,
      457,
      296,
      293,
      283,
      333,
      493,
      260,
      69,
    ]
  `);
});

function endsOf(file: Uint8Array): number[] {
  let end = 0;
  return lengthsOf(file).map((length) => {
    end += length;
    return end;
  });
}
