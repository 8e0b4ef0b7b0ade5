import { BLOCK, type BlockBits } from './blockMatrix.ts';
import type { DataRange, MadePiece, WeightMaking } from './externalData.ts';
import { ELEMENT_TYPES, type GraphBuilder, MICROSOFT, type WeightPart } from './graphBuilder.ts';
import { type Matrix, rowsOf, transpose } from './matrix.ts';
import type { ErrorSums } from './quantisationError.ts';
import { quantizeQ4, quantizeQ8 } from './quantizeBlocks.ts';
import { quantizeInt8 } from './quantizeInt8.ts';

/** Which of a layer's products a matrix serves. */
export type Role = 'qkv' | 'attentionOutput' | 'gateUp' | 'down' | 'classifier';

/** How a graph stores its matrices and which operators apply them. Every `name` is a prefix for what is added. */
export interface WeightFormat {
  /** Whether its graph is for a GPU: what operators leave out there is written out. */
  readonly gpu?: boolean;
  /** Whether what it takes and gives is of 16 bits, and so attention and its caches. */
  readonly half?: boolean;
  /** What it adds to a graph when that is whole. */
  finish?(graph: GraphBuilder): void;
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

/** Numbers of a piece: what somebody makes, sends and stores at a time, whatever the size of the matrix. */
const PIECE_NUMBERS = 4 * 1024 * 1024;
/** Of what is kept as it came, nothing is lost. */
const KEPT: ErrorSums = { squares: 0, differences: 0 };

/** A matrix that is made some rows at a time, a multiple of `unit` but for the last ones. */
export function byRows(matrix: Matrix, unit: number, make: (some: Matrix) => MadePiece): WeightMaking {
  const most = Math.max(unit, Math.floor(PIECE_NUMBERS / matrix.columns / unit) * unit);
  return {
    pieces: Math.ceil(matrix.rows / most),
    make: (piece) => make(rowsOf(matrix, piece * most, Math.min(most, matrix.rows - piece * most))),
  };
}

/** The matrix lies as multiplication wants it, `[columns, rows]`: looking ids up there yields columns, to be turned. */
function gatherColumns(graph: GraphBuilder, name: string, weight: string, ids: string): string {
  const columns = graph.node('Gather', [weight, ids], `${name}/columns`, { attributes: { axis: { int: 1 } } });
  return graph.node('Transpose', [columns], `${name}/rows`, { attributes: { perm: { ints: [1, 2, 0] } } });
}

function fp32Weight(graph: GraphBuilder, name: string, matrix: Matrix): void {
  const { rows, columns } = matrix;
  graph.madeWeights(name, [{ name: `${name}.weight`, type: 'float32', dims: [columns, rows] }], {
    pieces: 1,
    make: () => ({ parts: [transpose(matrix.values, rows, columns)] }),
  });
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

/**
 * `[columns, rows]`, as `DynamicQuantizeMatMul` wants it, or `[slabs, columns, slab]`, as its batched form does. The runtime copies a weight
 * into panels of 128 columns at every call, which is most of what a step costs; from slabs of that width it reads it front to back.
 * Measured on one thread, 2,048 by 2,048 in one piece and in slabs: 3.6 and 2.0 ms for 16.8 million weights, 7 and 2 where widths of a power of
 * two make lines of the processor's cache meet. Slabs of 64 win another 10 % at one token and lose 4 % at 64.
 */
const SLAB = 128;

/** The widest slab that the rows divide into, or all rows. Below a quarter of a panel too much of it stays empty. */
export function slabOf(rows: number): number {
  for (let width = SLAB; width >= SLAB / 4; width -= 16) if (rows % width === 0) return width;
  return rows;
}

function int8Weight(graph: GraphBuilder, name: string, matrix: Matrix): void {
  const { rows, columns } = matrix;
  const slab = slabOf(rows);
  const isWhole = slab === rows;
  const parts: WeightPart[] = [
    { name: `${name}.weight`, type: 'int8', dims: isWhole ? [columns, rows] : [rows / slab, columns, slab] },
    { name: `${name}.scale`, type: 'float32', dims: isWhole ? [rows] : [rows / slab, 1, slab] },
  ];
  const making = byRows(matrix, slab, (some) => {
    const { values, scales, error } = quantizeInt8(some, slab);
    return { parts: [values, scales], error };
  });
  graph.madeWeights(name, parts, making);
}

/**
 * From this width on each token's activations are divided by their largest before they are quantised, and the product multiplied by it. One
 * scale serves all tokens of a call; without this, one loud token flattens the others. TinyLlama, 632 tokens of prose, rise of the mean NLL over
 * the unquantised weights: read in one pass 0.62 without and 0.03 with it, cut at its sink tokens 0.05 and 0.02, token by token 0.015. It is five
 * operators a product, which cost a step of such a model 3 % and one of stories15M, 288 wide, 18 %; that one is cut at its sink tokens alone.
 */
const EVENED_COLUMNS = 1024;
export const isEvened = (columns: number): boolean => columns >= EVENED_COLUMNS;
/** The product whose results are scores. */
export const SCORES = 'lm_head';
/** What a token without any activation is divided by. */
const LEAST_PEAK = 1e-30;

function int8Product(graph: GraphBuilder, input: string, weight: string, { rows, columns }: Matrix, output: string): string {
  if (!isEvened(columns)) return slabProduct(graph, input, weight, rows, output);
  const sizes = graph.node('Abs', [input], `${output}/sizes`);
  const axis = graph.constant(`${output}/axis`, 'int64', [1], [-1n]);
  const reduced = graph.node('ReduceMax', [sizes, axis], `${output}/reduced`);
  // Of no tokens, as behind the last attention where no scores are wanted, the runtime's reduction leaves the last side as long as it was.
  const perToken = graph.constant(`${output}/per_token`, 'int64', [3], [1n, -1n, 1n]);
  const largest = graph.node('Reshape', [reduced, perToken], `${output}/largest`);
  const peak = graph.node('Max', [largest, graph.scalar(`${output}/least`, LEAST_PEAK)], `${output}/peak`);
  const evened = graph.node('Div', [input, peak], `${output}/evened`);
  return graph.node('Mul', [slabProduct(graph, evened, weight, rows, output), peak], `${output}/scaled`);
}

function slabProduct(graph: GraphBuilder, input: string, weight: string, rows: number, output: string): string {
  const product = graph.node('DynamicQuantizeMatMul', [input, `${weight}.weight`, `${weight}.scale`], `${output}/product`, {
    domain: MICROSOFT,
  });
  if (slabOf(rows) === rows) return product;
  // From slab by slab to token by token. One text a call: its dimension of size 1 became that of the slabs.
  const tokens = graph.node('Transpose', [product], `${output}/tokens`, { attributes: { perm: { ints: [1, 0, 2] } } });
  const shape = graph.constant(`${output}/shape`, 'int64', [3], [1n, -1n, BigInt(rows)]);
  return graph.node('Reshape', [tokens, shape], `${output}/output`);
}

/** Rows of an int8 matrix by their ids, as levels and, in a last dimension of one, the scales of those rows. */
function int8Rows(graph: GraphBuilder, name: string, ids: string, { rows, columns }: Matrix): readonly [levels: string, scales: string] {
  const [weight, scale] = [`${name}.weight`, `${name}.scale`];
  const slab = slabOf(rows);
  const constant = (part: string, dims: readonly number[], values: readonly number[]) =>
    graph.constant(`${name}/${part}`, 'int64', dims, values.map(BigInt));
  if (slab === rows) {
    const scales = graph.node('Gather', [scale, ids], `${name}/row_scales`);
    return [
      gatherColumns(graph, name, weight, ids),
      graph.node('Unsqueeze', [scales, constant('last', [1], [-1])], `${name}/scale_columns`),
    ];
  }
  // Element by element, by [slab, column, place in the slab]: looked up where multiplication has it, since any other shape is a copy.
  const each = graph.node('Unsqueeze', [ids, constant('inner', [2], [2, 3])], `${name}/ids`);
  const width = constant('slab', [1], [slab]);
  const part = (op: 'Div' | 'Mod', axis: readonly number[]) =>
    graph.node('Mul', [graph.node(op, [each, width], `${name}/${op}`), constant(`${op}_axis`, [3], axis)], `${name}/${op}_place`);
  const first = graph.node('Add', [part('Div', [1, 0, 0]), part('Mod', [0, 0, 1])], `${name}/first`);
  const steps = constant('columns', [columns, 3], Array.from({ length: columns }, (_, column) => [0, column, 0]).flat());
  return [
    graph.node('GatherND', [weight, graph.node('Add', [first, steps], `${name}/places`)], `${name}/levels`),
    graph.node('GatherND', [scale, first], `${name}/row_scales`),
  ];
}

/**
 * 8-bit weights, activations quantised while it runs by one scale for the whole call: the fast form on WASM. The scales serve
 * the embedding too, whose rows are the product's columns.
 */
export const int8: WeightFormat = {
  linear(graph, name, input, matrix) {
    int8Weight(graph, name, matrix);
    return int8Product(graph, input, name, matrix, name);
  },
  embedding(graph, name, ids, matrix) {
    int8Weight(graph, name, matrix);
    const [levels, scales] = int8Rows(graph, name, ids, matrix);
    const values = graph.node('Cast', [levels], `${name}/values`, { attributes: { to: { int: ELEMENT_TYPES.float32 } } });
    return {
      rows: graph.node('Mul', [values, scales], `${name}/scaled`),
      linear: (head, input) => int8Product(graph, input, name, matrix, head),
    };
  },
};

/**
 * What 4 bits hurt most is kept at 8. On stories15M that brings the divergence from fp32 from 0.073 to 0.039, and the worst
 * greedy choice that changes from one by 1.4 logits to one by 0.9, for 1.4 MB.
 */
const KEPT_AT_8_BITS: ReadonlySet<Role> = new Set(['qkv', 'down']);

/**
 * @param made how wide blocks are that are made anew. Blocks in which the matrix came are kept where they are no wider than `most`: that loses nothing, and making
 * them anew would
 */
function blockWeight(
  graph: GraphBuilder,
  name: string,
  matrix: Matrix,
  made: BlockBits,
  most: BlockBits,
): { range: DataRange; bits: BlockBits } {
  const kept = matrix.kept && matrix.kept.bits <= most ? matrix.kept : undefined;
  const bits = kept?.bits ?? made;
  const blocks = matrix.columns / BLOCK;
  const parts: WeightPart[] = [
    { name: `${name}.weight`, type: 'uint8', dims: [matrix.rows, blocks, (BLOCK * bits) / 8] },
    { name: `${name}.scale`, type: 'float32', dims: [matrix.rows, blocks] },
  ];
  const make = bits === 4 ? quantizeQ4 : quantizeQ8;
  const making = byRows(matrix, 1, (some) => {
    const { packed, scales, error = KEPT } = (kept && some.kept?.read()) ?? make(some);
    return { parts: [packed, scales], error };
  });
  const [range] = graph.madeWeights(name, parts, making);
  if (!range) throw new RangeError(`${name} has no place`);
  return { bits, range };
}

const blockProduct = (graph: GraphBuilder, input: string, weight: string, matrix: Matrix, bits: BlockBits, output: string): string =>
  graph.node('MatMulNBits', [input, `${weight}.weight`, `${weight}.scale`], `${output}/output`, {
    domain: MICROSOFT,
    attributes: { K: { int: matrix.columns }, N: { int: matrix.rows }, bits: { int: bits }, block_size: { int: BLOCK } },
  });

/** @param bitsOf how wide a matrix may be; @param embeddingBits of the one that is looked up as well */
export const blockFormat = (bitsOf: (role: Role) => BlockBits, embeddingBits: BlockBits): WeightFormat => ({
  gpu: true,
  linear(graph, name, input, matrix, role) {
    const { bits } = blockWeight(graph, name, matrix, bitsOf(role), 8);
    return blockProduct(graph, input, name, matrix, bits, name);
  },
  embedding(graph, name, ids, matrix) {
    // What looks rows up on a GPU takes blocks of 4 bits.
    const { range, bits } = blockWeight(graph, name, matrix, embeddingBits, embeddingBits);
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
