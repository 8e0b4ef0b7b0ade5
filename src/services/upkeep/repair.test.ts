import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { chunksOf, variantOf } from '../../core/manifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createDownloader } from '../../delivery/downloader.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createHub } from '../hub.ts';
import { createFakeConnection, createOrigin } from '../testing/origin.ts';
import { GOOD, MODEL, never, Site, startTab } from '../testing/updateFixture.ts';
import { createRepairs, type RepairDeps } from './repair.ts';

let site: Site;
let store: Store;
let deps: RepairDeps;
let connection: ReturnType<typeof createFakeConnection>;

beforeEach(async () => {
  site = await Site.start();
  connection = createFakeConnection();
  store = createMemoryStore();
  const { source } = startTab(site, store);
  const digests = createDigests(crypto.subtle);
  deps = {
    store,
    digests,
    source,
    downloader: createDownloader({ fetcher: fetch, chunks: store.chunks, digests, sleep: async () => undefined }),
    locks: createOrigin().openTab().locks,
    hub: createHub({ send: () => undefined, listen: () => undefined }, { now: () => 0, monotonicMs: () => 0 }),
    connection,
    conditions: async () => ({ metered: connection.isMetered() }),
    unattended: async () => false,
  };
});
afterEach(() => site.server.close());

/** The chunk of a file of a revision on the device. */
async function chunkOf(path: string, role: 'active' | 'previous' = 'active') {
  const held = (await store.models.slots(MODEL))?.[role];
  const manifest = held && (await store.models.manifest(held.revision));
  const chunk = manifest?.files.find((file) => file.path === path)?.chunks[0];
  if (!chunk) throw new Error(`no ${path} in ${role}`);
  return chunk.digest;
}

async function spoil(path: string, role?: 'active' | 'previous') {
  const digest = await chunkOf(path, role);
  await store.chunks.delete([digest]);
  await store.chunks.put(digest, new Blob(['spoilt']));
}

const repair = () => createRepairs(deps).repair(MODEL, { signal: never });
const forgetRequests = () => site.server.requests.splice(0);

describe('a repair', () => {
  beforeEach(async () => {
    site.publish(GOOD);
    await startTab(site, store).installs.install(MODEL, { signal: never });
    forgetRequests();
  });

  it('of a sound model reads everything and fetches nothing', async () => {
    const report = await repair();
    expect(report).toMatchObject({ ok: true, damaged: [], left: [] });
    expect(report.checkedBytes).toBeGreaterThan(0);
    expect(site.asked).toEqual([]);
  });

  it('fetches what changed on the disk and what is gone, and nothing else', async () => {
    await spoil('weights.bin');
    await store.chunks.delete([await chunkOf('tokenizer.json')]);
    const phases = new Set<string>();
    const report = await createRepairs(deps).repair(MODEL, { signal: never, onProgress: ({ phase }) => phases.add(phase) });
    expect(report).toMatchObject({ ok: true, left: [] });
    expect(report.damaged.map(({ path, reason }) => [path, reason])).toEqual([
      ['weights.bin', 'mismatch'],
      ['tokenizer.json', 'missing'],
    ]);
    expect(site.asked.filter((path) => path.startsWith('/tiny/'))).toEqual(['/tiny/1/weights.bin', '/tiny/1/tokenizer.json']);
    expect([...phases]).toEqual(['verifying', 'downloading']);
    expect((await repair()).damaged).toEqual([]);
  });

  it('that has no network says which parts are left, keeps what is good, and ends well another time', async () => {
    await spoil('weights.bin');
    const { downloader } = deps;
    const offline = async () => Promise.reject(new SillError('network_unavailable', 'Offline.'));
    deps = { ...deps, downloader: { ...downloader, download: offline } };
    expect(await repair()).toMatchObject({ ok: false, left: [{ path: 'weights.bin' }], error: { code: 'network_unavailable' } });
    expect(await store.chunks.get(await chunkOf('tokenizer.json'))).toBeDefined();
    deps = { ...deps, downloader };
    expect(await repair()).toMatchObject({ ok: true, damaged: [{ path: 'weights.bin', reason: 'missing' }] });
  });

  it('on a connection that costs fetches nothing before a person says so', async () => {
    await spoil('weights.bin');
    connection.set({ metered: true });
    const report = await repair();
    expect(report).toMatchObject({ ok: false, waiting: 'metered', left: [{ path: 'weights.bin' }] });
    expect(report.error).toBeUndefined();
    expect(site.asked.filter((path) => path.startsWith('/tiny/'))).toEqual([]);
    expect(await createRepairs(deps).repair(MODEL, { signal: never, meteredAllowed: true })).toMatchObject({ ok: true, left: [] });
  });

  it('lets go of what it fetches when its connection comes to cost', async () => {
    await spoil('weights.bin');
    let isFetching = false;
    const { downloader } = deps;
    const hangs: RepairDeps['downloader']['download'] = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        isFetching = true;
        signal?.addEventListener('abort', () => reject(new SillError('aborted', 'The download was cancelled.')));
      });
    deps = { ...deps, downloader: { ...downloader, download: hangs } };
    const report = repair();
    await vi.waitFor(() => expect(isFetching).toBe(true));
    connection.set({ metered: true });
    expect(await report).toMatchObject({ ok: false, waiting: 'metered', left: [{ path: 'weights.bin' }] });
  });

  it('that the device does by itself waits for a connection that does not cost, and then goes on', async () => {
    await spoil('weights.bin');
    connection.set({ metered: true });
    deps = { ...deps, unattended: async () => true };
    expect(await createRepairs(deps).mendUnasked(MODEL)).toBe(false);
    expect(site.asked.filter((path) => path.startsWith('/tiny/'))).toEqual([]);
    connection.set({ metered: false });
    const digest = await chunkOf('weights.bin');
    await vi.waitFor(async () => expect(await store.chunks.missing([digest])).toEqual([]));
  });

  it('of a revision that is no longer published says so', async () => {
    await spoil('weights.bin');
    site.entries = [];
    site.writeCatalog();
    const report = await repair();
    expect(report).toMatchObject({ ok: false, left: [{ path: 'weights.bin' }], error: { code: 'chunk_unavailable' } });
    expect(report.error?.message).toContain('bundle');
  });

  it('of a withdrawn revision works: it is installed, and a person uses it', async () => {
    await spoil('weights.bin');
    const [entry] = site.entries;
    if (entry) site.change(entry.revision, { withdrawn: { reason: 'old' } });
    expect(await repair()).toMatchObject({ ok: true });
  });

  it('mends the revision before as well', async () => {
    const tab = startTab(site, store);
    site.publish(GOOD);
    await tab.updates.apply(MODEL, { signal: never });
    await spoil('weights.bin', 'previous');
    forgetRequests();
    expect(await repair()).toMatchObject({ ok: true, damaged: [{ path: 'weights.bin' }] });
    expect(site.asked.filter((path) => path.startsWith('/tiny/'))).toEqual(['/tiny/1/weights.bin']);
    const held = (await store.models.slots(MODEL))?.previous;
    const manifest = held && (await store.models.manifest(held.revision));
    if (!manifest) throw new Error('no previous');
    expect(await store.chunks.missing(chunksOf(manifest, variantOf(manifest, held.variant)).map(({ digest }) => digest))).toEqual([]);
  });

  it('that is stopped rejects, and of a model that is not here says so', async () => {
    await expect(createRepairs(deps).repair(MODEL, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await store.models.remove(MODEL, 0);
    await expect(repair()).rejects.toMatchObject({ code: 'model_not_installed' });
  });

  it('cannot run twice at once', async () => {
    deps = { ...deps, locks: { ...deps.locks, tryHold: async () => undefined } };
    await expect(repair()).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('a load that fails', () => {
  beforeEach(async () => {
    site.publish(GOOD);
    await startTab(site, store).installs.install(MODEL, { signal: never });
  });

  it('because a part is damaged says that, and not what the runtime made of it', async () => {
    const { ask } = startTab(site, store);
    await spoil('weights.bin');
    await expect(ask()).rejects.toMatchObject({ code: 'installation_damaged', details: { id: MODEL } });
  });

  it('of a sound model keeps its own reason', async () => {
    const reason = new SillError('runtime_failed', 'The graph is broken.');
    expect(await createRepairs(deps).damageBehind(MODEL, reason)).toBeUndefined();
    await spoil('weights.bin');
    expect(await createRepairs(deps).damageBehind(MODEL, new SillError('out_of_memory', 'Full.'))).toBeUndefined();
    expect(await createRepairs(deps).damageBehind(MODEL, reason)).toMatchObject({ code: 'installation_damaged', cause: reason });
  });

  it('is mended unasked where nobody is there to ask, and answers', async () => {
    const tab = startTab(site, store);
    await spoil('weights.bin');
    await tab.updates.setPolicy({ mode: 'idle', channel: 'stable', idleMinutes: 5 });
    expect((await tab.ask()).text).toContain('hello');
  });

  it('is left to the person where one decides about updates', async () => {
    await spoil('weights.bin');
    expect(await createRepairs(deps).mendUnasked(MODEL)).toBe(false);
    expect(await createRepairs({ ...deps, unattended: async () => true }).mendUnasked(MODEL)).toBe(true);
  });
});
