import { describe, expect, test } from 'vitest';
import { parseDigest, parseVariantId } from './ids.ts';
import { parseManifest } from './manifest.ts';
import { diffRevisions } from './revisionDiff.ts';
import { TINY } from './testing/tinyManifest.ts';

const digest = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`);
const VARIANT = parseVariantId('int8-wasm');

/** A model of the given files, each a word whose letters are its chunks, of 10 bytes each. */
const model = (files: Record<string, string>, change: object = {}) => ({
  variant: VARIANT,
  manifest: parseManifest({
    ...TINY,
    files: Object.entries(files).map(([path, letters]) => ({
      path,
      sizeBytes: letters.length * 10,
      chunks: [...letters].map((letter) => ({ digest: digest(letter), sizeBytes: 10 })),
    })),
    variants: [{ id: VARIANT, dtype: 'int8', device: 'wasm', files: Object.keys(files), needs: { memoryBytes: 1 } }],
    ...change,
  }),
});

describe('the difference of two revisions', () => {
  test('names each file and fetches only chunks that are nowhere on the device', () => {
    const before = model({ 'weights.bin': 'abc', 'old.json': 'd', 'same.json': 'e' });
    const after = model({ 'weights.bin': 'abf', 'new.json': 'd', 'same.json': 'e' });
    expect(diffRevisions(before, after)).toEqual({
      fromBytes: 50,
      toBytes: 50,
      fetchBytes: 10,
      changedBytes: 10,
      files: [
        { path: 'new.json', change: 'added', fromBytes: 0, toBytes: 10 },
        { path: 'old.json', change: 'removed', fromBytes: 10, toBytes: 0 },
        { path: 'same.json', change: 'same', fromBytes: 10, toBytes: 10 },
        { path: 'weights.bin', change: 'changed', fromBytes: 30, toBytes: 30 },
      ],
      scores: [],
    });
    expect(diffRevisions(before, after, new Set(['a', 'b', 'f', 'd', 'e'].map(digest))).fetchBytes).toBe(0);
  });
  test('fetches what the device lacks, also of the part that both revisions have', () => {
    const [before, after] = [model({ 'weights.bin': 'abc' }), model({ 'weights.bin': 'abf' })];
    expect(diffRevisions(before, after, new Set([digest('a')]))).toMatchObject({ changedBytes: 10, fetchBytes: 20 });
  });
  test('sets the scores of the variants beside each other and carries the notes', () => {
    const score = (metric: string, value: number) => ({ referenceScores: [{ variant: VARIANT, metric, value }] });
    const before = model({ 'weights.bin': 'a' }, score('nll', 1.2));
    const after = model({ 'weights.bin': 'b' }, { ...score('nll', 1.1), notes: 'Trained longer.' });
    expect(diffRevisions(before, after)).toMatchObject({ scores: [{ metric: 'nll', from: 1.2, to: 1.1 }], notes: 'Trained longer.' });
    expect(diffRevisions(before, model({ 'weights.bin': 'b' }, score('wer', 0.1))).scores).toEqual([
      { metric: 'nll', from: 1.2 },
      { metric: 'wer', to: 0.1 },
    ]);
  });
});
