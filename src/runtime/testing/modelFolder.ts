import { lettersOfBytes } from '../../core/tokenBytes.ts';
import { ModelFiles } from '../modelFiles.ts';

/** A tokenizer of which every byte is a token. */
export const BYTES_TOKENIZER = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [lettersOfBytes(Uint8Array.of(byte)), byte])),
    merges: [],
  },
};

/** The small files of a model, as they were read from a store. */
export const modelFolder = (files: Readonly<Record<string, unknown>>): ModelFiles =>
  new ModelFiles(
    'made',
    Object.entries(files).map(([path, json]) => ({ path, blob: new Blob([JSON.stringify(json)]) })),
  );
