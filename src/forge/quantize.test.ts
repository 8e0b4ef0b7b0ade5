import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK, type BlockMatrix } from './blockMatrix.ts';
import { quantizeQ4, quantizeQ8 } from './quantizeBlocks.ts';
import { quantizeInt8 } from './quantizeInt8.ts';

/** Weights as trained models have them, from tiny to large, zeros and single peaks included. */
const weight = (): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.float({ min: Math.fround(-0.5), max: Math.fround(0.5), noNaN: true }) },
    fc.float({ min: -1000, max: 1000, noNaN: true }),
    fc.constant(0),
  );

const weights = (count: number): fc.Arbitrary<Float32Array> =>
  fc.array(weight(), { minLength: count, maxLength: count }).map((values) => Float32Array.from(values));

const ROWS = 3;
const COLUMNS = 8;

test('an int8 weight comes back within half a step of its row', () => {
  fc.assert(
    fc.property(weights(ROWS * COLUMNS), (values) => {
      const { values: levels, scales } = quantizeInt8({ rows: ROWS, columns: COLUMNS, values });
      values.forEach((value, i) => {
        const scale = scales[Math.floor(i / COLUMNS)] ?? Number.NaN;
        // Weights below float32's normal range have a scale that is rounded coarsely.
        expect(Math.abs(value - (levels[i] ?? Number.NaN) * scale)).toBeLessThanOrEqual(scale * 0.5001 + 1e-37);
      });
    }),
  );
});

test('levels of 8 bits are rounded to the nearest, halves up', () => {
  fc.assert(
    fc.property(weights(BLOCK), (values) => {
      const levelsOf = (scale: number | undefined): number[] => [...values].map((value) => Math.round(value / (scale ?? Number.NaN)) + 0);
      const row = quantizeInt8({ rows: 1, columns: BLOCK, values });
      expect([...row.values]).toEqual(levelsOf(row.scales[0]).map((level) => Math.max(-127, Math.min(127, level))));
      const block = quantizeQ8(matrixOf(values));
      expect(block.packed).toEqual(Uint8Array.from(levelsOf(block.scales[0]), (level) => level + 128));
    }),
  );
  const halves = Float32Array.of(127, 0.5, 1.5, -0.5, -1.5, 2.5, -2.5, -127);
  expect([...quantizeInt8({ rows: 1, columns: halves.length, values: halves }).values]).toEqual([127, 1, 2, 0, -1, 3, -2, -127]);
});

test('what is no number becomes zero at 8 bits, and not the level that stays unused', () => {
  const { values } = quantizeInt8({ rows: 1, columns: 3, values: Float32Array.of(Number.NaN, 1, -1) });
  expect([...values]).toEqual([0, 1, -1]);
  expect([...quantizeInt8({ rows: 1, columns: 2, values: Float32Array.of(Number.NEGATIVE_INFINITY, 1) }).values]).toEqual([0, 0]);
});

test('a large row does not coarsen its neighbour', () => {
  const { values, scales } = quantizeInt8({ rows: 2, columns: 2, values: Float32Array.of(1000, -500, 0.01, -0.005) });
  expect([...values]).toEqual([127, -63, 127, -63]);
  expect(scales[1]).toBeCloseTo(0.01 / 127, 8);
});

test('a row of zeros stays zero under a scale that divides', () => {
  expect(quantizeInt8({ rows: 1, columns: 2, values: new Float32Array(2) })).toMatchObject({
    values: new Int8Array(2),
    scales: Float32Array.of(1),
    error: { squares: 0, differences: 0 },
  });
});

test('slabs hold some rows side by side, and all of them turned around', () => {
  const values = Float32Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 127 : i));
  const levels = (slab?: number) => [...quantizeInt8({ rows: 4, columns: 2, values }, slab).values];
  expect(levels()).toEqual([127, 1, 127, 3, 127, 5, 127, 7]);
  expect(levels(2)).toEqual([127, 127, 1, 3, 127, 127, 5, 7]);
  expect(levels(4)).toEqual([127, 127, 127, 127, 1, 3, 5, 7]);
});

const matrixOf = (values: Float32Array, rows = 1) => ({ rows, columns: values.length / rows, values });

function unpackQ4({ packed, scales }: BlockMatrix): number[] {
  return [...packed].flatMap((byte, i) =>
    [byte & 15, byte >> 4].map((level) => (level - 8) * (scales[Math.floor((i * 2) / BLOCK)] ?? NaN)),
  );
}

const unpackQ8 = ({ packed, scales }: BlockMatrix): number[] =>
  [...packed].map((byte, i) => (byte - 128) * (scales[Math.floor(i / BLOCK)] ?? NaN));

const squaredError = (a: Iterable<number>, b: readonly number[]): number => [...a].reduce((sum, x, i) => sum + (x - (b[i] ?? NaN)) ** 2, 0);

/** Round-to-nearest with the largest weight on -8. */
function plainRounding(values: Float32Array): number[] {
  const peak = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const scale = Math.fround(peak / -8) || 1;
  return [...values].map((value) => Math.max(-8, Math.min(7, Math.round(value / scale))) * scale);
}

test('the search for a scale never does worse than plain rounding', () => {
  fc.assert(
    fc.property(weights(BLOCK), (values) => {
      const searched = squaredError(values, unpackQ4(quantizeQ4(matrixOf(values))));
      expect(searched).toBeLessThanOrEqual(squaredError(values, plainRounding(values)) * 1.0001 + 1e-30);
    }),
    { numRuns: 500 },
  );
});

test('the search does clearly better where weights are spread as a trained layer spreads them', () => {
  const values = Float32Array.from({ length: BLOCK * 64 }, (_, i) => Math.sin(i * 12.9898) ** 3 * 0.1);
  const plain = Array.from({ length: 64 }, (_, b) => plainRounding(values.subarray(b * BLOCK, (b + 1) * BLOCK))).flat();
  expect(squaredError(values, unpackQ4(quantizeQ4(matrixOf(values))))).toBeLessThan(0.9 * squaredError(values, plain));
});

test('the first of two weights is in the low half of their byte', () => {
  const values = new Float32Array(BLOCK);
  values[0] = -8;
  values[1] = 7;
  const { packed, scales } = quantizeQ4(matrixOf(values));
  expect(scales[0]).toBeCloseTo(1, 6);
  expect(packed[0]).toBe(0 | (15 << 4));
  expect(packed[1]).toBe(8 | (8 << 4));
});

test('8-bit weights come back within half a step of their block', () => {
  fc.assert(
    fc.property(weights(BLOCK * 2), (values) => {
      const quantized = quantizeQ8(matrixOf(values));
      unpackQ8(quantized).forEach((value, i) => {
        const step = quantized.scales[Math.floor(i / BLOCK)] ?? NaN;
        expect(Math.abs(value - (values[i] ?? NaN))).toBeLessThanOrEqual(step * 0.5001 + 1e-37);
      });
    }),
  );
});

test('rows that do not divide into blocks are refused', () => {
  for (const quantize of [quantizeQ4, quantizeQ8]) {
    expect(() => quantize(matrixOf(new Float32Array(48)))).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  }
});
