import { expect, test } from 'vitest';
import { assertSameFiles, beginAdoption, digestsOf, manifestOfAdoption, manifestSoFar, withChunks, withoutChunks } from './adoption.ts';
import type { HubDescription } from './hubModel.ts';
import { parseDigest, parseModelId, parseVariantId } from './ids.ts';
import { chunksOf, variantOf } from './manifest.ts';

const ID = parseModelId('hf:acme/tiny');
const chunk = (letter: string, sizeBytes: number) => ({ digest: parseDigest(`sha256:${letter.repeat(64)}`), sizeBytes });
const [A, B, C] = [chunk('a', 10), chunk('b', 20), chunk('c', 5)];
const description: HubDescription = {
  ...{ id: ID, name: 'tiny', description: 'For tests.', task: 'text-generation', languages: [], parameters: 1 },
  ...{ licence: { spdx: 'MIT', text: 'MIT' }, minimumRuntime: '0.1.0', provenance: { source: 'test' } },
  variants: [
    { id: 'q8-wasm', dtype: 'q8', device: 'wasm', files: ['config.json', 'model.onnx'], needs: { memoryBytes: 1 } },
    { id: 'fp32-wasm', dtype: 'fp32', device: 'wasm', files: ['config.json', 'big.onnx'], needs: { memoryBytes: 1 } },
  ],
};
const FILES = [
  { path: 'config.json', sizeBytes: 5 },
  { path: 'model.onnx', sizeBytes: 30, sha256: '1'.repeat(64) },
  { path: 'big.onnx', sizeBytes: 99 },
];
const begun = beginAdoption({ url: 'https://hub.example/', commit: 'c0ffee', description, files: FILES }, 'q8-wasm');
const grown = (path: string, from: number, ...chunks: Array<typeof A>) => withChunks(begun, ID, { path, from, chunks });

test('what is begun are the files of one variant, of which nothing is here', () => {
  expect(begun.files).toEqual([
    { path: 'config.json', sizeBytes: 5, chunks: [] },
    { path: 'model.onnx', sizeBytes: 30, sha256: '1'.repeat(64), chunks: [] },
  ]);
  expect(begun.description.variants.map(({ id }) => id)).toEqual(['q8-wasm']);
});

test('at each moment it has a manifest of its full size, in which what arrived is as it is', () => {
  for (const adoption of [
    begun,
    grown('model.onnx', 0, A),
    withChunks(grown('model.onnx', 0, A, B), ID, { path: 'config.json', from: 0, chunks: [C] }),
  ]) {
    const manifest = manifestSoFar(adoption);
    const chunks = chunksOf(manifest, variantOf(manifest, parseVariantId('q8-wasm')));
    expect(chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(35);
    expect(chunks.map(({ digest }) => digest)).toEqual(expect.arrayContaining(digestsOf(adoption)));
  }
});

test('chunks follow each other; one that was noted before may come again, and no other in its place', () => {
  const both = withChunks(grown('model.onnx', 0, A), ID, { path: 'model.onnx', from: 1, chunks: [B] });
  expect(both.files[1]?.chunks).toEqual([A, B]);
  // Another tab was further when this one began.
  expect(withChunks(both, ID, { path: 'model.onnx', from: 0, chunks: [A] })).toEqual(both);
  expect(withChunks(grown('model.onnx', 0, A), ID, { path: 'model.onnx', from: 0, chunks: [A, B] })).toEqual(both);
  expect(() => withChunks(both, ID, { path: 'model.onnx', from: 1, chunks: [C] })).toThrow(
    expect.objectContaining({ code: 'source_changed' }),
  );
});

test('a try that goes on behind what was thrown away has ended', () => {
  const anew = withoutChunks(grown('model.onnx', 0, A));
  expect(anew).toEqual(begun);
  expect(() => withChunks(anew, ID, { path: 'model.onnx', from: 1, chunks: [B] })).toThrow(expect.objectContaining({ code: 'aborted' }));
});

test('when everything is here its manifest has exactly that', () => {
  const whole = withChunks(grown('model.onnx', 0, A, B), ID, { path: 'config.json', from: 0, chunks: [C] });
  const manifest = manifestOfAdoption(whole, 'q8-wasm');
  expect(manifest.files).toEqual([
    { path: 'config.json', sizeBytes: 5, chunks: [C] },
    { path: 'model.onnx', sizeBytes: 30, chunks: [A, B] },
  ]);
  expect(manifest).toEqual(manifestSoFar(whole));
});

test('a server that states something else under the same commit is refused', () => {
  expect(() => assertSameFiles(ID, begun.files, FILES)).not.toThrow();
  // A server without a list of files states no digests.
  expect(() =>
    assertSameFiles(
      ID,
      begun.files,
      FILES.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    ),
  ).not.toThrow();
  for (const now of [
    FILES.slice(1),
    FILES.map((file) => (file.path === 'config.json' ? { ...file, sizeBytes: 6 } : file)),
    FILES.map((file) => (file.path === 'model.onnx' ? { ...file, sha256: '2'.repeat(64) } : file)),
  ])
    expect(() => assertSameFiles(ID, begun.files, now)).toThrow(expect.objectContaining({ code: 'source_changed' }));
});
