import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { bytesOf } from '../../src/forge/gguf/testing/tinyGguf.ts';
import type { WrittenValue } from '../../src/forge/gguf/writeGguf.ts';
import { memorySource } from '../../src/forge/testing/tinyLlama.ts';
import { SOURCES_FOLDER, sourceFolder } from '../models/fetchSources.ts';
import { SOURCES } from '../models/sources.ts';
import { golden } from '../models/testing/golden.ts';
import { writeStoriesGguf } from '../models/testing/storiesGguf.ts';
import { tempFolder } from '../models/testing/tempFolder.ts';
import { withGguf } from './openGguf.ts';

const BOS = 1;
const CasesSchema = v.object({ cases: v.array(v.object({ text: v.string(), ids: v.array(v.number()) })) });
const { cases } = v.parse(CasesSchema, JSON.parse(readFileSync(new URL('../models/golden/llamaTokenIds.json', import.meta.url), 'utf8')));

const folder = tempFolder();

async function rebuilt(): Promise<Tokenizer> {
  const path = join(folder(), 'stories.gguf');
  writeStoriesGguf(path, 'Q4_0');
  return withGguf(path, async (gguf) => {
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length);
    return new Tokenizer(ggufTokenizerJson(vocabulary, undefined), ggufTokenizerConfigJson(vocabulary, model));
  });
}

test('at least 200 hard texts are cut as llama.cpp cuts them', async () => {
  const tokenizer = await rebuilt();
  expect(cases.length).toBeGreaterThanOrEqual(200);
  const wrong = cases.filter(({ text, ids }) => tokenizer.encode(text).ids.join() !== [BOS, ...ids].join());
  expect(wrong.map(({ text, ids }) => ({ text, ids, ours: tokenizer.encode(text).ids }))).toEqual([]);
});

test('the golden prompts get the golden ids', async () => {
  const tokenizer = await rebuilt();
  for (const { prompt, prompt_ids } of golden.cases) expect(tokenizer.encode(prompt).ids).toEqual(prompt_ids);
});

const OriginalSchema = v.looseObject({
  added_tokens: v.array(v.object({ id: v.number(), content: v.string() })),
  model: v.looseObject({ vocab: v.record(v.string(), v.number()), merges: v.array(v.tuple([v.string(), v.string()])) }),
});

test('a byte-level vocabulary cuts hard texts as the tokenizer does that it was taken from', async () => {
  const source = sourceFolder(SOURCES_FOLDER, SOURCES.minimind);
  const file: unknown = JSON.parse(readFileSync(join(source, 'tokenizer.json'), 'utf8'));
  const original = v.parse(OriginalSchema, file);
  const pieces = Object.entries(original.model.vocab).sort(([, a], [, b]) => a - b);
  const controls = new Set(original.added_tokens.map(({ id }) => id));
  const values: ReadonlyArray<readonly [string, WrittenValue]> = [
    ['tokenizer.ggml.model', { string: 'gpt2' }],
    ['tokenizer.ggml.pre', { string: 'gpt-2' }],
    ['tokenizer.ggml.tokens', { strings: pieces.map(([text]) => text) }],
    ['tokenizer.ggml.token_type', { int32s: pieces.map(([, id]) => (controls.has(id) ? 3 : 1)) }],
    ['tokenizer.ggml.merges', { strings: original.model.merges.map((pair) => pair.join(' ')) }],
  ];
  const { metadata } = readGguf([memorySource(bytesOf({ metadata: new Map(values), tensors: [] }))]);
  const ours = new Tokenizer(ggufTokenizerJson(ggufVocabulary(metadata), undefined), {});
  const theirs = new Tokenizer(original, {});
  const texts = [...cases.map(({ text }) => text), 'a<|im_start|>user\nhi<|im_end|>'];
  expect(texts.map((text) => ours.encode(text).ids)).toEqual(texts.map((text) => theirs.encode(text).ids));
});
