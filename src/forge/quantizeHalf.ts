import { halves, toHalf } from '../core/halfFloats.ts';
import { type Matrix, stretchesOf } from './matrix.ts';
import type { ErrorSums } from './quantisationError.ts';

/** The largest 16-bit float. Beyond it lies infinity, which would spoil a whole row. */
const LARGEST = 65_504;

export interface HalfMatrix {
  /** `[rows, columns]`, the bits of 16-bit floats (IEEE 754 binary16). */
  readonly values: Uint16Array;
  readonly error: ErrorSums;
}

/** The nearest 16-bit floats; what is larger than any becomes the largest. */
export function quantizeHalf(matrix: Matrix): HalfMatrix {
  const values = new Uint16Array(matrix.rows * matrix.columns);
  let [squares, differences] = [0, 0];
  const numbers = halves();
  for (const { row, values: from } of stretchesOf(matrix)) {
    let to = row * matrix.columns;
    for (let i = 0; i < from.length; i++, to++) {
      const value = from[i] as number;
      const bits = toHalf(Math.max(-LARGEST, Math.min(LARGEST, value)));
      values[to] = bits;
      const off = value - (numbers[bits] as number);
      squares += value * value;
      differences += off * off;
    }
  }
  return { values, error: { squares, differences } };
}

/** The same of a few numbers. */
export const halvesOf = (values: Float32Array): Uint16Array => quantizeHalf({ rows: 1, columns: values.length, values }).values;
