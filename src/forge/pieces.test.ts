import { expect, test } from 'vitest';
import type { BlockBits } from './blockMatrix.ts';
import { bytesOf, ExternalData, PlannedData } from './externalData.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { lazyMatrix, type Matrix, permuteRows, rowsOf, stack } from './matrix.ts';
import { quantizeQ4 } from './quantizeBlocks.ts';
import { quantizeInt8 } from './quantizeInt8.ts';
import { madeOf } from './testing/made.ts';
import { int8, q4, q8, type WeightFormat } from './weightFormats.ts';

/** Wide and high enough for two pieces, the last one smaller. */
const [ROWS, COLUMNS] = [4352, 1024];
/** What was read of it at once. */
let most = 0;
/** Of a prime number of values, so that no row is like another: to compute each of millions anew would take longer than what is tested. */
const VALUES = Float32Array.from({ length: 65_521 }, (_, at) => Math.sin(at * 12.9898) ** 3);
const value = (at: number): number => VALUES[at % VALUES.length] ?? Number.NaN;
const large: Matrix = {
  ...lazyMatrix(ROWS, COLUMNS, (from, count, into) => {
    most = Math.max(most, count);
    for (let i = 0; i < count * COLUMNS; i++) into[i] = value(from * COLUMNS + i);
  }),
  get values(): Float32Array {
    throw new Error('all of it was read');
  },
};
const whole = { rows: ROWS, columns: COLUMNS, values: Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => value(at)) };

function planned(format: WeightFormat, matrix: Matrix) {
  const data = new PlannedData('w');
  format.linear(new GraphBuilder('g', data), 'm', 'x', matrix, 'gateUp');
  const [step] = data.steps;
  if (!step) throw new Error('nothing was planned');
  return step;
}

test('a large matrix is made in pieces, of which nobody reads more than a few rows at a time, and they add up to all of it', () => {
  most = 0;
  const step = planned(int8, large);
  expect(step.pieces).toBe(2);
  const { parts, error } = madeOf(step);
  const expected = quantizeInt8(whole, 128);
  expect(Buffer.compare(parts[0] ?? Buffer.of(), bytesOf(expected.values))).toBe(0);
  expect(Buffer.compare(parts[1] ?? Buffer.of(), bytesOf(expected.scales))).toBe(0);
  expect(error).toBeCloseTo(expected.error.differences ** 0.5 / expected.error.squares ** 0.5, 9);
  expect(most * COLUMNS).toBeLessThanOrEqual(256 * 1024);
  // Any of them alone, and again.
  const [second = Buffer.of()] = step.make(1).parts;
  expect(Buffer.compare(bytesOf(second), (parts[0] ?? Buffer.of()).subarray(4096 * COLUMNS))).toBe(0);
});

test('so are blocks of 4 bits, and written front to back they are the same', () => {
  const { parts } = madeOf(planned(q4, large));
  const expected = quantizeQ4(whole);
  expect(Buffer.compare(parts[0] ?? Buffer.of(), expected.packed)).toBe(0);
  expect(Buffer.compare(parts[1] ?? Buffer.of(), bytesOf(expected.scales))).toBe(0);
  const written: Uint8Array[] = [];
  q4.linear(new GraphBuilder('g', new ExternalData('w', (bytes) => written.push(bytes.slice()))), 'm', 'x', large, 'gateUp');
  expect(Buffer.compare(Buffer.concat(written), Buffer.concat(parts.map((part) => Buffer.from(part))))).toBe(0);
});

const kept = (rows: number, bits: BlockBits, first: number): Matrix => ({
  ...lazyMatrix(rows, 32, (_from, count, into) => into.fill(0, 0, 32 * count)),
  kept: {
    bits,
    read: (from = 0, count = rows) => ({
      packed: Uint8Array.from({ length: count * 4 * bits }, (_, i) => first + from + Math.floor(i / (4 * bits))),
      scales: Float32Array.from({ length: count }, (_, i) => first + from + i),
    }),
  },
});

test('blocks that are kept can be had some rows at a time, of matrices under each other and of permuted ones', () => {
  const turned = permuteRows(kept(4, 8, 0), (row) => row ^ 1);
  const { kept: blocks } = stack([turned, kept(3, 8, 10)]);
  expect([...(blocks?.read().scales ?? [])]).toEqual([1, 0, 3, 2, 10, 11, 12]);
  expect([...(blocks?.read(3, 3).scales ?? [])]).toEqual([2, 10, 11]);
  expect([...(blocks?.read(1, 1).packed ?? [])]).toEqual(new Array(32).fill(0));
  expect([...(rowsOf(stack([turned, kept(3, 8, 10)]), 2, 3).kept?.read(1, 2).scales ?? [])]).toEqual([2, 10]);
  expect(madeOf(planned(q8, stack([turned, kept(3, 8, 10)]))).error).toBe(0);
});

test('rows of permuted and stacked matrices are those of all of them', () => {
  const part = (rows: number, first: number) =>
    lazyMatrix(rows, 2, (from, count, into) => {
      for (let i = 0; i < count * 2; i++) into[i] = first + from * 2 + i;
    });
  const both = stack([permuteRows(part(4, 0), (row) => 3 - row), part(2, 100)]);
  expect([...both.values]).toEqual([6, 7, 4, 5, 2, 3, 0, 1, 100, 101, 102, 103]);
  expect([...rowsOf(both, 2, 3).values]).toEqual([2, 3, 0, 1, 100, 101]);
});
