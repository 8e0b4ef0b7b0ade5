import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTokenizer } from './mergeRanks.ts';

const PIECES = ['<unk>', '▁', 'a', 'b', '"', '\\', 'ab', 'ba', '▁a', 'aba', '▁ab', '"a', '\\"', 'abab'];
const MERGES = ['a b', '▁ a', 'b a', 'ab a', '▁ ab', '" a', '\\ "', 'ab ab'];
const JSON_FILE = {
  added_tokens: [],
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: 'BPE', unk_token: '<unk>', vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])), merges: MERGES },
};

it('encodes every text as the library does by itself', () => {
  const ours = createTokenizer(JSON_FILE, {});
  const theirs = new Tokenizer(JSON_FILE, {});
  expect(ours.encode('abab').ids).toEqual([PIECES.indexOf('abab')]);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(' ', 'a', 'b', '"', '\\', 'z') }), (text) => {
      expect(ours.encode(text).ids).toEqual(theirs.encode(text).ids);
    }),
  );
});

it('leaves merges that are written as pairs, and other kinds of tokenizers, to the library', () => {
  const pairs = { ...JSON_FILE, model: { ...JSON_FILE.model, merges: MERGES.map((merge) => merge.split(' ')) } };
  expect(createTokenizer(pairs, {}).encode('ab ab').ids).toEqual(new Tokenizer(JSON_FILE, {}).encode('ab ab').ids);
});
