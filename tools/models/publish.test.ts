import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCatalog } from '../../src/core/catalog.ts';
import { type About, packFolder } from './packFolder.ts';
import { placeRevision, prune, writeCatalog } from './publish.ts';
import { withStaging } from './staging.ts';
import { ABOUT, FILES } from './testing/about.ts';
import { put, tempFolder } from './testing/tempFolder.ts';

const folder = tempFolder();
const root = () => join(folder(), 'models');
const about: About = { ...ABOUT, id: 'model' };

const place = (description = about) =>
  withStaging(join(folder(), 'staging'), async (staging) => {
    const staged = join(staging, 'model');
    await put(staged, FILES);
    return placeRevision(root(), staged, await packFolder(staged, description));
  });

test('a revision lies under its own name, with its manifest and its files', async () => {
  const entry = await place();
  expect(entry.path).toBe(`model/${entry.revision.slice('sha256:'.length).slice(0, 16)}`);
  const files = await readdir(join(root(), entry.path), { recursive: true });
  expect(files.sort()).toEqual(['config.json', 'manifest.json', 'onnx', join('onnx', 'model.onnx')]);
});

test('placing the same revision again mends damaged files', async () => {
  const { path } = await place();
  await writeFile(join(root(), path, 'config.json'), 'damaged');
  await place();
  expect(await readFile(join(root(), path, 'config.json'), 'utf8')).toBe(FILES['config.json']);
});

test('two runs at once that place the same revision both end well', async () => {
  const entries = await Promise.all([place(), place(), place()]);
  expect(new Set(entries.map((entry) => entry.path)).size).toBe(1);
  expect(await readdir(join(root(), entries[0].path))).toContain('manifest.json');
  expect(await readdir(join(folder(), 'staging'))).toEqual([]);
});

test('the catalog lists what was placed, and pruning keeps that alone', async () => {
  const old = await place();
  const current = await place({ ...about, name: 'Newer' });
  const gone = await place({ ...about, id: 'gone' });
  await put(root(), { 'catalog.json.123.partial': '{' });
  const catalog = await writeCatalog(root(), [current]);
  expect(parseCatalog(JSON.parse(await readFile(join(root(), 'catalog.json'), 'utf8')))).toEqual(catalog);
  // Until then nobody who reads the older catalog is disturbed.
  expect(await readdir(join(root(), old.path))).toContain('manifest.json');
  expect(await readdir(join(root(), gone.path))).toContain('manifest.json');
  await prune(root(), catalog);
  expect((await readdir(root())).sort()).toEqual(['catalog.json', 'model']);
  expect(await readdir(join(root(), 'model'))).toEqual([current.path.split('/')[1]]);
});
