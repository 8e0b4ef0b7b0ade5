import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Piece, readLlama2cTokenizer } from '../../src/forge/llama2cTokenizer.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../src/forge/llamaFiles.ts';
import { TINY } from '../../src/forge/testing/tinyLlama.ts';
import { SOURCES_FOLDER, sourceFolder } from './fetchSources.ts';
import { LLAMA2C_CHECKPOINT_BYTES, SOURCES } from './sources.ts';
import { golden } from './testing/golden.ts';
import { HARD_TEXTS } from './testing/hardTexts.ts';
import { sentencePieceIds } from './testing/sentencePiece.ts';

const BOS = 1;
let pieces: readonly Piece[] = [];
let tokenizer: Tokenizer;

beforeAll(() => {
  const data = readFileSync(join(sourceFolder(SOURCES_FOLDER, SOURCES.llama2c), 'dist/llama2.data'));
  pieces = readLlama2cTokenizer(data.subarray(LLAMA2C_CHECKPOINT_BYTES), 32_000);
  tokenizer = new Tokenizer(tokenizerJson(pieces), tokenizerConfigJson(TINY));
}, 30_000);

const encode = (text: string): number[] => tokenizer.encode(text).ids;

test('the golden prompts get the golden ids', () => {
  for (const { prompt, prompt_ids } of golden.cases) expect(encode(prompt)).toEqual(prompt_ids);
});

test.each(HARD_TEXTS.map((text) => [JSON.stringify(text), text] as const))('%s is cut as SentencePiece cuts it', (_, text) => {
  expect(encode(text)).toEqual([BOS, ...sentencePieceIds(pieces, text)]);
});

test.each(HARD_TEXTS.filter((text) => !text.includes('▁')).map((text) => [JSON.stringify(text), text] as const))(
  '%s comes back',
  (_, text) => {
    expect(tokenizer.decode(encode(text), { skip_special_tokens: true })).toBe(text);
  },
);

test('any text is cut as SentencePiece cuts it and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      fc.pre(!/▁|<s>|<\/s>|<unk>/.test(text));
      expect(encode(text)).toEqual([BOS, ...sentencePieceIds(pieces, text)]);
      expect(tokenizer.decode(encode(text), { skip_special_tokens: true })).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test('a text that spells the beginning token cannot be told from it', () => {
  expect(encode('<s>')).toEqual([BOS, BOS]);
});
