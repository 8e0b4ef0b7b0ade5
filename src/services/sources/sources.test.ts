import { expect, test } from 'vitest';
import { CATALOG_SCHEMA, type CatalogEntry } from '../../core/catalog.ts';
import { SillError } from '../../core/errors.ts';
import { type Digest, parseModelId, parseRevisionId } from '../../core/ids.ts';
import { type Manifest, parseManifest } from '../../core/manifest.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Adopted } from './adopted.ts';
import { createSources } from './sources.ts';

const revisionOf = (digit: string) => parseRevisionId(`sha256:${digit.repeat(64)}`);
const entry = (id: string, digit: string): CatalogEntry => ({
  id: parseModelId(id),
  revision: revisionOf(digit),
  channel: 'stable',
  path: `${id.replace(':', '')}/${digit}`,
});
const manifestOf = (id: string): Manifest =>
  parseManifest({
    schema: 1,
    ...{ id, name: id, description: id, task: 'text-generation', languages: [], parameters: 1, minimumRuntime: '0.1.0' },
    licence: { spdx: 'MIT', text: 'MIT' },
    files: [{ path: 'a', sizeBytes: 1, chunks: [{ digest: `sha256:${'a'.repeat(64)}` as Digest, sizeBytes: 1 }] }],
    variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['a'], needs: { memoryBytes: 1 } }],
    provenance: { source: 'test' },
  });
const failure = new SillError('network_unavailable', 'cannot be reached');

/** A catalog at some place, which can fail. */
function place(url: string, models: readonly CatalogEntry[], verified = false) {
  const state = { works: true, asked: 0 };
  const guard = () => {
    state.asked += 1;
    if (!state.works) throw failure;
  };
  const source: CatalogSource = {
    async catalog() {
      try {
        guard();
      } catch (reason) {
        if (!verified) throw reason;
        return { schema: CATALOG_SCHEMA, models: [...models], refreshError: failure.toData() };
      }
      return { schema: CATALOG_SCHEMA, models: [...models], freshness: 'fresh' };
    },
    known: async () => ({ schema: CATALOG_SCHEMA, models: [...models] }),
    async manifest(wanted) {
      guard();
      if ('source' in wanted) throw new Error('a catalog knows nothing of where its entries are listed');
      return manifestOf(wanted.id);
    },
    fileUrl: (wanted, path) => `${url}${wanted.path}/${path}`,
  };
  return { source, state, url };
}

const adopted: Adopted = {
  ...{ id: parseModelId('hf:acme/tiny'), revision: revisionOf('9'), url: 'https://hub.example/', commit: 'c0ffee', adoptedAtMs: 5 },
  ...{ manifest: manifestOf('hf:acme/tiny'), sha256: {} },
};
const records = (list: readonly Adopted[] = []) => ({ list: async () => [...list] });
const [ONE, OTHER] = [entry('one', '1'), entry('other', '2')];
const first = async (source: CatalogSource) => (await source.catalog()).models[0] ?? ONE;

test('a mirror is asked before the site, for the list as for the files', async () => {
  const [mirror, site] = [place('https://mirror.example/', [ONE]), place('https://site.example/', [ONE])];
  const sources = createSources({ own: [mirror.source, site.source], others: [], adopted: records() });
  const listed = await first(sources);
  expect((await sources.manifest(listed)).id).toBe('one');
  expect(sources.fileUrl(listed, 'a')).toBe('https://mirror.example/one/1/a');
  expect(site.state.asked).toBe(0);
});

test.each([false, true])('the site steps in for a mirror that fails (with a list of last time: %s)', async (verified) => {
  const [mirror, site] = [place('https://mirror.example/', [ONE], verified), place('https://site.example/', [ONE])];
  const sources = createSources({ own: [mirror.source, site.source], others: [], adopted: records() });
  mirror.state.works = false;
  const catalog = await sources.catalog();
  expect(catalog.refreshError).toBeUndefined();
  expect(sources.fileUrl(ONE, 'a')).toBe('https://site.example/one/1/a');
});

test('a mirror that has the list and not the description is helped out by the site', async () => {
  const [mirror, site] = [place('https://mirror.example/', [ONE]), place('https://site.example/', [ONE])];
  const sources = createSources({ own: [mirror.source, site.source], others: [], adopted: records() });
  const listed = await first(sources);
  mirror.state.works = false;
  expect((await sources.manifest(listed)).id).toBe('one');
  site.state.works = false;
  await expect(sources.manifest(listed)).rejects.toMatchObject({ code: 'network_unavailable' });
});

test('another catalog adds models, and cannot take the place of those that the site offers or that were trusted on first use', async () => {
  const site = place('https://site.example/', [ONE]);
  const research = place('https://research.example/', [entry('one', '3'), OTHER, entry('hf:acme/tiny', '4')]);
  const sources = createSources({ own: [site.source], others: [research], adopted: records([adopted]) });
  const { models } = await sources.catalog();
  expect(models.map(({ id, revision, source }) => [id, revision.slice(-1), source])).toEqual([
    ['one', '1', undefined],
    ['other', '2', 'https://research.example/'],
    ['hf:acme/tiny', '9', 'https://hub.example/'],
  ]);
  expect(models.map((each) => sources.fileUrl(each, 'a'))).toEqual([
    'https://site.example/one/1/a',
    'https://research.example/other/2/a',
    'https://hub.example/acme/tiny/resolve/c0ffee/a',
  ]);
  const manifests = await Promise.all(models.map((each) => sources.manifest(each)));
  expect(manifests.map(({ id }) => id)).toEqual(['one', 'other', 'hf:acme/tiny']);
  expect((await sources.known())?.models).toEqual(models);
});

test('a source that cannot be reached does not hide the others, and is told', async () => {
  const [site, research] = [place('https://site.example/', [ONE]), place('https://research.example/', [OTHER])];
  const sources = createSources({ own: [site.source], others: [research], adopted: records([adopted]) });
  research.state.works = false;
  expect(await sources.catalog()).toMatchObject({
    models: [{ id: 'one' }, { id: 'hf:acme/tiny' }],
    refreshError: { code: 'network_unavailable' },
  });
  site.state.works = false;
  expect(await sources.catalog()).toMatchObject({ models: [{ id: 'hf:acme/tiny' }], refreshError: { code: 'network_unavailable' } });
  const bare = createSources({ own: [site.source], others: [research], adopted: records() });
  await expect(bare.catalog()).rejects.toMatchObject({ code: 'network_unavailable' });
});

test('what came from a source that the policy names no more is refused by its name', async () => {
  const sources = createSources({ own: [place('https://site.example/', [ONE]).source], others: [], adopted: records() });
  await expect(sources.manifest({ ...OTHER, source: 'https://research.example/' })).rejects.toMatchObject({ code: 'source_not_allowed' });
});
