import { describe, expect, test } from 'vitest';
import { memorySource, TINY } from '../testing/tinyLlama.ts';
import { ggufModel } from './ggufModel.ts';
import { ggufVocabulary } from './ggufVocabulary.ts';
import { readGguf } from './readGguf.ts';
import { TENSOR_TYPES } from './tensorTypes.ts';
import { bytesOf, tinyGguf, tinyMetadata, tinyWeights } from './testing/tinyGguf.ts';
import type { WrittenTensor, WrittenValue } from './writeGguf.ts';

const read = (...files: Uint8Array[]) => readGguf(files.map(memorySource));
const model = (bytes: Uint8Array) => {
  const gguf = read(bytes);
  return ggufModel(gguf, ggufVocabulary(gguf.metadata).pieces.length);
};
const refusal = (reason: string, message = /./) =>
  expect.objectContaining({ code: 'invalid_request', details: { reason }, message: expect.stringMatching(message) });

const withTensors = (change: (tensors: WrittenTensor[]) => WrittenTensor[], metadata = tinyMetadata('llama')): Uint8Array =>
  bytesOf({ metadata, tensors: change(tinyWeights('F32')) });
type Entry = readonly [key: string, value: WrittenValue];
const withValues = (...entries: readonly Entry[]): Uint8Array =>
  bytesOf({ metadata: new Map([...tinyMetadata('llama'), ...entries]), tensors: tinyWeights('F32') });

/** The file with the number at the first place after `text` replaced. */
function patched(bytes: Uint8Array, text: string, after: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  const at = Buffer.from(copy.buffer).indexOf(text) + text.length + after;
  new DataView(copy.buffer).setBigUint64(at, value, true);
  return copy;
}

test('a file comes back as it was written', () => {
  const tensors = tinyWeights('F16');
  const gguf = read(bytesOf({ metadata: tinyMetadata('llama'), tensors }));
  expect([...gguf.tensors.keys()]).toEqual(tensors.map(({ name }) => name));
  expect(gguf.metadata.text('general.architecture')).toBe('llama');
  expect(gguf.metadata.count('llama.embedding_length')).toBe(TINY.dim);
  expect(gguf.tensors.get('blk.1.ffn_down.weight')).toMatchObject({ dims: [TINY.hidden, TINY.dim], type: TENSOR_TYPES.F16 });
});

test('the model in it has the shape that it states', () => {
  const { config, ownClassifier, architecture } = model(tinyGguf('Q8_0'));
  expect(config).toEqual({ ...TINY, normEps: Math.fround(TINY.normEps) });
  expect([ownClassifier, architecture.name]).toEqual([false, 'llama']);
});

describe('a sliding window', () => {
  const windowOf = (...entries: readonly Entry[]) => model(withValues(...entries)).config.window;

  test('counts where it is narrower than the context', () => {
    expect(windowOf(['llama.attention.sliding_window', { uint32: 8 }])).toEqual({ size: 8, limited: [true, true] });
    expect(windowOf(['llama.attention.sliding_window', { uint32: TINY.context }])).toBeUndefined();
    expect(windowOf(['llama.attention.sliding_window', { uint32: 0 }])).toBeUndefined();
  });

  test('leaves out the layers that the file names', () => {
    const size: Entry = ['llama.attention.sliding_window', { uint32: 8 }];
    expect(windowOf(size, ['llama.attention.sliding_window_pattern', { uint32: 2 }])?.limited).toEqual([true, false]);
    expect(windowOf(size, ['llama.attention.sliding_window_pattern', { bools: [false, true] }])?.limited).toEqual([false, true]);
    expect(() => windowOf(size, ['llama.attention.sliding_window_pattern', { bools: [true] }])).toThrowError(
      refusal('malformed', /1 layers/),
    );
  });
});

test('what was trained for a length ends there, where the longer one needs other divisors', () => {
  const divisors = { name: 'rope_factors_short.weight', dims: [8], type: 'F32', values: () => new Float32Array(8).fill(1) } as const;
  const values = new Map([...tinyMetadata('llama'), ['llama.rope.scaling.original_context_length', { uint32: 8 }] as const]);
  expect(model(bytesOf({ metadata: values, tensors: [...tinyWeights('F32'), divisors] })).config.context).toBe(8);
});

describe('a split file', () => {
  const part = (number: number, tensors: readonly WrittenTensor[], ...more: readonly Entry[]): Uint8Array => {
    const split: readonly Entry[] = [
      ['split.no', { uint32: number }],
      ['split.count', { uint32: 2 }],
    ];
    return bytesOf({ metadata: new Map([...tinyMetadata('llama'), ...split, ...more]), tensors });
  };
  const all = tinyWeights('F32');
  const [first, second] = [part(0, all.slice(0, 5)), part(1, all.slice(5))];

  test('is read as one, its parts in any order', () => {
    expect([...read(second, first).tensors.keys()].sort()).toEqual(all.map(({ name }) => name).sort());
  });

  test('is refused with a part missing', () => {
    expect(() => read(first)).toThrowError(refusal('incomplete', /1 of its 2 parts/));
  });

  test('is no damaged one where what was given is not of one model: two of them, a part twice, or parts of two', () => {
    expect(() => read(tinyGguf(), tinyGguf('Q8_0'))).toThrowError(refusal('several', /2 files were given/));
    expect(() => read(first, first)).toThrowError(refusal('several'));
    expect(() => read(first, tinyGguf())).toThrowError(refusal('several'));
    expect(() => read(tinyGguf(), first)).toThrowError(refusal('several'));
    expect(() => read(first, part(1, all))).toThrowError(refusal('several', /two of its parts/));
    // Of one that was split elsewhere: a tensor between them is in neither.
    const counted = (number: number, tensors: readonly WrittenTensor[]) =>
      part(number, tensors, ['split.tensors.count', { uint32: all.length }]);
    expect(() => read(counted(0, all.slice(0, 5)), counted(1, all.slice(6)))).toThrowError(refusal('several', /were split/));
    expect([...read(counted(0, all.slice(0, 5)), counted(1, all.slice(5))).tensors.keys()]).toHaveLength(all.length);
  });
});

describe('refused with its reason:', () => {
  const whole = tinyGguf();

  test('what is no GGUF file', () => {
    expect(() => read(new TextEncoder().encode('<!doctype html>'))).toThrowError(refusal('not_gguf'));
    expect(() => read(new Uint8Array(2))).toThrowError(refusal('not_gguf'));
  });

  test('a version or byte order that is not read', () => {
    const version = (...bytes: number[]) => {
      const copy = whole.slice();
      copy.set(bytes, 4);
      return copy;
    };
    expect(() => read(version(1, 0, 0, 0))).toThrowError(refusal('unsupported', /version 1/));
    expect(() => read(version(0, 0, 0, 3))).toThrowError(refusal('unsupported', /big-endian/));
    expect([...read(version(2, 0, 0, 0)).tensors.keys()]).toHaveLength(read(whole).tensors.size);
  });

  test('a file that ends anywhere before its end', () => {
    for (let length = 24; length < whole.byteLength - 32; length += 501) {
      expect(() => read(whole.subarray(0, length))).toThrowError(refusal('truncated'));
    }
  });

  test('counts that no file has', () => {
    const counts = (at: number, value: bigint) => {
      const copy = whole.slice();
      new DataView(copy.buffer).setBigUint64(at, value, true);
      return copy;
    };
    for (const value of [2n ** 20n, 2n ** 40n, 2n ** 64n - 1n]) {
      expect(() => read(counts(8, value))).toThrowError(refusal('too_large', /tensors/));
      expect(() => read(counts(16, value))).toThrowError(refusal('too_large', /values/));
    }
    // A list of 2^40 texts, in a file of some kilobytes.
    expect(() => read(patched(whole, 'tokenizer.ggml.tokens', 8, 2n ** 40n))).toThrowError(refusal('truncated', /elements/));
    expect(() => read(patched(whole, 'general.architecture', 4, 2n ** 40n))).toThrowError(refusal('too_large', /bytes long/));
  });

  test('tensors that lie over each other, out of place or beyond the end', () => {
    const offsetAt = 4 + 8 * 2 + 4;
    const offset = (value: bigint) => patched(whole, 'blk.0.attn_q.weight', offsetAt, value);
    expect(() => read(offset(0n))).toThrowError(refusal('malformed', /over each other/));
    expect(() => read(offset(33n))).toThrowError(refusal('malformed', /no multiple/));
    expect(() => read(offset(2n ** 40n))).toThrowError(refusal('truncated'));
    expect(() => read(offset(2n ** 63n))).toThrowError(refusal('truncated'));
  });

  test('sizes that overflow, a type that is not known, rows that are no blocks', () => {
    expect(() => read(patched(whole, 'blk.0.attn_q.weight', 4, 2n ** 62n))).toThrowError(refusal('too_large', /measures/));
    expect(() => read(patched(whole, 'blk.0.attn_q.weight', 4, 0n))).toThrowError(refusal('too_large', /measures/));
    const type = whole.slice();
    const at = Buffer.from(type.buffer).indexOf('blk.0.attn_q.weight') + 'blk.0.attn_q.weight'.length + 20;
    type[at] = 29;
    expect(() => read(type)).toThrowError(refusal('unsupported', /quantised as IQ1_M.*Q8_0, .*IQ3_S/));
    type[at] = 99;
    expect(() => read(type)).toThrowError(refusal('unsupported', /ggml type 99/));
    type[at] = TENSOR_TYPES.Q4_K.id;
    expect(() => read(type)).toThrowError(refusal('malformed', /blocks of 256/));
  });

  test('a model of another kind, with what is missing', () => {
    expect(() => model(tinyGguf('F32', 'mamba'))).toThrowError(
      refusal('unsupported', /"mamba".*llama, mistral3, qwen2, qwen3, gemma, gemma2, gemma3, phi3/),
    );
    expect(() => model(withValues(['llama.expert_count', { uint32: 8 }]))).toThrowError(refusal('unsupported', /mixture of experts/));
    expect(() => model(withValues(['llama.rope.scaling.type', { string: 'ntk' }]))).toThrowError(refusal('unsupported', /"ntk"/));
    expect(() => model(withValues(['llama.rope.dimension_count', { uint32: 32 }]))).toThrowError(refusal('malformed', /32 of 16/));
    expect(() => model(withValues(['llama.attention.value_length', { uint32: 8 }]))).toThrowError(refusal('unsupported', /another width/));
    expect(() => model(withValues(['llama.attention.head_count', { uint32: 3 }]))).toThrowError(refusal('malformed'));
    const heads = ['llama.attention.head_count', { uint32: 8 }] as const;
    expect(() => model(withValues(heads))).toThrowError(refusal('unsupported', /heads of 8 numbers, no multiple of 16/));
    expect(() => model(withValues(['llama.attention.key_length', { uint32: 2 ** 31 }]))).toThrowError(
      refusal('malformed', /do not go together/),
    );
    expect(() => model(withValues(['llama.block_count', { string: 'two' }]))).toThrowError(refusal('malformed', /no number/));
    expect(() => model(withValues(['llama.block_count', { uint32: 3 }]))).toThrowError(refusal('incomplete', /blk\.2/));
    expect(() => model(tinyGguf('F32', 'llama', { qkvBias: true }))).toThrowError(refusal('unsupported', /no place for/));
    expect(() => model(withTensors((tensors) => tensors.slice(1)))).toThrowError(refusal('incomplete', /token_embd/));
  });

  test('a tokenizer that is none, of another kind or at odds with itself', () => {
    const vocabulary = (...entries: readonly Entry[]) => ggufVocabulary(read(withValues(...entries)).metadata);
    expect(() => vocabulary(['tokenizer.ggml.tokens', { strings: [] }])).toThrowError(refusal('incomplete'));
    expect(() => vocabulary(['tokenizer.ggml.model', { string: 't5' }])).toThrowError(refusal('unsupported', /"t5"/));
    expect(() => vocabulary(['tokenizer.ggml.model', { string: 'gpt2' }])).toThrowError(refusal('incomplete', /merges/));
    expect(() => vocabulary(['tokenizer.ggml.scores', { float32s: [1] }])).toThrowError(refusal('malformed', /1 scores/));
    expect(() => vocabulary(['tokenizer.ggml.bos_token_id', { uint32: 99 }])).toThrowError(refusal('malformed', /token 99/));
  });
});
