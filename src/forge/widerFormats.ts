import type { TranscodedDtype } from '../core/making.ts';
import type { GraphBuilder } from './graphBuilder.ts';
import type { Matrix } from './matrix.ts';
import type { ErrorSums } from './quantisationError.ts';
import { blockFormat, byRows, type WeightFormat } from './weightFormats.ts';

/** Of a matrix whose numbers are kept. */
const LOSSLESS: ErrorSums = { squares: 1, differences: 0 };

/** Rows as the file has them, so that few are made at a time, and the multiplication turns them. */
function floatWeight(graph: GraphBuilder, name: string, matrix: Matrix): void {
  const dims = [matrix.rows, matrix.columns];
  graph.madeWeights(
    name,
    [{ name: `${name}.weight`, type: 'float32', dims }],
    byRows(matrix, 1, (some) => ({ parts: [some.values], error: LOSSLESS })),
  );
}

/** `Gemm` takes one matrix by another, so the text's dimension is taken off and put back. One text a call. */
function floatProduct(graph: GraphBuilder, input: string, weight: string, { rows, columns }: Matrix, output: string): string {
  const shape = (part: string, dims: readonly bigint[]) => graph.constant(`${output}/${part}`, 'int64', [dims.length], dims);
  const tokens = graph.node('Reshape', [input, shape('flat', [-1n, BigInt(columns)])], `${output}/tokens`);
  const product = graph.node('Gemm', [tokens, `${weight}.weight`], `${output}/product`, { attributes: { transB: { int: 1 } } });
  return graph.node('Reshape', [product, shape('shape', [1n, -1n, BigInt(rows)])], `${output}/output`);
}

/** As numbers of 32 bits: nothing is lost, neither of the weights nor of what they are multiplied with. */
export const float32: WeightFormat = {
  linear(graph, name, input, matrix) {
    floatWeight(graph, name, matrix);
    return floatProduct(graph, input, name, matrix, name);
  },
  embedding(graph, name, ids, matrix) {
    floatWeight(graph, name, matrix);
    return {
      rows: graph.node('Gather', [`${name}.weight`, ids], `${name}/rows`),
      linear: (head, input) => floatProduct(graph, input, name, matrix, head),
    };
  },
};

const blocks8 = blockFormat(() => 8, 4);

/** What a matrix becomes that loses too much: 32 bits in place of 8, and blocks of 8 bits in place of 4. */
const WIDER: Readonly<Record<TranscodedDtype, WeightFormat>> = { int8: float32, q4: blocks8, q8: float32 };

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
