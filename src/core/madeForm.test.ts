import { expect, test } from 'vitest';
import { parseDigest, parseRevisionId, parseVariantId } from './ids.ts';
import { derivedForm, formKey, isOutdatedForm, parseMadeForm, withMadeFiles, withoutChunks } from './madeForm.ts';
import { RECIPE } from './making.ts';
import { parseManifest } from './manifest.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const revision = parseRevisionId(`sha256:${'b'.repeat(64)}`);
const FORM = {
  files: [{ path: 'onnx/model_int8.onnx', sizeBytes: 3, chunks: [{ digest, sizeBytes: 3 }] }],
  scores: { reference: 2, measured: 2.01, bound: 0.1 },
  errors: [{ name: 'model.embed_tokens', error: 0.01 }],
};

test('a form says of what it was made and by what, comes back as it was kept, and as nothing where it was written otherwise', () => {
  const about = derivedForm(formKey(revision, parseVariantId('int8-wasm')), revision, FORM, { result: digest, atMs: 5, tookMs: 900 });
  // What is kept in more bits is part of how it is made.
  const wider = derivedForm('k', revision, { ...FORM, wider: ['lm_head'] }, { result: digest, atMs: 7 });
  expect(wider.recipe).toBe(`${RECIPE} wider:lm_head`);
  expect(about).toMatchObject({ recipe: RECIPE, source: revision, result: digest, sizeBytes: 3, chunks: [digest], tookMs: 900 });
  expect(withoutChunks(about)).toEqual({ ...about, chunks: [], sizeBytes: 0 });
  expect(parseMadeForm(JSON.stringify(FORM))).toEqual(FORM);
  expect(parseMadeForm('{"files":[]}')).toBeUndefined();
  expect(parseMadeForm('')).toBeUndefined();
});

test('a form of another recipe is outdated, and what is kept to save time never is', () => {
  const key = formKey(revision, parseVariantId('int8-wasm'));
  expect(isOutdatedForm({ key })).toBe(false);
  expect(isOutdatedForm({ key: key.replace(RECIPE, 'gguf-5') })).toBe(true);
  expect(isOutdatedForm({ key: digest })).toBe(false);
});

test('a runtime loads what was made in place of what was delivered', () => {
  const manifest = parseManifest({
    ...{ schema: 1, id: 'tiny', name: 'Tiny', description: 'For tests.', task: 'text-generation', languages: [] },
    ...{ licence: { spdx: 'MIT', text: 'MIT' }, parameters: 1, minimumRuntime: '0.1.0', provenance: { source: 'test' } },
    files: [{ path: 'tiny.gguf', sizeBytes: 3, chunks: [{ digest, sizeBytes: 3 }] }],
    variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['tiny.gguf'], needs: { memoryBytes: 1 }, madeFrom: 'gguf' }],
  });
  const [variant] = manifest.variants;
  const loaded = variant && withMadeFiles(manifest, variant, FORM);
  expect(loaded?.variant).toEqual({
    id: 'int8-wasm',
    dtype: 'int8',
    device: 'wasm',
    files: ['onnx/model_int8.onnx'],
    needs: { memoryBytes: 1 },
  });
  expect(loaded?.manifest.files.map(({ path }) => path)).toEqual(['onnx/model_int8.onnx']);
});
