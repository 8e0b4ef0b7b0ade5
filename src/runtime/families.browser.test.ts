import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { logSumExp } from '../core/logprobs.ts';
import { ExternalData } from '../forge/externalData.ts';
import { ggufModel } from '../forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../forge/gguf/readGguf.ts';
import { FAMILIES, familyGguf } from '../forge/gguf/testing/familyGguf.ts';
import { FAMILY_IDS, SCORED_IDS } from '../forge/gguf/testing/familyIds.ts';
import { listening } from '../forge/listening.ts';
import { queryDim } from '../forge/llama.ts';
import { buildLlama } from '../forge/llamaGraph.ts';
import { memorySource } from '../forge/testing/tinyLlama.ts';
import { formatOf } from '../forge/transcode/forms.ts';
import { fp32, int8, type WeightFormat } from '../forge/weightFormats.ts';
import type { CausalModel } from './causalModel.ts';
import { prepareHeapRuntime } from './heapRuntime.ts';
import { loadCausalModel } from './loadCausalModel.ts';
import { ModelFiles } from './modelFiles.ts';

const ReferenceSchema = v.object({ families: v.array(v.object({ title: v.string(), logProbabilities: v.array(v.array(v.number())) })) });
let reference: ReadonlyMap<string, readonly number[][]>;

beforeAll(async () => {
  const file: unknown = await (await fetch(new URL('../../tools/models/golden/llamaCppFamilies.json', import.meta.url))).json();
  reference = new Map(v.parse(ReferenceSchema, file).families.map((each) => [each.title, each.logProbabilities]));
  // One for all of them.
  await prepareHeapRuntime(1);
});

/** As the app runs it on a processor. */
async function load({ config, weights }: ReturnType<typeof ggufModel>, format: WeightFormat): Promise<CausalModel> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const data = new ExternalData('model.onnx_data', (bytes) => parts.push(bytes.slice()));
  const graph = buildLlama(config, weights, format, data);
  const files = new ModelFiles('tiny', [
    { path: 'onnx/model.onnx', blob: new Blob([graph.slice()]) },
    { path: 'onnx/model.onnx_data', blob: new Blob(parts) },
  ]);
  const setup = { build: 'plain', device: 'wasm', threads: 1, contextLength: config.context } as const;
  const { model } = await loadCausalModel(files, setup, () => {
    throw new Error('weights of this size are read in turn');
  });
  return model;
}

/** Scores behind each token: the first eight in one call, which is longer than any window, and the others one by one, over a cache that stays where it is. */
async function scoresOf(model: CausalModel): Promise<Float32Array[]> {
  const sequence = model.start();
  const rows: Float32Array[] = [];
  const read = (scores: Float32Array): void => {
    for (let at = 0; at < scores.length; at += model.vocabularySize) rows.push(scores.slice(at, at + model.vocabularySize));
  };
  await sequence.forwardEach?.(FAMILY_IDS.slice(0, 8), read);
  for (const id of FAMILY_IDS.slice(8)) read(await sequence.forward([id]));
  sequence.release();
  return rows;
}

const scored = (rows: readonly Float32Array[]): number[][] =>
  rows.map((row) => SCORED_IDS.map((id) => (row[id] ?? Number.NaN) - logSumExp(row)));
const furthest = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(...a.flatMap((row, p) => row.map((value, i) => Math.abs(value - (b[p]?.[i] ?? Number.NaN)))));

describe.each(FAMILIES)('a tiny model of the kind $title, in the page’s runtime', (family) => {
  const gguf = readGguf([memorySource(familyGguf(family))]);
  const model = ggufModel(gguf, ggufVocabulary(gguf.metadata).pieces.length);

  test('predicts as llama.cpp does, and stays near that in 8 bits', async () => {
    const expected = reference.get(family.title) ?? [];
    expect(expected).toHaveLength(FAMILY_IDS.length);
    const found = scored(await scoresOf(await load(model, fp32)));
    expect(found).toHaveLength(FAMILY_IDS.length);
    // llama.cpp looks GELU up in a table of halves.
    expect(furthest(expected, found)).toBeLessThan(model.config.activation === 'gelu' ? 3e-3 : 1e-4);
    const spread = Math.max(...expected.flat()) - Math.min(...expected.flat());
    const quantised = scored(await scoresOf(await load(model, int8)));
    expect(quantised).toHaveLength(FAMILY_IDS.length);
    expect(furthest(expected, quantised) / spread).toBeLessThan(0.15);
  });

  test('tells how loud its channels become where it listens, in 8 bits and in what those are held against', async () => {
    const heardBy = async (format: WeightFormat): Promise<Float32Array> => {
      const sequence = (await load(model, format)).start();
      let heard = new Float32Array();
      await sequence.forwardEach?.(FAMILY_IDS, (_scores, _from, loudness) => {
        heard = loudness ?? heard;
      });
      // Nor is it in the way of a call that nobody listens to.
      expect((await sequence.forward([1])).length).toBeGreaterThan(0);
      sequence.release();
      return heard;
    };
    const { config } = model;
    const [exact, blocks, levels] = [
      await heardBy(listening(fp32)),
      await heardBy(formatOf('q8')),
      await heardBy(formatOf('int8', [], true)),
    ];
    expect(exact).toHaveLength(config.layers * (2 * config.dim + queryDim(config) + config.hidden));
    const largest = Math.max(...exact);
    for (const each of [blocks, levels])
      expect(Math.max(...each.map((loud, i) => Math.abs(loud - (exact[i] ?? Number.NaN)))) / largest).toBeLessThan(0.15);
  });
});
