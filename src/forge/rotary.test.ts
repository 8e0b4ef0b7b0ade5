import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rotaryFrequencies, rotaryHalves, rotaryPairs, rotaryTable } from './rotary.ts';

const HEAD = 8;
const HALF = HEAD / 2;

const tables = (context: number): readonly [cos: Float32Array, sin: Float32Array] => [
  rotaryTable('cos', context, rotaryFrequencies(HEAD, 10_000)),
  rotaryTable('sin', context, rotaryFrequencies(HEAD, 10_000)),
];

function rotate(vector: Float32Array, position: number, pair: (i: number) => readonly [number, number]): number[] {
  const [cos, sin] = tables(16);
  const out = new Array<number>(HEAD).fill(0);
  for (let i = 0; i < HALF; i++) {
    const [a, b] = pair(i);
    const [x, y] = [vector[a] ?? NaN, vector[b] ?? NaN];
    const [c, s] = [cos[position * HALF + i] ?? NaN, sin[position * HALF + i] ?? NaN];
    out[a] = x * c - y * s;
    out[b] = x * s + y * c;
  }
  return out;
}

const vector = fc.float32Array({ minLength: HEAD, maxLength: HEAD, min: -1, max: 1, noNaN: true });
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0);
const column = (values: Float32Array) => ({ rows: HEAD, columns: 1, values });

test('rows moved to halves attend exactly as interleaved rows do', () => {
  const position = fc.integer({ min: 0, max: 15 });
  fc.assert(
    fc.property(vector, vector, position, position, (query, key, at, before) => {
      const interleaved = (vector: Float32Array, p: number) => rotate(vector, p, (i) => [2 * i, 2 * i + 1]);
      const halves = (vector: Float32Array, p: number) => rotate(rotaryHalves(column(vector), HEAD).values, p, (i) => [i, i + HALF]);
      const expected = dot(interleaved(query, at), interleaved(key, before));
      const size = dot([...query].map(Math.abs), [...query].map(Math.abs)) + dot([...key].map(Math.abs), [...key].map(Math.abs));
      expect(Math.abs(dot(halves(query, at), halves(key, before)) - expected)).toBeLessThanOrEqual(size * 1e-6);
    }),
  );
});

test('each head is moved within itself', () => {
  const values = Float32Array.from({ length: 2 * HEAD }, (_, i) => i);
  expect([...rotaryHalves({ rows: 2 * HEAD, columns: 1, values }, HEAD).values]).toEqual([
    0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15,
  ]);
});

test('the first position is not rotated, and the first pair turns by one radian a position', () => {
  const [cos, sin] = tables(3);
  expect([...cos.subarray(0, HALF)]).toEqual([1, 1, 1, 1]);
  expect(cos[2 * HALF]).toBeCloseTo(Math.cos(2), 6);
  expect(sin[2 * HALF + 1]).toBeCloseTo(Math.sin(2 / 10), 6);
});

test('rows moved to halves and back are where they were', () => {
  const values = Float32Array.from({ length: 3 * HEAD * 2 }, (_, i) => i);
  expect(rotaryPairs(rotaryHalves({ rows: 3 * HEAD, columns: 2, values }, HEAD), HEAD).values).toEqual(values);
});
