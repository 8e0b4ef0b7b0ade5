import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRANSCODED_DTYPES } from '../../src/core/making.ts';
import { ExternalData } from '../../src/forge/externalData.ts';
import { fp16 } from '../../src/forge/floatFormats.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { type Extras, tinyGguf } from '../../src/forge/gguf/testing/tinyGguf.ts';
import { headDim } from '../../src/forge/llama.ts';
import { type Llama2cModel, readLlama2c } from '../../src/forge/llama2c.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { memorySource, TINY, tinyCheckpoint, UNEVEN } from '../../src/forge/testing/tinyLlama.ts';
import { formatOf } from '../../src/forge/transcode/forms.ts';
import { fp32, int8, q4, type WeightFormat } from '../../src/forge/weightFormats.ts';
import { lastOf, OrtLlama } from '../evaluate/ortLlama.ts';
import { plainLlama } from './testing/plainLlama.ts';

const IDS = [1, 7, 30, 4, 4, 19, 2, 11];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sill-graph-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(format: WeightFormat, ownClassifier: boolean) {
  return loadModel(format, readLlama2c(memorySource(tinyCheckpoint(ownClassifier))));
}

async function loadModel<T extends Pick<Llama2cModel, 'config' | 'weights'>>(format: WeightFormat, model: T) {
  const parts: Uint8Array[] = [];
  const data = new ExternalData('tiny.onnx_data', (bytes) => parts.push(bytes.slice()));
  const path = join(folder, 'tiny.onnx');
  await writeFile(path, buildLlama(model.config, model.weights, format, data));
  await writeFile(join(folder, data.location), Buffer.concat(parts));
  const { kvHeads } = model.config;
  return { model, graph: await OrtLlama.load(path, { heads: kvHeads, headDim: headDim(model.config) }) };
}

/** Largest difference, as a share of the scores' spread. */
function worst(rows: readonly Float32Array[], expected: readonly number[][]): number {
  const spread = Math.max(...expected.flat()) - Math.min(...expected.flat());
  return Math.max(...expected.flatMap((row, p) => row.map((score, i) => Math.abs((rows[p]?.[i] ?? NaN) - score)))) / spread;
}

describe.each([
  { name: 'fp32', format: fp32, tolerance: 1e-5 },
  { name: 'int8', format: int8, tolerance: 0.05 },
  { name: 'q4', format: q4, tolerance: 0.2 },
  { name: 'fp16', format: fp16, tolerance: 0.003 },
])('a $name graph', ({ format, tolerance }) => {
  test.each([false, true])('scores every position as a plain llama does, its own classifier: %s', async (ownClassifier) => {
    const { model, graph } = await load(format, ownClassifier);
    const { logits } = await graph.run(IDS, undefined, 0);
    expect(logits).toHaveLength(IDS.length);
    expect(worst(logits, plainLlama(model.config, model.weights, IDS))).toBeLessThan(tolerance);
  });

  test('goes on from kept key-values as if it had read all at once', async () => {
    const { graph } = await load(format, false);
    const whole = await graph.run(IDS);
    let step = await graph.run(IDS.slice(0, 3));
    for (const id of IDS.slice(3)) step = await graph.run([id], step.past);
    expect(worst([lastOf(step.logits)], [[...lastOf(whole.logits)]])).toBeLessThan(tolerance);
  });

  test('scores only the last positions that were asked for', async () => {
    const { graph } = await load(format, false);
    const all = (await graph.run(IDS, undefined, 0)).logits;
    const { logits } = await graph.run(IDS, undefined, 2);
    expect(logits).toHaveLength(2);
    // Not to the bit: int8 takes one scale for the rows that it scores together.
    expect(
      worst(
        logits,
        all.slice(-2).map((row) => [...row]),
      ),
    ).toBeLessThan(tolerance);
  });
});

/** As wide as the tokens of int8 are evened out from, and with rows that lie in slabs. */
const WIDE = { ...TINY, dim: 1024, heads: 16, hidden: 1024, vocab: 256 };

describe.each([
  { name: 'fp32', format: fp32 },
  { name: 'int8', format: int8 },
  { name: 'q4', format: q4 },
  { name: 'fp16', format: fp16 },
])('a wide $name graph', ({ format }) => {
  test('scores nothing where a runtime asks for none, and goes on from what it has read', async () => {
    const { graph } = await loadModel(format, readLlama2c(memorySource(tinyCheckpoint(false, WIDE))));
    const expected = (await graph.run(IDS, undefined, 0)).logits.slice(5).map((row) => [...row]);
    const unscored = await graph.run(IDS.slice(0, 5), undefined, -(2 ** 31));
    expect(unscored.logits).toEqual([]);
    const { logits } = await graph.run(IDS.slice(5), unscored.past, 0);
    expect(worst(logits, expected)).toBeLessThan(0.05);
  });
});

/** With a window, normalised additions and GELU, as Gemma has them; and with a cap, which has attention go another way. */
const gemmaLike = (attentionSoftcap?: number) => {
  const { config, weights } = readLlama2c(memorySource(tinyCheckpoint(false)));
  const norm = new Float32Array(TINY.dim).fill(0.5);
  return {
    config: {
      ...config,
      activation: 'gelu' as const,
      window: { size: 4, limited: [true, false] },
      ...(attentionSoftcap === undefined ? {} : { attentionSoftcap }),
    },
    weights: { ...weights, layer: (index: number) => ({ ...weights.layer(index), postNorms: { attention: norm, feedForward: norm } }) },
  };
};

test.each([
  ['with a matrix of the last layer in 32 bits', formatOf('int8', ['model.layers.1.mlp.down_proj']), gemmaLike()],
  ['with normalised additions and a window', int8, gemmaLike()],
  ['with a cap on attention', int8, gemmaLike(20)],
  ['unquantised, with normalised additions and a window', fp32, gemmaLike()],
] as const)('a graph %s reads tokens that nobody scores and goes on from them', async (_, format, model) => {
  const { graph } = await loadModel(format, model);
  const expected = (await graph.run(IDS, undefined, 0)).logits.slice(-1).map((row) => [...row]);
  const unscored = await graph.run(IDS.slice(0, 5), undefined, -(2 ** 31));
  expect(unscored.logits).toEqual([]);
  expect(worst((await graph.run(IDS.slice(5), unscored.past)).logits, expected)).toBeLessThan(format === fp32 ? 1e-5 : 0.05);
});

/** Everything that sets an architecture apart, one by one and on both rotations. */
const ARCHITECTURES: ReadonlyArray<readonly [name: string, extras: Extras]> = [
  ['llama', {}],
  ['llama', { classifier: true, ropeDivisors: true }],
  ['qwen2', { qkvBias: true }],
  ['qwen3', { headNorms: true, classifier: true }],
];

describe.each(ARCHITECTURES)('a GGUF file of %s with %j', (name, extras) => {
  const read = (type: 'F32' | 'Q8_0' | 'Q4_0') => ggufModel(readGguf([memorySource(tinyGguf(type, name, extras))]), TINY.vocab);

  test('scores every position as a plain decoder does', async () => {
    const { model, graph } = await loadModel(fp32, read('F32'));
    const { logits } = await graph.run(IDS, undefined, 0);
    expect(worst(logits, plainLlama(model.config, model.weights, IDS))).toBeLessThan(1e-5);
  });

  test.each(['Q4_0', 'Q8_0'] as const)('in 4-bit form loses no more of %s than its wider blocks', async (type) => {
    const { model, graph } = await loadModel(q4, read(type));
    const { logits } = await graph.run(IDS, undefined, 0);
    // Blocks of Q4_0 are taken as they are: what is left is the rounding of sums.
    expect(worst(logits, plainLlama(model.config, model.weights, IDS))).toBeLessThan(type === 'Q4_0' ? 1e-4 : 0.2);
  });
});

describe.each([
  ['none of whose rows divide', UNEVEN],
  ['some of whose rows do not divide', { ...TINY, hidden: 172 }],
])('a GGUF file %s into blocks', (_, shape) => {
  test.each(TRANSCODED_DTYPES)('is a whole model as %s', async (dtype) => {
    const read = ggufModel(readGguf([memorySource(tinyGguf('F32', 'llama', {}, shape))]), shape.vocab);
    const { model, graph } = await loadModel(formatOf(dtype), read);
    const { logits } = await graph.run(IDS, undefined, 0);
    expect(worst(logits, plainLlama(model.config, model.weights, IDS))).toBeLessThan(dtype === 'q4' ? 0.2 : 0.05);
  });
});
