import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../testing/tinyLlama.ts';
import { endIds, ggufTokenizerJson } from './ggufFiles.ts';
import { ggufVocabulary } from './ggufVocabulary.ts';
import { readGguf } from './readGguf.ts';
import { BYTE_PIECES, byteVocabulary } from './testing/byteVocabulary.ts';
import { bytesOf } from './testing/tinyGguf.ts';
import type { WrittenValue } from './writeGguf.ts';

const CONTROL = 3;
const ADDED = 4;
const TEXT = 1;
type Added = readonly [text: string, kind: number];
type Keys = Readonly<Record<string, WrittenValue>>;

const vocabularyOf = (values: ReadonlyMap<string, WrittenValue>) =>
  ggufVocabulary(readGguf([memorySource(bytesOf({ metadata: values, tensors: [] }))]).metadata);

const keyed = (keys: Keys) => Object.entries(keys).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);

/** Every byte a piece, some letters, and what was added behind them: id `BYTE_PIECES.length` on. */
function sentencePieces(added: readonly Added[], keys: Keys = {}) {
  const kinds = BYTE_PIECES.map((_, id) => (id === 0 ? 2 : id < 3 ? CONTROL : id < 259 ? 6 : TEXT));
  return vocabularyOf(
    new Map([
      ...byteVocabulary(),
      ...keyed({
        tokens: { strings: [...BYTE_PIECES, ...added.map(([text]) => text)] },
        scores: { float32s: [...BYTE_PIECES, ...added].map((_, id) => -id) },
        token_type: { int32s: [...kinds, ...added.map(([, kind]) => kind)] },
        ...keys,
      }),
    ]),
  );
}

/** Letters that are joined from bytes. */
function byteLevel(added: readonly Added[], keys: Keys = {}) {
  const letters = [...'abcdefghij', 'ab'];
  return vocabularyOf(
    new Map(
      keyed({
        model: { string: 'gpt2' },
        pre: { string: 'llama-bpe' },
        tokens: { strings: [...letters, ...added.map(([text]) => text)] },
        token_type: { int32s: [...letters.map(() => TEXT), ...added.map(([, kind]) => kind)] },
        merges: { strings: ['a b'] },
        ...keys,
      }),
    ),
  );
}

/** Texts of what ends an answer. */
const endings = (vocabulary: ReturnType<typeof ggufVocabulary>) => endIds(vocabulary).map((id) => vocabulary.pieces[id]?.text);

describe('an answer ends where the turn does, in files that name the end of a text alone:', () => {
  test('of Gemma 2 and 3', () => {
    const at = BYTE_PIECES.length;
    const keys = { bos_token_id: { uint32: at + 1 }, eos_token_id: { uint32: at } };
    const turns: readonly Added[] = [
      ['<eos>', CONTROL],
      ['<bos>', CONTROL],
      ['<start_of_turn>', CONTROL],
      ['<end_of_turn>', CONTROL],
    ];
    expect(endings(sentencePieces(turns, keys))).toEqual(['<eos>', '<end_of_turn>']);
  });

  test('of Phi-3', () => {
    const marks: readonly Added[] = ['<|endoftext|>', '<|assistant|>', '<|system|>', '<|end|>', '<|user|>'].map((text) => [text, ADDED]);
    const keys = { eos_token_id: { uint32: BYTE_PIECES.length } };
    expect(endings(sentencePieces(marks, keys))).toEqual(['<|endoftext|>', '<|end|>']);
  });

  test('of Llama 3, of which the first ended at the text alone', () => {
    const marks: readonly Added[] = ['<|begin_of_text|>', '<|end_of_text|>', '<|eom_id|>', '<|eot_id|>'].map((text) => [text, CONTROL]);
    expect(endings(byteLevel(marks, { eos_token_id: { uint32: 12 } }))).toEqual(['<|end_of_text|>', '<|eom_id|>', '<|eot_id|>']);
  });

  test('of ChatML, whose marks a fine-tune may have added as text', () => {
    const marks: readonly Added[] = [
      ['<|im_start|>', ADDED],
      ['<|im_end|>', TEXT],
    ];
    const vocabulary = sentencePieces(marks, { eos_token_id: { uint32: 2 } });
    expect(endings(vocabulary)).toEqual(['</s>', '<|im_end|>']);
    // Not in what is shown of an answer, and one token in a prompt.
    const tokenizer = new Tokenizer(ggufTokenizerJson(vocabulary, undefined), {});
    const ids = tokenizer.encode('ab<|im_end|>', { add_special_tokens: false }).ids;
    expect(ids.at(-1)).toBe(BYTE_PIECES.length + 1);
    expect(tokenizer.decode(ids, { skip_special_tokens: true })).not.toContain('im_end');
  });

  test('and where the file says so itself', () => {
    const keys = { eot_token_id: { uint32: 5 }, eom_token_id: { uint32: 6 } };
    expect(endings(byteLevel([], keys))).toEqual(['f', 'g']);
    expect(endings(sentencePieces([]))).toEqual(['</s>']);
  });
});

describe('a vocabulary in which a piece is there twice is taken:', () => {
  const twice: readonly Added[] = [
    ['abc', TEXT],
    ['<|im_end|>', CONTROL],
    ['abc', TEXT],
    ['', TEXT],
    ['', TEXT],
    ['<|im_end|>', CONTROL],
  ];
  const at = BYTE_PIECES.length;

  test('text becomes the first of the two, and every id still has a text of its own', () => {
    const vocabulary = sentencePieces(twice);
    expect(new Set(vocabulary.pieces.map(({ text }) => text)).size).toBe(at + twice.length);
    expect(vocabulary.pieces.slice(at).map(({ text }) => text)).toEqual([
      'abc',
      '<|im_end|>',
      `[AGAIN_${at + 2}]`,
      `[EMPTY_${at + 3}]`,
      `[EMPTY_${at + 4}]`,
      `[AGAIN_${at + 5}]`,
    ]);
    const tokenizer = new Tokenizer(ggufTokenizerJson(vocabulary, undefined), {});
    expect(tokenizer.encode('<|im_end|>', { add_special_tokens: false }).ids).toContain(at + 1);
  });

  test('an answer ends at either', () => {
    expect(endIds(sentencePieces(twice))).toEqual([2, at + 1, at + 5]);
  });

  test('but not where one is named as ours would be', () => {
    const named: readonly Added[] = [
      [`[AGAIN_${at + 1}]`, TEXT],
      ['a', TEXT],
    ];
    expect(() => sentencePieces(named)).toThrowError(/twice/);
  });
});

test('a padding token that the vocabulary does not have is none, as in fine-tunes that never added it', () => {
  const { padding, pieces, eos } = sentencePieces([], { padding_token_id: { uint32: BYTE_PIECES.length }, eos_token_id: { uint32: 2 } });
  expect([padding, pieces.length, eos]).toEqual([undefined, BYTE_PIECES.length, 2]);
  expect(sentencePieces([], { padding_token_id: { uint32: 0 } }).padding).toBe(0);
});
