import type { KeptBlocks } from './blockMatrix.ts';

/**
 * A weight as a linear layer applies it: `rows` outputs of `columns` inputs each, row after row. `values` of a matrix that is read from a
 * file are made each time they are asked for, so that nobody holds what is done with.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** The rows from one up to another, where they can be had without all others: see `rowsOf`. */
  readonly part?: RowReader;
  readonly kept?: KeptBlocks;
}

type RowReader = (from: number, to: number) => Float32Array;

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

/** A matrix whose rows are made when they are asked for, some at a time: what is larger than memory can be gone through. */
export function rowMatrix(rows: number, columns: number, part: RowReader, kept?: KeptBlocks): Matrix {
  return {
    rows,
    columns,
    get values() {
      return part(0, rows);
    },
    part,
    ...(kept ? { kept } : {}),
  };
}

/** The rows from `from` up to `to` of any matrix. Not to be written to. */
export const rowsOf = (matrix: Matrix, from: number, to: number): Float32Array =>
  matrix.part?.(from, to) ?? matrix.values.subarray(from * matrix.columns, to * matrix.columns);

/** One matrix under the other: their outputs come out side by side of one multiplication. */
export function stack(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]?.columns ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const read: RowReader = (from, to) => {
    const stacked = new Float32Array((to - from) * columns);
    let start = 0;
    for (const part of parts) {
      const [first, end] = [Math.max(from, start), Math.min(to, start + part.rows)];
      if (first < end) stacked.set(rowsOf(part, first - start, end - start), (first - from) * columns);
      start += part.rows;
    }
    return stacked;
  };
  return rowMatrix(rows, columns, read, stackedBlocks(parts.map((part) => part.kept)));
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

/** The same rows in another order: row `i` of the result is row `source(i)`, which had better not be far from `i`. */
export function permuteRows(matrix: Matrix, source: (row: number) => number): Matrix {
  const { rows, columns, kept } = matrix;
  const read: RowReader = (from, to) => {
    const sources = Array.from({ length: to - from }, (_, i) => source(from + i));
    const first = sources.reduce((least, row) => Math.min(least, row), rows);
    const last = sources.reduce((most, row) => Math.max(most, row), 0);
    const range = rowsOf(matrix, first, last + 1);
    const picked = new Float32Array((to - from) * columns);
    for (const [i, row] of sources.entries()) {
      picked.set(range.subarray((row - first) * columns, (row - first + 1) * columns), i * columns);
    }
    return picked;
  };
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
  return rowMatrix(rows, columns, read, blocks);
}

/** `[rows, columns]` to `[columns, rows]`, the layout in which ONNX's MatMul wants a weight. */
export function transpose<T extends Float32Array | Int8Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  }
  return result;
}
