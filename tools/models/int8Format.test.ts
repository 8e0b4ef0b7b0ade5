import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { expect, test } from 'vitest';
import { ExternalData } from '../../src/forge/externalData.ts';
import { GraphBuilder } from '../../src/forge/graphBuilder.ts';
import type { Matrix } from '../../src/forge/matrix.ts';
import { int8, slabOf } from '../../src/forge/weightFormats.ts';

env.wasm.numThreads = 1;
env.logLevel = 'error';

/** Numbers between -1 and 1, the same in every run. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647) * 2 - 1;
  });
}

/** The first rows are smaller than the last. */
const matrixOf = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: numbers(rows * columns, 1).map((value, i) => value * (0.1 + i / (rows * columns))),
});

async function run(build: (graph: GraphBuilder) => void, input: Tensor): Promise<Float32Array> {
  const parts: Uint8Array[] = [];
  const data = new ExternalData('weights', (bytes) => parts.push(bytes.slice()));
  const graph = new GraphBuilder('product', data);
  build(graph);
  const session = await InferenceSession.create(graph.build({ name: 'test', version: '1' }), {
    externalData: [{ path: 'weights', data: Buffer.concat(parts) }],
  });
  const { y } = await session.run({ x: input });
  if (!(y?.data instanceof Float32Array)) throw new Error('no numbers came out');
  return y.data;
}

const multiply = (matrix: Matrix, tokens: Float32Array): Promise<Float32Array> =>
  run(
    (graph) => {
      graph.input('x', 'float32', [1, 'tokens', matrix.columns]);
      graph.node('Identity', [int8.linear(graph, 'w', 'x', matrix, 'down')], 'y');
      graph.output('y', 'float32', [1, 'tokens', matrix.rows]);
    },
    new Tensor('float32', tokens, [1, tokens.length / matrix.columns, matrix.columns]),
  );

/** Largest difference from the exact product, as a share of the largest number of that token's product. */
function worst(matrix: Matrix, tokens: Float32Array, product: Float32Array, token: number): number {
  const { rows, columns, values } = matrix;
  const exact = Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += (values[row * columns + i] ?? 0) * (tokens[token * columns + i] ?? 0);
    return sum;
  });
  const spread = Math.max(...exact.map(Math.abs));
  return Math.max(...exact.map((value, row) => Math.abs(value - (product[token * rows + row] ?? Number.NaN)))) / spread;
}

test.each([
  ['one piece', 80],
  ['slabs', 384],
] as const)('a matrix in %s multiplies each token of a call', async (_, rows) => {
  const matrix = matrixOf(rows, 96);
  expect(slabOf(rows) === rows).toBe(rows === 80);
  const tokens = numbers(3 * 96, 2);
  const product = await multiply(matrix, tokens);
  for (const token of [0, 1, 2]) expect(worst(matrix, tokens, product, token)).toBeLessThan(0.02);
});

test('a wide matrix keeps a quiet token apart from a loud one in the same call, and from one of zeros', async () => {
  const matrix = matrixOf(256, 1024);
  const loudness = [1, 3000, 0];
  const tokens = numbers(3 * 1024, 2).map((value, i) => value * (loudness[Math.floor(i / 1024)] ?? 0));
  const product = await multiply(matrix, tokens);
  expect(worst(matrix, tokens, product, 0)).toBeLessThan(0.02);
  expect(worst(matrix, tokens, product, 1)).toBeLessThan(0.02);
  expect(product.subarray(2 * 256).every((value) => value === 0)).toBe(true);
});

test.each([
  ['one piece', 37],
  ['slabs', 160],
] as const)('rows of an embedding in %s come back by their ids', async (_, rows) => {
  const matrix = matrixOf(rows, 96);
  const ids = [0, rows - 1, 17, 17];
  const found = await run(
    (graph) => {
      graph.input('x', 'int64', [1, 'tokens']);
      graph.node('Identity', [int8.embedding(graph, 'w', 'x', matrix).rows], 'y');
      graph.output('y', 'float32', [1, 'tokens', 96]);
    },
    new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
  );
  for (const [token, id] of ids.entries()) {
    const row = matrix.values.subarray(id * 96, (id + 1) * 96);
    const step = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    for (const [i, value] of row.entries())
      expect(Math.abs((found[token * 96 + i] ?? Number.NaN) - value)).toBeLessThanOrEqual(step * 0.51);
  }
});
