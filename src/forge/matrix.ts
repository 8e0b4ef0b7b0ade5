import { release } from '../core/releasedBuffer.ts';
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
  readonly readRows?: RowReader;
  readonly kept?: KeptBlocks;
}

/** Writes `count` rows from the row `from` on into `into`, which begins with the first of them. */
type RowReader = (from: number, count: number, into: Float32Array) => void;

/** A matrix whose values are made when they are asked for. */
export function lazyMatrix(rows: number, columns: number, readRows: RowReader, kept?: KeptBlocks): Matrix {
  return {
    rows,
    columns,
    get values() {
      const values = new Float32Array(rows * columns);
      readRows(0, rows, values);
      return values;
    },
    readRows,
    ...(kept ? { kept } : {}),
  };
}

/** Reads some rows of a matrix, whatever it is made of. */
export function readRows(matrix: Matrix, from: number, count: number, into: Float32Array): void {
  // Its values are not so much as looked at where rows can be had: that would read all of them.
  if (matrix.readRows) matrix.readRows(from, count, into);
  else into.set(matrix.values.subarray(from * matrix.columns, (from + count) * matrix.columns));
}

/** Some rows of a matrix. */
export function rowsOf(matrix: Matrix, from: number, count: number): Matrix {
  if (from === 0 && count === matrix.rows) return matrix;
  const { columns, kept } = matrix;
  const blocks = kept && { bits: kept.bits, read: (first = 0, some = count) => kept.read(from + first, some) };
  return lazyMatrix(count, columns, (first, some, into) => readRows(matrix, from + first, some, into), blocks);
}

/** Numbers that are read in one go: 1 MiB of them, which stay in the processor's cache. */
const STRETCH_NUMBERS = 256 * 1024;
/** What they are read into: one stretch is done with before the next one is read, and nobody waits for a collector. */
let scratch = new Float32Array();

/** All rows of a matrix, in order, a few at a time where they can be had so. What was given is written over by the next. */
export function* stretchesOf(matrix: Matrix): Generator<{ readonly row: number; readonly values: Float32Array }> {
  const { rows, columns, readRows: read } = matrix;
  if (!read) {
    yield { row: 0, values: matrix.values };
    return;
  }
  const most = Math.max(1, Math.floor(STRETCH_NUMBERS / columns));
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row);
    if (scratch.length < count * columns) scratch = new Float32Array(count * columns);
    const values = scratch.subarray(0, count * columns);
    read(row, count, values);
    yield { row, values };
  }
}

/** One matrix under the other: their outputs come out side by side of one multiplication. */
export function stack(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]?.columns ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const read: RowReader = (from, count, into) => {
    for (const { part, first, some, at } of within(parts, from, count)) readRows(part, first, some, into.subarray(at * columns));
  };
  return lazyMatrix(rows, columns, read, stackedBlocks(parts, rows));
}

/** Which rows of which part lie between two rows of a stack, and where behind the first of those. */
function* within<T extends { readonly rows: number }>(parts: readonly T[], from: number, count: number) {
  let start = 0;
  for (const part of parts) {
    const [first, end] = [Math.max(from, start), Math.min(from + count, start + part.rows)];
    if (first < end) yield { part, first: first - start, some: end - first, at: first - from };
    start += part.rows;
  }
}

function stackedBlocks(parts: readonly Matrix[], rows: number): KeptBlocks | undefined {
  const bits = parts[0]?.kept?.bits;
  const blocks = parts.flatMap(({ rows: own, kept }) => (kept && kept.bits === bits ? [{ rows: own, kept }] : []));
  if (bits === undefined || blocks.length < parts.length) return undefined;
  return {
    bits,
    read(from = 0, count = rows) {
      const read = [...within(blocks, from, count)].map(({ part, first, some }) => part.kept.read(first, some));
      const packed = new Uint8Array(read.reduce((sum, part) => sum + part.packed.length, 0));
      const scales = new Float32Array(read.reduce((sum, part) => sum + part.scales.length, 0));
      let [packedEnd, scalesEnd] = [0, 0];
      for (const part of read) {
        packed.set(part.packed, packedEnd);
        scales.set(part.scales, scalesEnd);
        packedEnd += part.packed.length;
        scalesEnd += part.scales.length;
        release(part.packed);
        release(part.scales);
      }
      return { packed, scales };
    },
  };
}

/** The same rows in another order: row `i` of the result is row `source(i)`. Those of a head stay within it, so that few are read for few. */
export function permuteRows(matrix: Matrix, source: (row: number) => number): Matrix {
  const { rows, columns, kept } = matrix;
  /** Rows of the matrix that have all that lie between two of the result. */
  const spanOf = (from: number, count: number): readonly [first: number, count: number] => {
    let [first, last] = [rows, 0];
    for (let row = from; row < from + count; row++) {
      const at = source(row);
      if (at < first) first = at;
      if (at > last) last = at;
    }
    return [first, last - first + 1];
  };
  const permuted = <T extends Float32Array | Uint8Array>(
    from: number,
    count: number,
    first: number,
    read: T,
    width: number,
    into: T,
  ): T => {
    for (let i = 0; i < count; i++) {
      const at = source(from + i) - first;
      into.set(read.subarray(at * width, (at + 1) * width), i * width);
    }
    return into;
  };
  const blocks = kept && {
    bits: kept.bits,
    read(from = 0, count = rows) {
      const [first, some] = spanOf(from, count);
      const { packed, scales } = kept.read(first, some);
      const [width, scaleWidth] = [packed.length / some, scales.length / some];
      const turned = {
        packed: permuted(from, count, first, packed, width, new Uint8Array(count * width)),
        scales: permuted(from, count, first, scales, scaleWidth, new Float32Array(count * scaleWidth)),
      };
      release(packed);
      release(scales);
      return turned;
    },
  };
  const read: RowReader = (from, count, into) => {
    const [first, some] = spanOf(from, count);
    const rowsBefore = new Float32Array(some * columns);
    readRows(matrix, first, some, rowsBefore);
    permuted(from, count, first, rowsBefore, columns, into);
    release(rowsBefore);
  };
  return lazyMatrix(rows, columns, read, blocks);
}

/** `[rows, columns]` to `[columns, rows]`, the layout in which ONNX's MatMul wants a weight. */
export function transpose<T extends Float32Array | Int8Array>(values: T, rows: number, columns: number): T {
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  }
  return result;
}
