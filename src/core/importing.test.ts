import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isModelId, parseDigest } from './ids.ts';
import { isFaithful } from './importGate.ts';
import { describeImport, fileNameAt, importId, importName, integrityOf, isBrought, manifestOfImport } from './importing.ts';
import { beginMaking, type FoundInFile, madeBytes, madeDigests, withMadeChunks } from './making.ts';

const chunk = (letter: string, sizeBytes: number) => ({ digest: parseDigest(`sha256:${letter.repeat(64)}`), sizeBytes });
const FOUND: FoundInFile = {
  architecture: 'llama',
  parameters: 10,
  contextLength: 16,
  sizeBytes: 100,
  types: { Q8_0: 1 },
  tokenizer: { kind: 'llama', tokens: 32 },
  generation: { bosTokenId: 1, eosTokenIds: [2] },
  sinkTokens: [1],
  forms: [
    {
      dtype: 'int8',
      files: [
        { path: 'config.json', sizeBytes: 2 },
        { path: 'onnx/model_int8.onnx_data', sizeBytes: 5 },
      ],
      variant: {
        id: 'int8-wasm',
        dtype: 'int8',
        device: 'wasm',
        files: ['config.json', 'onnx/model_int8.onnx_data'],
        needs: { memoryBytes: 1 },
      },
    },
  ],
};
const described = (found: FoundInFile = FOUND) =>
  describeImport(found, { id: importId('tiny.gguf'), fileName: 'tiny.gguf', minimumRuntime: '0.1.0' });

test('whatever a file is called, it can name a model that no catalog claims', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), (fileName) => {
      const id = importId(fileName);
      expect(isModelId(id) && isBrought(id), id).toBe(true);
    }),
  );
});

test('a model is called as its file, without folder, ending and number of the part', () => {
  expect(importName('C:\\models\\Tiny Llama (1.1B).Q4_K_M.gguf')).toBe('Tiny-Llama-1.1B-.Q4_K_M');
  expect(importName('big-00001-of-00003.gguf')).toBe('big');
  expect(importName('..gguf')).toBe('model');
});

test('a file at an address is called as its address says, also with a "%" that stands for itself', () => {
  expect(fileNameAt('https://example.org/files/tiny%20model.gguf?key=a/b#c')).toBe('tiny model.gguf');
  expect(fileNameAt('https://example.org/files/50%.gguf')).toBe('50%.gguf');
  expect(fileNameAt('https://example.org/files/')).toBe('');
});

test('a manifest has whole digests of the parts that a model was made of, and says how many more there are', () => {
  const digests = Array.from({ length: 300 }, (_, i) => `sha256:${String(i).padStart(64, '0')}`);
  expect(integrityOf(digests.slice(0, 6))).toBe(digests.slice(0, 6).join(' '));
  expect(integrityOf(digests)).toBe(`${digests.slice(0, 6).join(' ')} and 294 more`);
  expect(integrityOf(digests).length).toBeLessThanOrEqual(500);
});

test('what a file does not say of its licence is said to be unknown', () => {
  expect(described().licence.spdx).toBe('unknown');
  expect(described({ ...FOUND, licence: 'apache-2.0', licenceLink: 'https://example.org' }).licence).toMatchObject({
    spdx: 'apache-2.0',
    text: expect.stringContaining('https://example.org'),
  });
  expect(described({ ...FOUND, licence: 'other', licenceName: 'qwen-research' }).licence).toMatchObject({
    spdx: 'other',
    text: expect.stringContaining('"other (qwen-research)"'),
  });
});

test('a manifest comes of what was made, and of nothing less', () => {
  const making = beginMaking(FOUND.forms[0]?.files ?? []);
  const importing = { description: described() };
  const more = { provenance: { source: 'file: tiny.gguf' } };
  expect(() => manifestOfImport(importing, making, 'int8-wasm', more)).toThrow(expect.objectContaining({ code: 'invalid_manifest' }));
  const config = withMadeChunks(making, { path: 'config.json', from: 0, chunks: [chunk('a', 2)] });
  const both = config && withMadeChunks(config, { path: 'onnx/model_int8.onnx_data', from: 0, chunks: [chunk('b', 3), chunk('c', 2)] });
  expect(both && madeBytes(both)).toBe(7);
  expect(both && manifestOfImport(importing, both, 'int8-wasm', more)).toMatchObject({ id: 'file:tiny', variants: [{ id: 'int8-wasm' }] });
});

test('chunks are noted behind those that are kept, and none for a file that is not made', () => {
  const making = beginMaking([{ path: 'a', sizeBytes: 4 }]);
  const first = withMadeChunks(making, { path: 'a', from: 0, chunks: [chunk('a', 2), chunk('b', 2)], errors: [{ name: 'x', error: 1 }] });
  const again = first && withMadeChunks(first, { path: 'a', from: 1, chunks: [chunk('c', 2)], errors: [{ name: 'x', error: 2 }] });
  expect(again && madeDigests(again)).toEqual([chunk('a', 2).digest, chunk('c', 2).digest]);
  expect(again?.errors).toEqual([{ name: 'x', error: 2 }]);
  expect(withMadeChunks(making, { path: 'b', from: 0, chunks: [] })).toBeUndefined();
  expect(withMadeChunks(making, { path: 'a', from: 1, chunks: [] })).toBeUndefined();
});

test('a form is as good as its file within its bound, and never where it scores no number', () => {
  expect(isFaithful({ reference: 2, measured: 2.1, bound: 0.11 })).toBe(true);
  expect(isFaithful({ reference: 2, measured: 2.2, bound: 0.1 })).toBe(false);
  expect(isFaithful({ reference: 2, measured: Number.NaN, bound: 0.1 })).toBe(false);
});
