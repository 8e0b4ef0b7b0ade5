import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IMPORT_TEXT, MOST_LOST } from '../../src/core/importGate.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { argmax, lastOf, OrtLlama } from '../evaluate/ortLlama.ts';
import { importGguf } from '../import/importGguf.ts';
import { MODELS_FOLDER } from './ensure.ts';
import { builtModel, json } from './testing/builtModel.ts';
import { cutsOf, meanNll, readInBlocks } from './testing/goldenChecks.ts';
import { recordLarge as record } from './testing/largeResults.ts';

const SHAPE = { heads: 4, headDim: 64 };
const file = v.record(v.string(), v.unknown());
const Reference = v.object({ tokens: v.number(), meanNll: v.number() });

let folder: string;
let manifest: Manifest;
let tokenizer: Tokenizer;
let llama: OrtLlama;
let load: (form: 'int8' | 'q4') => Promise<OrtLlama>;

beforeAll(async () => {
  const model = await builtModel(MODELS_FOLDER, 'tinyllama');
  manifest = model.manifest;
  // As a device does that installs it.
  folder = await mkdtemp(join(tmpdir(), 'sill-tinyllama-'));
  const made = join(folder, 'made');
  await importGguf(join(model.folder, 'tinyllama.gguf'), made, { dtypes: ['int8', 'q4'] });
  const [vocabulary, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) => v.parse(file, await json(join(made, name)))),
  );
  tokenizer = new Tokenizer(vocabulary ?? {}, config ?? {});
  load = (form) => OrtLlama.load(join(made, `onnx/model_${form}.onnx`), SHAPE);
  llama = await load('int8');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The most likely answer, as the app gives it on WebAssembly: by the model's own template, read in blocks that end at its sink tokens. */
async function answer(question: string, maxTokens: number): Promise<string> {
  const template = new Template(manifest.chatTemplate ?? '');
  const prompt = template.render({ messages: [{ role: 'user', content: question }], eos_token: '</s>', add_generation_prompt: true });
  const { ids } = tokenizer.encode(prompt);
  let step = await readInBlocks(llama, cutsOf(manifest), ids, 'last');
  const written: number[] = [];
  while (written.length < maxTokens) {
    const next = argmax(lastOf(step.logits));
    if (manifest.generation?.eosTokenIds.includes(next)) break;
    written.push(next);
    step = await llama.run([next], step.past);
  }
  return tokenizer.decode(written, { skip_special_tokens: true });
}

test('is held by devices against what it is stated to score, within what an import may lose', async () => {
  const stated = manifest.referenceScores?.find(({ text }) => text === IMPORT_TEXT)?.value ?? Number.NaN;
  const measured = await meanNll(llama, cutsOf(manifest), tokenizer.encode(IMPORT_TEXT).ids);
  record({ importTextInt8MeanNll: measured, importTextStatedMeanNll: stated });
  expect(Math.abs(measured - stated)).toBeLessThanOrEqual(MOST_LOST.int8);
});

test('names the capital of France', async () => {
  expect(await answer('What is the capital of France?', 24)).toContain('Paris');
});

test('gives three tips for staying healthy', async () => {
  const text = await answer('Give three tips for staying healthy.', 320);
  expect(text).toMatch(/^\s*1[.)] [\s\S]*\n2[.)] [\s\S]*\n3[.)] /);
});

describe('on a text that no model was trained on', () => {
  const heldOut = (name: string) => readFile(new URL(`./heldOut/${name}`, import.meta.url), 'utf8');

  test.each([
    ['int8', 0.1],
    ['q4', 0.15],
  ] as const)('%s foretells nearly as well as the unquantised weights', async (form, bound) => {
    const [text, reference] = [await heldOut('english.txt'), v.parse(Reference, JSON.parse(await heldOut('tinyllama.json')))];
    const { ids } = tokenizer.encode(text);
    expect(ids).toHaveLength(reference.tokens);
    // Only dynamic int8 is cut at sink tokens.
    const [model, cuts] = form === 'int8' ? [llama, cutsOf(manifest)] : [await load('q4'), cutsOf(manifest, false)];
    const measured = await meanNll(model, cuts, ids);
    record({ [`${form}MeanNll`]: measured, unquantisedMeanNll: reference.meanNll });
    expect(measured - reference.meanNll).toBeLessThanOrEqual(bound);
  });
});
