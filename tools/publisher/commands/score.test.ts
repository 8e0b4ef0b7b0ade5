import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { IMPORT_TEXT } from '../../../src/core/importGate.ts';
import { parseManifest } from '../../../src/core/manifest.ts';
import { tinyGguf } from '../../../src/forge/gguf/testing/tinyGguf.ts';
import { put, tempFolder } from '../../models/testing/tempFolder.ts';
import { sill } from '../testing/sill.ts';

const folder = tempFolder();
const DESCRIPTION = {
  ...{ id: 'tiny', description: 'A small model.', task: 'text-generation', licence: { spdx: 'MIT', text: 'MIT' } },
  provenance: { source: 'a test' },
};
const other = { variant: 'int8-wasm', metric: 'accuracy', value: 0.5 };

test('a model that is delivered as GGUF states what devices hold its forms against; other figures of its publisher stay', async () => {
  const model = join(folder(), 'tiny');
  await put(model, {
    'tiny.gguf': tinyGguf('F16'),
    'sill.json': JSON.stringify({ ...DESCRIPTION, referenceScores: [other, { ...other, metric: 'nll', value: 99, text: IMPORT_TEXT }] }),
  });
  expect(await sill('score', model)).toEqual({ code: 0, out: expect.stringMatching(/foretell \d+ tokens with \d\.\d{3} nats each/) });
  expect(await readdir(folder())).toEqual(['tiny']);
  expect((await readdir(model)).sort()).toEqual(['sill.json', 'tiny.gguf']);
  expect(await sill('pack', model)).toMatchObject({ code: 0 });
  const { referenceScores, variants, sinkTokens } = parseManifest(JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8')));
  const [kept, ...stated] = referenceScores ?? [];
  expect(kept).toEqual(other);
  expect(stated.map(({ variant }) => variant)).toEqual(variants.map(({ id }) => id));
  // Eight bits in blocks are next to nothing away from it: what a device would have worked out itself.
  const checked = join(folder(), 'checked');
  const imported = await sill('import', join(model, 'tiny.gguf'), '--out', checked, '--forms', 'q4', '--json');
  const { quality } = JSON.parse(imported.out);
  // As a device finds them that imports the file itself.
  const folderOfInt8 = join(folder(), 'int8');
  expect(await sill('import', join(model, 'tiny.gguf'), '--out', folderOfInt8, '--forms', 'int8')).toMatchObject({ code: 0 });
  expect(sinkTokens).toEqual(JSON.parse(await readFile(join(folderOfInt8, 'sill.json'), 'utf8')).sinkTokens);
  expect(JSON.parse(await readFile(join(model, 'sill.json'), 'utf8')).sinkTokens).toEqual(sinkTokens);
  for (const { value, text } of stated) {
    expect(text).toBe(IMPORT_TEXT);
    expect(Math.abs(value - quality.q4.scores.reference)).toBeLessThan(0.01);
  }
});

test('a folder of forms that run, and one with a broken file, are told of, and its description stays as it was', async () => {
  const model = join(folder(), 'tiny');
  const description = JSON.stringify({ ...DESCRIPTION, parameters: 1 });
  await put(model, { 'model.onnx': 'no graph', 'sill.json': description });
  expect(await sill('score', model)).toEqual({ code: 2, out: expect.stringContaining('no GGUF file') });
  await put(join(folder(), 'broken'), { 'tiny.gguf': tinyGguf('F16').subarray(0, -4096), 'sill.json': description });
  expect(await sill('score', join(folder(), 'broken'))).toEqual({ code: 3, out: expect.stringContaining('This GGUF file cannot be used') });
  expect(await readFile(join(folder(), 'broken', 'sill.json'), 'utf8')).toBe(description);
  expect((await readdir(folder())).sort()).toEqual(['broken', 'tiny']);
});
