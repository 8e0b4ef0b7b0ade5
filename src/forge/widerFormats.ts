import type { TranscodedDtype } from '../core/making.ts';
import { BLOCK } from './blockMatrix.ts';
import { float32, float32AmongHalves } from './floatFormats.ts';
import type { Matrix } from './matrix.ts';
import { blockFormat, type WeightFormat } from './weightFormats.ts';

/**
 * A form in blocks, with 32 bits for matrices whose rows do not divide into them. Files in few bits have none; what is left are models of some kilobytes that
 * people try first, and a form without them would leave nothing to hold the others against.
 */
export function whereBlocksFit(blocks: WeightFormat): WeightFormat {
  const of = ({ columns }: Matrix): WeightFormat => (columns % BLOCK === 0 ? blocks : float32);
  return {
    ...blocks,
    linear: (graph, name, input, matrix, role) => of(matrix).linear(graph, name, input, matrix, role),
    embedding: (graph, name, ids, matrix) => of(matrix).embedding(graph, name, ids, matrix),
  };
}

const blocks8 = whereBlocksFit(blockFormat(() => 8, 4));

/** What a matrix becomes that loses too much: 32 bits in place of 8 or 16, and blocks of 8 bits in place of 4. */
const WIDER: Readonly<Record<TranscodedDtype, WeightFormat>> = { int8: float32, q4: blocks8, fp16: float32AmongHalves, q8: float32 };

/** A form in which the matrices of these names are kept in the next higher one. */
export function widened(format: WeightFormat, dtype: TranscodedDtype, names: readonly string[]): WeightFormat {
  if (names.length === 0) return format;
  const wide = new Set(names);
  const of = (name: string): WeightFormat => (wide.has(name) ? WIDER[dtype] : format);
  return {
    ...format,
    linear: (graph, name, input, matrix, role) => of(name).linear(graph, name, input, matrix, role),
    embedding: (graph, name, ids, matrix) => of(name).embedding(graph, name, ids, matrix),
  };
}
