import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SillError } from './errors.ts';
import { parseVariantId } from './ids.ts';
import { IMPORT_TEXT } from './importGate.ts';
import { canonicalManifest, chunksOf, isPlainPath, parseManifest, variantBytes, variantOf } from './manifest.ts';

const digest = (fill: string): string => `sha256:${fill.repeat(64)}`;

const example = () => ({
  schema: 1,
  id: 'tiny',
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: ['en'],
  licence: { spdx: 'MIT', text: 'Permission is hereby granted' },
  parameters: 15_000_000,
  files: [
    { path: 'config.json', sizeBytes: 3, chunks: [{ digest: digest('a'), sizeBytes: 3 }] },
    {
      path: 'onnx/model.onnx',
      sizeBytes: 10,
      chunks: [
        { digest: digest('b'), sizeBytes: 7 },
        { digest: digest('a'), sizeBytes: 3 },
      ],
    },
  ],
  variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['config.json', 'onnx/model.onnx'], needs: { memoryBytes: 100 } }],
  minimumRuntime: '0.1.0',
  provenance: { source: 'npm:tiny@1.0.0' },
});

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (reason) {
    return reason instanceof SillError ? reason.code : 'not a SillError';
  }
  return undefined;
};

describe('a manifest', () => {
  it('takes the score of the text that an import is held against, whole', () => {
    const referenceScores = [{ variant: 'int8-wasm', metric: 'nll', value: 2.76, text: IMPORT_TEXT }];
    expect(parseManifest({ ...example(), referenceScores }).referenceScores).toEqual(referenceScores);
  });

  it('keeps its identity when only its notes and rollout change', () => {
    const plain = canonicalManifest(parseManifest(example()));
    expect(canonicalManifest(parseManifest({ ...example(), notes: 'fixed a typo', rollout: { percentage: 5 } }))).toBe(plain);
    expect(canonicalManifest(parseManifest({ ...example(), name: 'Other' }))).not.toBe(plain);
  });

  it('keeps its identity whatever the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(example()).reverse());
    expect(canonicalManifest(parseManifest(reversed))).toBe(canonicalManifest(parseManifest(example())));
  });

  it('counts a chunk that two files share once', () => {
    const manifest = parseManifest(example());
    const variant = variantOf(manifest, parseVariantId('int8-wasm'));
    expect(chunksOf(manifest, variant)).toHaveLength(2);
    expect(variantBytes(manifest, variant)).toBe(10);
  });

  const faults: Array<[string, (m: ReturnType<typeof example>) => unknown]> = [
    ['is no object', () => 'manifest'],
    ['has an unknown key', (m) => ({ ...m, surprise: 1 })],
    ['has another schema', (m) => ({ ...m, schema: 2 })],
    ['has a task that nobody knows', (m) => ({ ...m, task: 'mind-reading' })],
    ['has a file whose chunks do not add up', (m) => ({ ...m, files: m.files.map((f) => ({ ...f, sizeBytes: f.sizeBytes + 1 })) })],
    ['has a path that escapes', (m) => ({ ...m, files: [{ ...m.files[0], path: '../config.json' }] })],
    ['has two files of one path', (m) => ({ ...m, files: [m.files[0], m.files[0], m.files[1]] })],
    ['has a variant with a file that is not listed', (m) => ({ ...m, variants: [{ ...m.variants[0], files: ['absent.bin'] }] })],
    [
      'has a score that is no number, as JSON writes it by 1e999',
      (m) => ({ ...m, referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: Number.POSITIVE_INFINITY }] }),
    ],
    ['has a digest of the wrong length', (m) => ({ ...m, files: [{ ...m.files[0], chunks: [{ digest: 'sha256:ab', sizeBytes: 3 }] }] })],
  ];
  it.each(faults)('is refused by code when it %s', (_, spoil) => {
    expect(codeOf(() => parseManifest(spoil(example())))).toBe('invalid_manifest');
  });

  it('is parsed or refused by code, whatever the data', () => {
    fc.assert(fc.property(fc.anything(), (data) => ['invalid_manifest', undefined].includes(codeOf(() => parseManifest(data)))));
  });

  it('has file names that stay in their folder, on any system', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        if (!isPlainPath(path)) return;
        const resolved = new URL(path, 'https://host/models/x/').href;
        expect(resolved.startsWith('https://host/models/x/')).toBe(true);
        expect(path).not.toMatch(/[\\:]|\.\./);
      }),
    );
    for (const path of ['a/../b', '/etc/passwd', 'C:\\x', 'a//b', '.hidden', 'a/', '%2e%2e/x']) expect(isPlainPath(path)).toBe(false);
  });
});
