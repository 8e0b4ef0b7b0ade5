import { ELEMENT_TYPES, type FloatType, type GraphBuilder } from './graphBuilder.ts';
import type { Matrix } from './matrix.ts';
import type { ErrorSums } from './quantisationError.ts';
import { quantizeHalf } from './quantizeHalf.ts';
import { byRows, type WeightFormat } from './weightFormats.ts';

/** Of a matrix whose numbers are kept. */
const LOSSLESS: ErrorSums = { squares: 1, differences: 0 };

/** Rows as the file has them, so that few are made at a time, and the multiplication turns them. */
function floatWeight(graph: GraphBuilder, name: string, matrix: Matrix, type: FloatType): void {
  const dims = [matrix.rows, matrix.columns];
  const making = byRows(matrix, 1, (some) => {
    if (type === 'float32') return { parts: [some.values], error: LOSSLESS };
    const { values, error } = quantizeHalf(some);
    return { parts: [values], error };
  });
  graph.madeWeights(name, [{ name: `${name}.weight`, type, dims }], making);
}

/** `Gemm` takes one matrix by another, so the text's dimension is taken off and put back. One text a call. */
function floatProduct(graph: GraphBuilder, input: string, weight: string, { rows, columns }: Matrix, output: string): string {
  const shape = (part: string, dims: readonly bigint[]) => graph.constant(`${output}/${part}`, 'int64', [dims.length], dims);
  const tokens = graph.node('Reshape', [input, shape('flat', [-1n, BigInt(columns)])], `${output}/tokens`);
  const product = graph.node('Gemm', [tokens, `${weight}.weight`], `${output}/product`, { attributes: { transB: { int: 1 } } });
  return graph.node('Reshape', [product, shape('shape', [1n, -1n, BigInt(rows)])], `${output}/output`);
}

const floats = (type: FloatType): Pick<WeightFormat, 'linear' | 'embedding'> => ({
  linear(graph, name, input, matrix) {
    floatWeight(graph, name, matrix, type);
    return floatProduct(graph, input, name, matrix, name);
  },
  embedding(graph, name, ids, matrix) {
    floatWeight(graph, name, matrix, type);
    return {
      rows: graph.node('Gather', [`${name}.weight`, ids], `${name}/rows`),
      linear: (head, input) => floatProduct(graph, input, name, matrix, head),
    };
  },
});

/** As numbers of 32 bits: nothing is lost, neither of the weights nor of what they are multiplied with. */
export const float32: WeightFormat = floats('float32');

/** Weights, activations and caches of 16 bits: next to nothing lost, twice the size of 8 bits. For a GPU that computes so. */
export const fp16: WeightFormat = { gpu: true, half: true, ...floats('float16') };

/** A matrix of 32 bits in a graph of 16: sums are made in 32 as well. */
export const float32AmongHalves: WeightFormat = {
  linear: (graph, name, input, matrix, role) =>
    cast(graph, float32.linear(graph, name, cast(graph, input, `${name}/input`, 'float32'), matrix, role), `${name}/half`, 'float16'),
  embedding(graph, name, ids, matrix) {
    const { rows, linear } = float32.embedding(graph, name, ids, matrix);
    return {
      rows: cast(graph, rows, `${name}/half`, 'float16'),
      linear: (head, input) => cast(graph, linear(head, cast(graph, input, `${head}/input`, 'float32')), `${head}/half`, 'float16'),
    };
  },
};

/** The same numbers in another type. */
export const cast = (graph: GraphBuilder, value: string, name: string, to: FloatType): string =>
  graph.node('Cast', [value], name, { attributes: { to: { int: ELEMENT_TYPES[to] } } });
