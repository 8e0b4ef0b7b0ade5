import { type Matrix, permuteRows } from './matrix.ts';

/**
 * Rows of a query or key projection from llama2.c's and GGUF's order, where a rotated pair is (2i, 2i + 1), to that of Hugging Face
 * and ONNX, (i, i + half). Both sides of the dot product move alike, so attention does not change.
 */
export function rotaryHalves(matrix: Matrix, headDim: number): Matrix {
  const half = headDim / 2;
  return permuteRows(matrix, (row) => {
    const inHead = row % headDim;
    return row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
  });
}

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

/** Cosines and sines of every position's rotation, `[context, headDim / 2]` each. */
export function rotaryTables(context: number, frequencies: Float64Array): { cos: Float32Array; sin: Float32Array } {
  const half = frequencies.length;
  const cos = new Float32Array(context * half);
  const sin = new Float32Array(context * half);
  for (let position = 0; position < context; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * (frequencies[i] as number);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
