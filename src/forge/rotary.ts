import type { Matrix } from './matrix.ts';

/**
 * Rows of a query or key projection from llama2.c's order, where a rotated pair is (2i, 2i + 1), to that of Hugging Face
 * and ONNX, (i, i + half). Both sides of the dot product move alike, so attention does not change.
 */
export function rotaryHalves(matrix: Matrix, headDim: number): Matrix {
  const { rows, columns, values } = matrix;
  const half = headDim / 2;
  const permuted = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / headDim) * headDim;
    const inHead = row - head;
    const source = head + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    permuted.set(values.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return { rows, columns, values: permuted };
}

/** Cosines and sines of every position's rotation, `[context, headDim / 2]` each. */
export function rotaryTables(context: number, headDim: number, theta: number): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const cos = new Float32Array(context * half);
  const sin = new Float32Array(context * half);
  for (let position = 0; position < context; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * theta ** ((-2 * i) / headDim);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
