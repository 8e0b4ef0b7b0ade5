import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joined } from '../../src/core/joinedBytes.ts';
import { LOUDNESS_OUTPUT } from '../../src/core/making.ts';
import { evenedBytes, withChannelsOf } from '../../src/forge/channelBytes.ts';
import { withEvenedChannels } from '../../src/forge/evenedChannels.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { type Extras, tinyGguf } from '../../src/forge/gguf/testing/tinyGguf.ts';
import { listening } from '../../src/forge/listening.ts';
import { headDim, type LlamaConfig, type LlamaWeights } from '../../src/forge/llama.ts';
import { readLlama2c } from '../../src/forge/llama2c.ts';
import type { Matrix } from '../../src/forge/matrix.ts';
import { memorySource, TINY, tinyCheckpoint } from '../../src/forge/testing/tinyLlama.ts';
import { fp32 } from '../../src/forge/weightFormats.ts';
import { OrtLlama } from '../evaluate/ortLlama.ts';
import { GRAPH_NAMES, writeFormat, writeGraph } from '../import/writeGraph.ts';
import { channelLoudness } from './channelLoudness.ts';
import { plainLlama } from './testing/plainLlama.ts';

interface Model {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
}

const IDS = [1, 7, 30, 4, 4, 19, 2, 11];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sill-evened-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function evened(model: Model): Promise<Model> {
  const loudness = await channelLoudness(model, IDS);
  return {
    config: model.config,
    weights: withEvenedChannels(model.config, model.weights, (index) => loudness[index] ?? expect.fail(`nothing of ${index}`)),
  };
}

/** As an import does: from all that was heard a byte for each channel, and from those the model. */
async function evenedByBytes(model: Model): Promise<Model> {
  await writeFormat(folder, 'listening.onnx', listening(fp32), model);
  const { config } = model;
  const llama = await OrtLlama.load(join(folder, 'listening.onnx'), { heads: config.kvHeads, headDim: headDim(config) });
  const heard = (await llama.run(IDS, undefined, 0)).past.tensors[LOUDNESS_OUTPUT]?.data;
  if (!(heard instanceof Float32Array)) return expect.fail('nothing was heard');
  return { config, weights: withChannelsOf(model, joined([...evenedBytes(model, heard.slice())])) };
}

const WAYS = [
  { way: 'evened', even: evened },
  { way: 'evened by a byte a channel', even: evenedByBytes },
] as const;

/** Largest difference from another's scores, as a share of their spread. */
function worst(rows: ReadonlyArray<ArrayLike<number>>, expected: readonly number[][]): number {
  const spread = Math.max(...expected.flat()) - Math.min(...expected.flat());
  return Math.max(...expected.flatMap((row, p) => row.map((score, i) => Math.abs((rows[p]?.[i] ?? Number.NaN) - score)))) / spread;
}

async function worstInInt8({ config, weights }: Model): Promise<number> {
  await writeGraph(folder, 'int8', { config, weights });
  const llama = await OrtLlama.load(join(folder, GRAPH_NAMES.int8), { heads: config.kvHeads, headDim: headDim(config) });
  return worst((await llama.run(IDS, undefined, 0)).logits, plainLlama(config, weights, IDS));
}

const ARCHITECTURES: ReadonlyArray<readonly [name: string, extras: Extras]> = [
  ['llama', {}],
  ['qwen2', { qkvBias: true }],
  ['qwen3', { headNorms: true }],
];

test.each(ARCHITECTURES.flatMap(([name, extras]) => WAYS.map((each) => ({ name, extras, ...each }))))(
  'unquantised, a model of $name with $extras says the same with its channels $way',
  async ({ name, extras, even: by }) => {
    const model = ggufModel(readGguf([memorySource(tinyGguf('F32', name, extras))]), TINY.vocab);
    const even = await by(model);
    expect(worst(plainLlama(even.config, even.weights, IDS), plainLlama(model.config, model.weights, IDS))).toBeLessThan(1e-5);
    const [before, after] = [model.weights.layer(0), even.weights.layer(0)];
    for (const part of ['query', 'value', 'attentionOutput', 'up', 'down'] as const)
      expect(after[part].values).not.toEqual(before[part].values);
  },
);

describe('a channel three hundred times as loud', () => {
  const LOUD = 300;
  const loudAt = (matrix: Matrix, at: (row: number, column: number) => boolean, by: number): Matrix => ({
    rows: matrix.rows,
    columns: matrix.columns,
    values: matrix.values.map((value, i) => (at(Math.floor(i / matrix.columns), i % matrix.columns) ? value * by : value)),
  });
  const plain = readLlama2c(memorySource(tinyCheckpoint(true)));
  /** The same model: what makes the channel has in it what what takes it has not. */
  const parts: ReadonlyArray<readonly [part: string, weights: LlamaWeights]> = [
    [
      'between up and down',
      {
        ...plain.weights,
        layer: (index) => {
          const layer = plain.weights.layer(index);
          return {
            ...layer,
            up: loudAt(layer.up, (row) => row === 5, LOUD),
            down: loudAt(layer.down, (_, column) => column === 5, 1 / LOUD),
          };
        },
      },
    ],
    [
      'of a value that two heads share',
      {
        ...plain.weights,
        layer: (index) => {
          const layer = plain.weights.layer(index);
          const width = headDim(TINY);
          const isShared = (column: number) => column === 5 || column === width + 5;
          return {
            ...layer,
            value: loudAt(layer.value, (row) => row === 5, LOUD),
            attentionOutput: loudAt(layer.attentionOutput, (_, column) => isShared(column), 1 / LOUD),
          };
        },
      },
    ],
    [
      'behind a normalisation',
      {
        ...plain.weights,
        layer: (index) => {
          const layer = plain.weights.layer(index);
          const quiet = (matrix: Matrix) => loudAt(matrix, (_, column) => column === 5, 1 / LOUD);
          const attentionNorm = layer.attentionNorm.map((scale, i) => (i === 5 ? scale * LOUD : scale));
          return { ...layer, attentionNorm, query: quiet(layer.query), key: quiet(layer.key), value: quiet(layer.value) };
        },
      },
    ],
  ];

  test.each(parts)('%s costs eight bits nothing once it is evened', async (_, weights) => {
    const loud = { config: plain.config, weights };
    expect(await worstInInt8(loud)).toBeGreaterThan(0.1);
    for (const { even } of WAYS) expect(await worstInInt8(await even(loud))).toBeLessThan(0.05);
  });
});
