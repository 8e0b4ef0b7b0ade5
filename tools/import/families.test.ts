import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ExternalData } from '../../src/forge/externalData.ts';
import { fp16 } from '../../src/forge/floatFormats.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { FAMILIES, familyGguf } from '../../src/forge/gguf/testing/familyGguf.ts';
import { FAMILY_IDS, SCORED_IDS } from '../../src/forge/gguf/testing/familyIds.ts';
import { headDim } from '../../src/forge/llama.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { memorySource } from '../../src/forge/testing/tinyLlama.ts';
import { fp32, int8, q4, type WeightFormat } from '../../src/forge/weightFormats.ts';
import { widened } from '../../src/forge/widerFormats.ts';
import { lastOf, logProbability, OrtLlama } from '../evaluate/ortLlama.ts';
import { plainLlama } from '../models/testing/plainLlama.ts';
import { tempFolder } from '../models/testing/tempFolder.ts';

const ReferenceSchema = v.object({ families: v.array(v.object({ title: v.string(), logProbabilities: v.array(v.array(v.number())) })) });
const file: unknown = JSON.parse(readFileSync(new URL('../models/golden/llamaCppFamilies.json', import.meta.url), 'utf8'));
const reference = new Map(v.parse(ReferenceSchema, file).families.map((each) => [each.title, each.logProbabilities]));

const folder = tempFolder();

describe.each(FAMILIES)('a tiny model of the kind $title', (family) => {
  const gguf = readGguf([memorySource(familyGguf(family))]);
  const model = ggufModel(gguf, ggufVocabulary(gguf.metadata).pieces.length);

  async function load(format: WeightFormat): Promise<OrtLlama> {
    const parts: Uint8Array[] = [];
    const data = new ExternalData('tiny.onnx_data', (bytes) => parts.push(bytes.slice()));
    const path = join(folder(), 'tiny.onnx');
    await writeFile(path, buildLlama(model.config, model.weights, format, data));
    await writeFile(join(folder(), data.location), Buffer.concat(parts));
    return OrtLlama.load(path, { heads: model.config.kvHeads, headDim: headDim(model.config) });
  }

  /** Of all matrices, as the forge calls them. */
  function names(format: WeightFormat): string[] {
    const data = new ExternalData('names', () => undefined);
    buildLlama(model.config, model.weights, format, data);
    return data.errors.map(({ name }) => name);
  }

  /** Scores of all positions, the first three read at once and the others one by one. */
  async function inSteps(graph: OrtLlama): Promise<Float32Array[]> {
    let step = await graph.run(FAMILY_IDS.slice(0, 3), undefined, 0);
    const scores = [...step.logits];
    for (const id of FAMILY_IDS.slice(3)) {
      step = await graph.run([id], step.past);
      scores.push(lastOf(step.logits));
    }
    return scores;
  }

  /** Largest difference from the same in plain loops, as a share of the scores' spread. */
  function worst(rows: readonly Float32Array[]): number {
    const expected = plainLlama(model.config, model.weights, FAMILY_IDS);
    const spread = Math.max(...expected.flat()) - Math.min(...expected.flat());
    return Math.max(...expected.flatMap((row, p) => row.map((score, i) => Math.abs((rows[p]?.[i] ?? NaN) - score)))) / spread;
  }

  test('predicts as llama.cpp does', async () => {
    const graph = await load(fp32);
    const { logits } = await graph.run([...FAMILY_IDS], undefined, 0);
    const expected = reference.get(family.title) ?? [];
    expect(expected).toHaveLength(FAMILY_IDS.length);
    const differences = expected.flatMap((row, p) =>
      row.map((score, i) => Math.abs(logProbability(logits[p] ?? new Float32Array(), SCORED_IDS[i] ?? -1) - score)),
    );
    // llama.cpp looks GELU up in a table of halves.
    expect(Math.max(...differences)).toBeLessThan(model.config.activation === 'gelu' ? 3e-3 : 1e-4);
  });

  test('scores every position as loops over 64 bits do, token by token too', async () => {
    const graph = await load(fp32);
    const { logits } = await graph.run([...FAMILY_IDS], undefined, 0);
    expect(worst(logits)).toBeLessThan(1e-5);
    expect(worst(await inSteps(graph))).toBeLessThan(1e-5);
  });

  test.runIf(model.config.attentionSoftcap !== undefined)('scores the same with its attention written out, as a GPU needs it', async () => {
    const graph = await load({ ...fp32, gpu: true });
    const { logits } = await graph.run([...FAMILY_IDS], undefined, 0);
    expect(worst(logits)).toBeLessThan(1e-5);
    expect(worst(await inSteps(graph))).toBeLessThan(1e-5);
  });

  test.each([
    { name: 'int8', format: int8, tolerance: 0.1 },
    { name: 'q4', format: q4, tolerance: 0.35 },
    { name: 'fp16', format: fp16, tolerance: 0.005 },
  ])('stays near that in $name', async ({ format, tolerance }) => {
    const graph = await load(format);
    const { logits } = await graph.run([...FAMILY_IDS], undefined, 0);
    expect(worst(logits)).toBeLessThan(tolerance);
  });

  test.each([
    { name: '32 bits in place of 8', dtype: 'int8', format: int8, tolerance: 1e-5 },
    // The embedding stays in 4.
    { name: '8 bits in place of 4', dtype: 'q4', format: q4, tolerance: 0.3 },
    // What is left is the rounding of what is multiplied, which goes either way.
    { name: '32 bits in place of 16', dtype: 'fp16', format: fp16, tolerance: 0.002, mayVary: 0.0005 },
  ] as const)('comes nearer with its matrices in $name', async ({ dtype, format, tolerance, ...more }) => {
    const all = await load(widened(format, dtype, names(format)));
    const { logits } = await all.run([...FAMILY_IDS], undefined, 0);
    const plain = await (await load(format)).run([...FAMILY_IDS], undefined, 0);
    const mayVary = 'mayVary' in more ? more.mayVary : 0;
    expect(worst(logits)).toBeLessThan(Math.min(tolerance, worst(plain.logits) + mayVary));
    expect(worst(await inSteps(all))).toBeLessThan(tolerance);
    // Of the beginning of a prompt no scores are asked for.
    expect((await all.run([...FAMILY_IDS], undefined, -(2 ** 31))).logits).toEqual([]);
  });
});
