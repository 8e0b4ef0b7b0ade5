import type { KeptBlocks } from './blockMatrix.ts';

/**
 * A weight as a linear layer applies it: `rows` outputs of `columns` inputs each, row after row. `values` of a matrix that is read from a
 * file are made each time they are asked for, so that nobody holds what is done with.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly kept?: KeptBlocks;
}

/** A matrix whose values are made when they are asked for. */
export function lazyMatrix(rows: number, columns: number, values: () => Float32Array, kept?: KeptBlocks): Matrix {
  return {
    rows,
    columns,
    get values() {
      return values();
    },
    ...(kept ? { kept } : {}),
  };
}

/** One matrix under the other: their outputs come out side by side of one multiplication. */
export function stack(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]?.columns ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const values = (): Float32Array => {
    const stacked = new Float32Array(rows * columns);
    let offset = 0;
    for (const part of parts) {
      stacked.set(part.values, offset);
      offset += part.rows * columns;
    }
    return stacked;
  };
  return lazyMatrix(rows, columns, values, stackedBlocks(parts.map((part) => part.kept)));
}

function stackedBlocks(parts: readonly (KeptBlocks | undefined)[]): KeptBlocks | undefined {
  const bits = parts[0]?.bits;
  const kept = parts.filter((part): part is KeptBlocks => part?.bits === bits);
  if (bits === undefined || kept.length < parts.length) return undefined;
  return {
    bits,
    read() {
      const blocks = kept.map((part) => part.read());
      const packed = new Uint8Array(blocks.reduce((sum, part) => sum + part.packed.length, 0));
      const scales = new Float32Array(blocks.reduce((sum, part) => sum + part.scales.length, 0));
      let [packedEnd, scalesEnd] = [0, 0];
      for (const part of blocks) {
        packed.set(part.packed, packedEnd);
        scales.set(part.scales, scalesEnd);
        packedEnd += part.packed.length;
        scalesEnd += part.scales.length;
      }
      return { packed, scales };
    },
  };
}

/** The same rows in another order: row `i` of the result is row `source(i)`. */
export function permuteRows(matrix: Matrix, source: (row: number) => number): Matrix {
  const { rows, columns, kept } = matrix;
  const permuted = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
    const width = from.length / rows;
    for (let row = 0; row < rows; row++) to.set(from.subarray(source(row) * width, (source(row) + 1) * width), row * width);
    return to;
  };
  const blocks = kept && {
    bits: kept.bits,
    read: () => {
      const { packed, scales } = kept.read();
      return { packed: permuted(packed, new Uint8Array(packed.length)), scales: permuted(scales, new Float32Array(scales.length)) };
    },
  };
  return lazyMatrix(rows, columns, () => permuted(matrix.values, new Float32Array(rows * columns)), blocks);
}

/** `[rows, columns]` to `[columns, rows]`, the layout in which ONNX's MatMul wants a weight. */
export function transpose<T extends Float32Array | Int8Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  }
  return result;
}
