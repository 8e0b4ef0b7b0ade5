import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stack, transpose } from './matrix.ts';

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
  expect(stack([top, bottom])).toMatchObject({ rows: 3, columns: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) });
});
