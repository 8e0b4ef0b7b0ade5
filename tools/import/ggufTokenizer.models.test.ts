import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
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
