import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halves } from '../core/halfFloats.ts';
import { bytesOf, PlannedData } from './externalData.ts';
import { fp16 } from './floatFormats.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { lazyMatrix } from './matrix.ts';
import { halvesOf, quantizeHalf } from './quantizeHalf.ts';
import { madeOf } from './testing/made.ts';

const numberOf = (bits: number | undefined): number => halves()[bits ?? 0] ?? Number.NaN;

test('a number becomes the nearest of 16 bits, and what is larger than any the largest', () => {
  const numbers = [0, 1, -2.5, 2 ** -24, 65_504, 65_520, 1e30, -1e30, Number.POSITIVE_INFINITY, 1 / 3];
  const kept = [...halvesOf(Float32Array.from(numbers))].map(numberOf);
  expect(kept.slice(0, 5)).toEqual([0, 1, -2.5, 2 ** -24, 65_504]);
  expect(kept.slice(5, 9)).toEqual([65_504, 65_504, -65_504, 65_504]);
  expect(kept[9]).toBeCloseTo(1 / 3, 3);
  const anyNumber = fc.float({ min: -65_504, max: 65_504, noNaN: true });
  fc.assert(
    fc.property(anyNumber, (value) => {
      const [bits = 0] = halvesOf(Float32Array.of(value));
      const off = Math.abs(numberOf(bits) - value);
      // Neither neighbour is nearer.
      for (const next of [bits - 1, bits + 1])
        if (Number.isFinite(numberOf(next))) expect(Math.abs(numberOf(next) - value)).toBeGreaterThanOrEqual(off);
    }),
  );
});

test('numbers of 16 bits lose nothing, others about a ten-thousandth', () => {
  const values = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i * 12.9898));
  const once = quantizeHalf({ rows: 2, columns: 48, values });
  expect(Math.sqrt(once.error.differences / once.error.squares)).toBeLessThan(3e-4);
  expect(once.error.differences).toBeGreaterThan(0);
  const again = quantizeHalf({ rows: 2, columns: 48, values: Float32Array.from(once.values, numberOf) });
  expect(again.values).toEqual(once.values);
  expect(again.error.differences).toBe(0);
});

test('a large matrix is made in pieces of a few rows, as the file has them, and half as large as in 32 bits', () => {
  const [rows, columns] = [4352, 1024];
  const values = new Float32Array(rows * columns);
  for (let at = 0; at < values.length; at++) values[at] = ((at * 7919) % 65_537) / 65_537 - 0.5;
  const large = lazyMatrix(rows, columns, (from, count, into) => into.set(values.subarray(from * columns, (from + count) * columns)));
  const data = new PlannedData('w');
  fp16.linear(new GraphBuilder('g', data), 'm', 'x', large, 'gateUp');
  const [step] = data.steps;
  if (!step) throw new Error('nothing was planned');
  expect(step.pieces).toBe(2);
  expect(step.ranges.map(({ sizeBytes }) => sizeBytes)).toEqual([rows * columns * 2]);
  const whole = quantizeHalf({ rows, columns, values });
  expect(Buffer.compare(madeOf(step).parts[0] ?? Buffer.of(), bytesOf(whole.values))).toBe(0);
});
