import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json } from '../models/testing/builtModel.ts';
import { golden } from '../models/testing/golden.ts';
import { meanNll, unexpectedChoices } from '../models/testing/goldenChecks.ts';
import { OrtLlama } from '../models/testing/ortLlama.ts';
import { writeStoriesGguf } from '../models/testing/storiesGguf.ts';
import { type Imported, importGguf } from './importGguf.ts';

const SHAPE = { heads: 6, headDim: 48 };

/** As for the starter: how much worse than the reference, and the widest lead of a golden choice that may be answered otherwise. */
const FORMS = [
  { graph: 'model_int8.onnx', nll: 0.05, margin: 0.3 },
  { graph: 'model_q4.onnx', nll: 0.15, margin: 1 },
];
/** What 4 bits by plain rounding cost before Sill sees the weights. */
const LOST: Readonly<Record<string, { readonly nll: number; readonly margin: number }>> = { Q4_0: { nll: 0.2, margin: 1.5 } };

const tokenizerFile = v.record(v.string(), v.unknown());

describe.each([{ type: 'F16' }, { type: 'Q8_0' }, { type: 'Q4_0' }] as const)('stories15M as a GGUF file in $type', ({ type }) => {
  let folder = '';
  let imported: Imported;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sill-import-'));
    writeStoriesGguf(join(folder, 'stories.gguf'), type);
    imported = await importGguf(join(folder, 'stories.gguf'), join(folder, 'model'), { dtypes: ['int8', 'q4'] });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('becomes a whole model folder and nothing else', async () => {
    expect((await readdir(folder)).sort()).toEqual(['model', 'stories.gguf']);
    expect((await readdir(join(folder, 'model'), { recursive: true })).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'onnx',
      'onnx/model_int8.onnx',
      'onnx/model_int8.onnx_data',
      'onnx/model_q4.onnx',
      'onnx/model_q4.onnx_data',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  test('tells what the model is', () => {
    expect(imported).toMatchObject({
      name: 'Stories 15M',
      licence: 'mit',
      architecture: 'llama',
      parameters: 15_191_712,
      contextLength: 256,
      generation: { bosTokenId: 1, eosTokenIds: [2] },
      sinkTokens: [1, 2, 13],
    });
    expect(imported.variants.map(({ id }) => id)).toEqual(['int8-wasm', 'q4-webgpu']);
  });

  describe.each(FORMS)('$graph', ({ graph, nll, margin }) => {
    let llama: OrtLlama;
    beforeAll(async () => {
      llama = await OrtLlama.load(join(folder, 'model/onnx', graph), SHAPE);
    });

    test('predicts the golden text nearly as well as the reference', async () => {
      const [file, config] = await Promise.all(
        ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(tokenizerFile, await json(join(folder, 'model', name)))),
      );
      const { ids } = new Tokenizer(file ?? {}, config ?? {}).encode(golden.perplexity.text);
      expect(ids).toHaveLength(golden.perplexity.tokens);
      const measured = await meanNll(llama, imported.sinkTokens, ids);
      expect(measured).toBeLessThanOrEqual(golden.perplexity.mean_nll + nll + (LOST[type]?.nll ?? 0));
    });

    test.each(golden.cases)('chooses as the reference does after $prompt, but where two choices were close', async (example) => {
      const widest = Math.max(margin, LOST[type]?.margin ?? 0);
      expect(await unexpectedChoices(llama, imported.sinkTokens, example, widest)).toEqual([]);
    });
  });
});
