import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { permuteRows, rowMatrix, rowsOf, stack, transpose } from './matrix.ts';

test('transposing moves each weight to its mirrored place, and twice brings it back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), (rows, columns) => {
      const values = Float32Array.from({ length: rows * columns }, (_, i) => i);
      const turned = transpose(values, rows, columns);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) expect(turned[column * rows + row]).toBe(row * columns + column);
      }
      expect(transpose(turned, columns, rows)).toEqual(values);
    }),
  );
});

test('stacked matrices give the rows of each, one after the other', () => {
  const top = { rows: 1, columns: 2, values: Float32Array.of(1, 2) };
  const bottom = { rows: 2, columns: 2, values: Float32Array.of(3, 4, 5, 6) };
  const stacked = stack([top, bottom]);
  expect(stacked).toMatchObject({ rows: 3, columns: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) });
  expect(rowsOf(stacked, 1, 2)).toEqual(Float32Array.of(3, 4));
  expect(rowsOf(stacked, 0, 2)).toEqual(Float32Array.of(1, 2, 3, 4));
});

test('rows can be had some at a time, in the order that they were put into', () => {
  const read: Array<[number, number]> = [];
  const matrix = rowMatrix(6, 1, (from, to) => {
    read.push([from, to]);
    return Float32Array.from({ length: to - from }, (_, i) => from + i);
  });
  const mirrored = permuteRows(stack([matrix, matrix]), (row) => (row % 2 === 0 ? row + 1 : row - 1));
  expect([...rowsOf(mirrored, 3, 7)]).toEqual([2, 5, 4, 1]);
  // No more of either half than was needed for that.
  expect(read).toEqual([
    [2, 6],
    [0, 2],
  ]);
  expect([...mirrored.values]).toEqual([1, 0, 3, 2, 5, 4, 1, 0, 3, 2, 5, 4]);
});
