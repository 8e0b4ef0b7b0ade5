import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseSuite } from '../../src/core/evaluation.ts';
import { parseVariantId } from '../../src/core/ids.ts';
import { variantOf } from '../../src/core/manifest.ts';
import { matchesPattern } from '../../src/platform/linearRegex.ts';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import { runSuite, type TestedModel } from '../../src/services/evaluations/evaluate.ts';
import { loadNodeModel } from '../evaluate/nodeModel.ts';
import { SUITE } from './convertStories.ts';
import { MODELS_FOLDER } from './ensure.ts';
import { builtModel } from './testing/builtModel.ts';

const suite = parseSuite(readFileSync(SUITE, 'utf8'));
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const run = (model: TestedModel) =>
  runSuite(suite, (work) => work(model), { checks: { matches: matchesPattern, checkSchema }, clock, signal: new AbortController().signal });

async function load(variant: string): Promise<TestedModel> {
  const { manifest, folder } = await builtModel(MODELS_FOLDER, 'stories15m');
  return loadNodeModel(folder, manifest, variantOf(manifest, parseVariantId(variant)), { heads: 6, headDim: 48, vocabulary: 32_000 });
}

describe('the evaluation suite of stories15m', () => {
  test.each(['int8-wasm', 'q4-webgpu'])('is passed by %s, with a speed that can be told', async (variant) => {
    const result = await run(await load(variant));
    expect(result.cases.filter((it) => !it.pass)).toEqual([]);
    expect(result.decodeTokensPerSecond).toBeGreaterThan(0);
  });

  test('refuses the same model where it has lost its way', async () => {
    const model = await load('int8-wasm');
    // As weights that were damaged before they were signed: the words come, in no order that makes sense.
    const astray: TestedModel = {
      generate: async (request, options) => model.generate({ ...request, temperature: 2, topK: 0, seed: 1 }, options),
      score: async (text, options) => model.score([...text.split(' ')].reverse().join(' '), options),
    };
    const result = await run(astray);
    expect(result.pass).toBe(false);
    expect(result.cases.find((it) => it.id === 'foretells-a-story')?.pass).toBe(false);
  });
});
