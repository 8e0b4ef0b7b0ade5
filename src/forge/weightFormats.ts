import { BLOCK, type BlockBits } from './blockMatrix.ts';
import type { DataRange } from './externalData.ts';
import { ELEMENT_TYPES, type GraphBuilder, MICROSOFT, type WeightPart } from './graphBuilder.ts';
import { type Matrix, transpose } from './matrix.ts';
import { quantizeQ4, quantizeQ8 } from './quantizeBlocks.ts';
import { quantizeInt8 } from './quantizeInt8.ts';

/** Which of a layer's products a matrix serves. */
export type Role = 'qkv' | 'attentionOutput' | 'gateUp' | 'down' | 'classifier';

/** How a graph stores its matrices and which operators apply them. Every `name` is a prefix for what is added. */
export interface WeightFormat {
  /** `input` `[..., columns]` times the transposed matrix: `[..., rows]`. */
  linear(graph: GraphBuilder, name: string, input: string, matrix: Matrix, role: Role): string;
  /** Rows of `matrix` by `ids`, and a function that multiplies with the same matrix, stored once. */
  embedding(
    graph: GraphBuilder,
    name: string,
    ids: string,
    matrix: Matrix,
  ): { rows: string; linear: (name: string, input: string) => string };
}

/** The matrix lies as multiplication wants it, `[columns, rows]`: looking ids up there yields columns, to be turned. */
function gatherColumns(graph: GraphBuilder, name: string, weight: string, ids: string): string {
  const columns = graph.node('Gather', [weight, ids], `${name}/columns`, { attributes: { axis: { int: 1 } } });
  return graph.node('Transpose', [columns], `${name}/rows`, { attributes: { perm: { ints: [1, 2, 0] } } });
}

function fp32Weight(graph: GraphBuilder, name: string, matrix: Matrix): void {
  const { rows, columns } = matrix;
  graph.madeWeights(name, [{ name: `${name}.weight`, type: 'float32', dims: [columns, rows] }], () => ({
    parts: [transpose(matrix.values, rows, columns)],
  }));
}

/** As trained, for reference. */
export const fp32: WeightFormat = {
  linear(graph, name, input, matrix) {
    fp32Weight(graph, name, matrix);
    return graph.node('MatMul', [input, `${name}.weight`], `${name}/output`);
  },
  embedding(graph, name, ids, matrix) {
    const weight = `${name}.weight`;
    fp32Weight(graph, name, matrix);
    return {
      rows: gatherColumns(graph, name, weight, ids),
      linear: (head, input) => graph.node('MatMul', [input, weight], `${head}/output`),
    };
  },
};

function int8Weight(graph: GraphBuilder, name: string, matrix: Matrix): void {
  const { rows, columns } = matrix;
  const parts: WeightPart[] = [
    { name: `${name}.weight`, type: 'int8', dims: [columns, rows] },
    { name: `${name}.scale`, type: 'float32', dims: [rows] },
  ];
  graph.madeWeights(name, parts, () => {
    const { values, scales, error } = quantizeInt8(matrix, true);
    return { parts: [values, scales], error };
  });
}

const int8Product = (graph: GraphBuilder, input: string, weight: string, output: string): string =>
  graph.node('DynamicQuantizeMatMul', [input, `${weight}.weight`, `${weight}.scale`], `${output}/output`, { domain: MICROSOFT });

/**
 * 8-bit weights, activations quantised while it runs by one scale for the whole call: the fast form on WASM. The scales serve
 * the embedding too, whose rows are the product's columns.
 */
export const int8: WeightFormat = {
  linear(graph, name, input, matrix) {
    int8Weight(graph, name, matrix);
    return int8Product(graph, input, name, name);
  },
  embedding(graph, name, ids, matrix) {
    int8Weight(graph, name, matrix);
    graph.constant(`${name}/last`, 'int64', [1], [-1n]);
    const gathered = gatherColumns(graph, name, `${name}.weight`, ids);
    const values = graph.node('Cast', [gathered], `${name}/values`, { attributes: { to: { int: ELEMENT_TYPES.float32 } } });
    const scales = graph.node('Gather', [`${name}.scale`, ids], `${name}/scales`);
    const columns = graph.node('Unsqueeze', [scales, `${name}/last`], `${name}/scale_columns`);
    return {
      rows: graph.node('Mul', [values, columns], `${name}/scaled`),
      linear: (head, input) => int8Product(graph, input, name, head),
    };
  },
};

/**
 * What 4 bits hurt most is kept at 8. On stories15M that brings the divergence from fp32 from 0.073 to 0.039, and the worst
 * greedy choice that changes from one by 1.4 logits to one by 0.9, for 1.4 MB.
 */
const KEPT_AT_8_BITS: ReadonlySet<Role> = new Set(['qkv', 'down']);

/** Blocks in which the matrix came are kept where they are no wider: that loses nothing, and making them anew would. */
function blockWeight(graph: GraphBuilder, name: string, matrix: Matrix, most: BlockBits): { range: DataRange; bits: BlockBits } {
  const kept = matrix.kept && matrix.kept.bits <= most ? matrix.kept : undefined;
  const bits = kept?.bits ?? most;
  const blocks = matrix.columns / BLOCK;
  const parts: WeightPart[] = [
    { name: `${name}.scale`, type: 'float32', dims: [matrix.rows, blocks] },
    { name: `${name}.weight`, type: 'uint8', dims: [matrix.rows, blocks, (BLOCK * bits) / 8] },
  ];
  const [, range] = graph.madeWeights(name, parts, () => {
    const { packed, scales, error = 0 } = kept?.read() ?? (bits === 4 ? quantizeQ4(matrix) : quantizeQ8(matrix));
    return { parts: [scales, packed], error };
  });
  if (!range) throw new RangeError(`${name} has no place`);
  return { bits, range };
}

const blockProduct = (graph: GraphBuilder, input: string, weight: string, matrix: Matrix, bits: BlockBits, output: string): string =>
  graph.node('MatMulNBits', [input, `${weight}.weight`, `${weight}.scale`], `${output}/output`, {
    domain: MICROSOFT,
    attributes: { K: { int: matrix.columns }, N: { int: matrix.rows }, bits: { int: bits }, block_size: { int: BLOCK } },
  });

/** @param bitsOf how wide a matrix may be; @param embeddingBits of the one that is looked up as well */
const blockFormat = (bitsOf: (role: Role) => BlockBits, embeddingBits: BlockBits): WeightFormat => ({
  linear(graph, name, input, matrix, role) {
    const { bits } = blockWeight(graph, name, matrix, bitsOf(role));
    return blockProduct(graph, input, name, matrix, bits, name);
  },
  embedding(graph, name, ids, matrix) {
    const { range, bits } = blockWeight(graph, name, matrix, embeddingBits);
    // The same bytes under the shape that the look-up wants: rows of levels (at 4 bits pairs of them), without the blocks.
    graph.alias(`${name}.rows`, 'uint8', [matrix.rows, (matrix.columns * bits) / 8], range);
    const rows = graph.node('GatherBlockQuantized', [`${name}.rows`, ids, `${name}.scale`], `${name}/rows`, {
      domain: MICROSOFT,
      attributes: { bits: { int: bits }, block_size: { int: BLOCK }, gather_axis: { int: 0 }, quantize_axis: { int: 1 } },
    });
    return { rows, linear: (head, input) => blockProduct(graph, input, name, matrix, bits, head) };
  },
});

/** 4-bit weights in blocks: the fast form on WebGPU. */
export const q4: WeightFormat = blockFormat((role) => (KEPT_AT_8_BITS.has(role) ? 8 : 4), 4);

/** 8-bit weights in blocks: slow everywhere, and next to nothing lost. What other forms of the same weights are held against. */
export const q8: WeightFormat = blockFormat(() => 8, 8);
