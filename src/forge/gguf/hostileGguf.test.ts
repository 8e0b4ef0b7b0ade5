import { describe, expect, test } from 'vitest';
import { memorySource, TINY } from '../testing/tinyLlama.ts';
import { ggufTokenizerJson } from './ggufFiles.ts';
import { ggufModel } from './ggufModel.ts';
import { ggufVocabulary } from './ggufVocabulary.ts';
import { readGguf } from './readGguf.ts';
import { bytesOf, tinyMetadata, tinyWeights } from './testing/tinyGguf.ts';
import type { WrittenValue } from './writeGguf.ts';

type Values = Readonly<Record<string, WrittenValue>>;
/** What is done with a file that somebody looks at. */
function look(values: Values): void {
  const metadata = new Map([...tinyMetadata('llama'), ...Object.entries(values)]);
  const gguf = readGguf([memorySource(bytesOf({ metadata, tensors: tinyWeights('F32') }))]);
  const vocabulary = ggufVocabulary(gguf.metadata);
  ggufTokenizerJson(vocabulary, ggufModel(gguf, vocabulary.pieces.length).architecture);
}
const pieces = (texts: readonly string[]): Values => ({
  'tokenizer.ggml.tokens': { strings: texts },
  'tokenizer.ggml.scores': { float32s: texts.map((_, id) => -id) },
  'tokenizer.ggml.token_type': { int32s: texts.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : 1)) },
});
const refusal = (reason: string, message: RegExp) =>
  expect.objectContaining({ code: 'invalid_request', details: { reason }, message: expect.stringMatching(message) });

/** Of what takes hours, or all memory, where nothing bounds it. */
const SOON_MS = 5000;
function soon(work: () => void): void {
  const startMs = performance.now();
  work();
  expect(performance.now() - startMs).toBeLessThan(SOON_MS);
}

describe('a header that was made to hang whoever looks at it is refused soon:', () => {
  test('pieces that are as long as books', () => {
    const long = Array.from({ length: TINY.vocab }, (_, id) => `${id} ${'ab'.repeat(100_000)}`);
    soon(() => expect(() => look(pieces(long))).toThrowError(refusal('too_large', /pieces of its tokenizer/)));
  });

  test('heads that are wider than those of any family, of which every position turns', () => {
    const wide: Values = {
      'llama.attention.key_length': { uint32: 4096 },
      'llama.attention.value_length': { uint32: 4096 },
      'llama.context_length': { uint32: 2 ** 30 },
    };
    soon(() => expect(() => look(wide)).toThrowError(refusal('malformed', /do not go together/)));
  });

  test('a chat template that is longer than a book', () => {
    const template: Values = { 'tokenizer.chat_template': { string: 'x'.repeat(100_001) } };
    soon(() => expect(() => look(template)).toThrowError(refusal('too_large', /chat template has 100001/)));
  });
});

test('a long piece is taken where it is one of few', () => {
  const texts = ['<unk>', '<s>', '</s>', ...Array.from({ length: TINY.vocab - 3 }, (_, id) => '='.repeat(id + 1))];
  soon(() => look(pieces(texts)));
});

test('a text of megabytes that nobody reads is passed over, and refused where one is that somebody reads', () => {
  const megabytes = { string: 'x'.repeat(3 * 1024 * 1024) };
  const metadata = new Map([
    ...tinyMetadata('llama'),
    ['tokenizer.huggingface.json', megabytes] as const,
    ['general.name', { string: 'tiny' }] as const,
  ]);
  const bytes = bytesOf({ metadata, tensors: tinyWeights('F32') });
  let most = 0;
  const source = memorySource(bytes);
  const gguf = readGguf([
    {
      ...source,
      read(offset, length) {
        most = Math.max(most, length);
        return source.read(offset, length);
      },
    },
  ]);
  expect(gguf.metadata.text('general.name')).toBe('tiny');
  expect(most).toBeLessThanOrEqual(1024 * 1024);
  // Whoever copies what the file says has it.
  expect(gguf.rawMetadata().get('tokenizer.huggingface.json')?.length).toBeGreaterThan(3 * 1024 * 1024);
  expect(() => look({ 'tokenizer.chat_template': megabytes })).toThrowError(refusal('too_large', /chat_template" is 3145728 bytes/));
  expect(() => look({ 'llama.block_count': megabytes })).toThrowError(refusal('malformed', /no number/));
});
