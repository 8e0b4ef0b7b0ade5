import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IMPORT_TEXT, MOST_LOST } from '../../src/core/importGate.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { OrtLlama } from '../evaluate/ortLlama.ts';
import { importGguf } from '../import/importGguf.ts';
import { MODELS_FOLDER } from './ensure.ts';
import { builtModel, json } from './testing/builtModel.ts';
import { answers } from './testing/golden.ts';
import { cutsOf, meanNll, unexpectedChoices } from './testing/goldenChecks.ts';
import { recordLarge as record } from './testing/largeResults.ts';

/** In logits: what the golden answers of the starter model are held to as well. */
const MARGIN = 0.3;
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

test('is held by devices against what it is stated to score, within what an import may lose', async () => {
  const stated = manifest.referenceScores?.find(({ text }) => text === IMPORT_TEXT)?.value ?? Number.NaN;
  const measured = await meanNll(llama, cutsOf(manifest), tokenizer.encode(IMPORT_TEXT).ids);
  record({ importTextInt8MeanNll: measured, importTextStatedMeanNll: stated });
  expect(Math.abs(measured - stated)).toBeLessThanOrEqual(MOST_LOST.int8);
});

describe('the answers of the unquantised weights', () => {
  const byQuestion = answers.cases.map((each) => [/\n(.*)<\/s>/.exec(each.prompt)?.[1] ?? '', each] as const);

  test.each(byQuestion)('to "%s" are those of 8 bits, but for ties', async (content, each) => {
    const template = new Template(manifest.chatTemplate ?? '');
    const prompt = template.render({ messages: [{ role: 'user', content }], eos_token: '</s>', add_generation_prompt: true });
    expect(prompt).toBe(each.prompt);
    expect(tokenizer.encode(prompt).ids).toEqual(each.prompt_ids);
    expect(await unexpectedChoices(llama, cutsOf(manifest), each, MARGIN, 'stepwise')).toEqual([]);
  });

  test('name the capital of France, and give three tips for staying healthy', () => {
    const [capital = '', tips = ''] = answers.cases.map(({ greedy_text }) => greedy_text);
    expect(capital).toContain('Paris');
    expect(tips).toMatch(/^\s*1[.)] [\s\S]*\n2[.)] [\s\S]*\n3[.)] /);
  });
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
