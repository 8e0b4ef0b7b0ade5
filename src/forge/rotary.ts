import { type Matrix, permuteRows } from './matrix.ts';

/** Which numbers of a head turn together: neighbours, or those half of the rotated ones apart. */
export type RotaryPairs = 'neighbours' | 'halves';

/**
 * Rows of a query or key projection from the file's order to that of ONNX, where a rotated pair is (i, i + headDim / 2). Both sides of the
 * dot product move alike, so attention does not change. Where only the first `rotated` numbers of a head turn, they come first in both
 * halves: the operator then turns all, the rest by nothing.
 */
export function rotaryRows(matrix: Matrix, headDim: number, pairs: RotaryPairs, rotated = headDim): Matrix {
  const half = headDim / 2;
  const turning = rotated / 2;
  if (pairs === 'halves' && rotated === headDim) return matrix;
  return permuteRows(matrix, (row) => {
    const inHead = row % headDim;
    const [pair, second] = inHead < half ? [inHead, 0] : [inHead - half, 1];
    if (pair >= turning) return row - inHead + rotated + pair - turning + second * (half - turning);
    return row - inHead + (pairs === 'neighbours' ? 2 * pair + second : pair + second * turning);
  });
}

/** From llama2.c's order, where a rotated pair is (2i, 2i + 1), to that of Hugging Face and ONNX, (i, i + half). */
export const rotaryHalves = (matrix: Matrix, headDim: number): Matrix => rotaryRows(matrix, headDim, 'neighbours');

/** The way back: from (i, i + half) to (2i, 2i + 1). */
export function rotaryPairs(matrix: Matrix, headDim: number): Matrix {
  const half = headDim / 2;
  return permuteRows(matrix, (row) => {
    const inHead = row % headDim;
    return row - inHead + (inHead % 2 === 0 ? inHead / 2 : (inHead - 1) / 2 + half);
  });
}

/** How far each pair turns from one position to the next, in radians: `[headDim / 2]`. */
export const rotaryFrequencies = (headDim: number, theta: number): Float64Array =>
  Float64Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim));

/** Cosines or sines of every position's rotation, `[context, frequencies]`. A frequency of 0 stands for a pair that is left as it is. */
export function rotaryTable(part: 'cos' | 'sin', context: number, frequencies: Float64Array, magnitude = 1): Float32Array {
  const half = frequencies.length;
  const table = new Float32Array(context * half);
  const turned = Math[part];
  for (let position = 0; position < context; position++) {
    for (let i = 0; i < half; i++) {
      const frequency = frequencies[i] as number;
      table[position * half + i] = turned(position * frequency) * (part === 'cos' && frequency === 0 ? 1 : magnitude);
    }
  }
  return table;
}
