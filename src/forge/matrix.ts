import type { KeptBlocks } from './blockMatrix.ts';

/**
 * A weight as a linear layer applies it: `rows` outputs of `columns` inputs each, row after row. `values` of a matrix that is read from a
 * file are made each time they are asked for, so that nobody holds what is done with.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** Some of the rows alone, where that costs no more than all of them together. */
  readonly rowsAt?: RowReader;
  readonly kept?: KeptBlocks;
}

type RowReader = (from: number, count: number) => Float32Array;

/** A matrix whose values are made when they are asked for. */
export function lazyMatrix(
  rows: number,
  columns: number,
  values: () => Float32Array,
  { kept, rowsAt }: { readonly kept?: KeptBlocks | undefined; readonly rowsAt?: RowReader | undefined } = {},
): Matrix {
  return {
    rows,
    columns,
    get values() {
      return values();
    },
    ...(rowsAt ? { rowsAt } : {}),
    ...(kept ? { kept } : {}),
  };
}

/** Numbers that are read in one go: 4 MiB, beside which a whole embedding of a large vocabulary is a quarter of a gigabyte. */
const STRETCH_NUMBERS = 1024 * 1024;

/** All rows of a matrix, in order, a few at a time where they can be had so. */
export function* stretchesOf(matrix: Matrix): Generator<{ readonly row: number; readonly values: Float32Array }> {
  const { rows, columns, rowsAt } = matrix;
  if (!rowsAt) {
    yield { row: 0, values: matrix.values };
    return;
  }
  const count = Math.max(1, Math.floor(STRETCH_NUMBERS / columns));
  for (let row = 0; row < rows; row += count) yield { row, values: rowsAt(row, Math.min(count, rows - row)) };
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
  const readers = parts.flatMap(({ rowsAt, rows: own }) => (rowsAt ? [{ rowsAt, rows: own }] : []));
  const rowsAt = (from: number, count: number): Float32Array => {
    const some = new Float32Array(count * columns);
    let start = 0;
    for (const part of readers) {
      const [first, end] = [Math.max(from, start), Math.min(from + count, start + part.rows)];
      if (first < end) some.set(part.rowsAt(first - start, end - first), (first - from) * columns);
      start += part.rows;
    }
    return some;
  };
  return lazyMatrix(rows, columns, values, {
    kept: stackedBlocks(parts.map((part) => part.kept)),
    rowsAt: readers.length === parts.length ? rowsAt : undefined,
  });
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
  return lazyMatrix(rows, columns, () => permuted(matrix.values, new Float32Array(rows * columns)), { kept: blocks });
}

/** `[rows, columns]` to `[columns, rows]`, the layout in which ONNX's MatMul wants a weight. */
export function transpose<T extends Float32Array | Int8Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  }
  return result;
}
