import type { WrittenValue } from '../writeGguf.ts';

/** A piece for every byte, as llama.cpp wants it, and single letters. */
export const BYTE_PIECES: readonly string[] = [
  '<unk>',
  '<s>',
  '</s>',
  ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  ...Array.from({ length: 288 - 259 }, (_, i) => String.fromCharCode(0x61 + i)),
];

/** What a file says of that vocabulary. */
export const byteVocabulary = (): ReadonlyArray<readonly [string, WrittenValue]> => [
  ['tokenizer.ggml.model', { string: 'llama' }],
  ['tokenizer.ggml.tokens', { strings: [...BYTE_PIECES] }],
  ['tokenizer.ggml.scores', { float32s: BYTE_PIECES.map((_, id) => -id) }],
  ['tokenizer.ggml.token_type', { int32s: BYTE_PIECES.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1)) }],
];
