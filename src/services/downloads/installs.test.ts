import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseDigest, parseModelId } from '../../core/ids.ts';
import { canonicalManifest, parseManifest } from '../../core/manifest.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createDownloader } from '../../delivery/downloader.ts';
import { createStaticCatalog } from '../../delivery/testing/staticCatalog.ts';
import { type Behaviour, rangeOf, startTestServer, type TestServer } from '../../delivery/testing/testServer.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createAdoptedRecords } from '../sources/adopted.ts';
import { createFakeConnection, createOrigin } from '../testing/origin.ts';
import { createArrival } from './arrivals.ts';
import { createDownloads, type DownloadsDeps } from './downloads.ts';
import { createFetching, type FetchingDeps } from './fetching.ts';
import { createInstalls, type InstallsDeps } from './installs.ts';

const id = parseModelId('tiny');
const CHUNK_BYTES = 1000;
const CHUNKS = 12;
const never = new AbortController().signal;
const sha256 = (data: string | Uint8Array) => parseDigest(`sha256:${createHash('sha256').update(data).digest('hex')}`);

const weights = Uint8Array.from({ length: CHUNK_BYTES * CHUNKS }, (_, i) => (i * 7919) % 251);
const chunks = Array.from({ length: CHUNKS }, (_, i) => ({
  digest: sha256(weights.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  sizeBytes: CHUNK_BYTES,
}));
const example = (change: object = {}) => ({
  ...TINY,
  id,
  files: [{ path: 'weights.bin', sizeBytes: weights.length, chunks }],
  variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['weights.bin'], needs: { memoryBytes: 1 } }],
  ...change,
});

const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const revision = sha256(canonicalManifest(parseManifest(example())));

type Deps = Omit<FetchingDeps & InstallsDeps & DownloadsDeps, 'hub' | 'locks' | 'fetching' | 'downloads' | 'arrival'>;

/** One tab of the origin, with what lives in it. */
function openTab(change: Partial<Deps> = {}) {
  const tab = origin.openTab();
  const all = { ...deps, ...change };
  const hub = createHub(tab.broadcast, all.clock);
  const downloads = createDownloads({ ...all, hub, locks: tab.locks, fetching: createFetching(all) });
  const arrival = createArrival({ store, hub, downloads, records: createAdoptedRecords(store.settings) });
  const installs = createInstalls({ ...all, hub, downloads, arrival });
  return { ...tab, hub, downloads, install: installs.install, stop: installs.stop };
}

/** A site with one model, over HTTP as in the field. */
let site: TestServer;
let files: Record<string, Buffer>;
let store: Store;
let deps: Deps;
let origin: ReturnType<typeof createOrigin>;
let connection: ReturnType<typeof createFakeConnection>;

beforeEach(async () => {
  files = {
    '/catalog.json': bytesOf({ schema: 1, models: [{ id, revision, channel: 'stable', path: 'tiny' }] }),
    '/tiny/manifest.json': bytesOf(example()),
    '/tiny/weights.bin': Buffer.from(weights),
  };
  site = await startTestServer(files);
  const catalogUrl = `${site.url}/catalog.json`;
  store = createMemoryStore();
  const digests = createDigests(crypto.subtle);
  origin = createOrigin();
  connection = createFakeConnection();
  deps = {
    store,
    source: createStaticCatalog({ catalogUrl, fetcher: fetch, digests }),
    downloader: createDownloader({ fetcher: fetch, chunks: store.chunks, digests, sleep: async () => undefined }),
    adopting: () => Promise.reject(new Error('nothing comes from a hub here')),
    offers: { first: async ([entry]) => entry },
    assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
    device: createDeviceService(async () => PLAIN_DEVICE, { estimate: async () => ({}), persisted: async () => false }),
    connection,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    // Waits for the network are at their shortest.
    random: { uint32: () => 0, uuid: () => 'id' },
    sillVersion: '0.1.0',
  };
});
afterEach(() => site.close());

/** Stands in the way of the weights alone. */
const intercept = (behaviour: (...args: Parameters<Behaviour>) => void) =>
  site.behave((request, ...rest) => {
    if (request.url !== '/tiny/weights.bin') return undefined;
    behaviour(request, ...rest);
    return true;
  });
const letPass = () => site.behave(() => undefined);
const asked = () => site.requests.filter(({ path }) => path === '/tiny/weights.bin').length;

const storedBytes = async (): Promise<Uint8Array> => {
  const blob = await store.chunks.join(chunks.map((chunk) => chunk.digest));
  return new Uint8Array((await blob?.arrayBuffer()) ?? []);
};

describe('an install', () => {
  it('brings every byte onto the device, makes the model active and leaves no journal', async () => {
    const phases: string[] = [];
    await openTab().install(id, { signal: never, onProgress: ({ phase }) => phases.push(phase) });
    expect((await store.models.slots(id))?.active).toMatchObject({ revision: revision, variant: 'int8-wasm' });
    expect(await storedBytes()).toEqual(weights);
    expect(await store.models.journal()).toEqual([]);
    expect([...new Set(phases)]).toEqual(['preparing', 'downloading', 'activating']);
  });

  it('of a model that is there fetches nothing', async () => {
    const installs = openTab();
    await installs.install(id, { signal: never });
    const before = asked();
    await installs.install(id, { signal: never });
    expect(asked()).toBe(before);
  });

  it('that was cancelled goes on from what it stored', async () => {
    const installs = openTab();
    const abort = new AbortController();
    await expect(
      installs.install(id, { signal: abort.signal, onProgress: ({ storedBytes: done }) => done > 2 * CHUNK_BYTES && abort.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect(await store.models.journal()).toMatchObject([{ modelId: id, state: 'paused' }]);
    expect(await store.models.slots(id)).toBeUndefined();

    const had =
      new Set(chunks.map((chunk) => chunk.digest)).size - (await store.chunks.missing(chunks.map((chunk) => chunk.digest))).length;
    let least = Number.POSITIVE_INFINITY;
    await installs.install(id, {
      signal: never,
      onProgress: (progress) => {
        if (progress.phase === 'downloading') least = Math.min(least, progress.storedBytes);
      },
    });
    expect(least).toBeGreaterThanOrEqual(had * CHUNK_BYTES);
    expect(await storedBytes()).toEqual(weights);
    expect(await store.models.journal()).toEqual([]);
  });

  it('that meets a web page in place of the weights stores nothing and says so', async () => {
    intercept((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome to the hotel network</title>'),
    );
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect(await store.chunks.list()).toEqual([]);
  });

  it('that meets wrong bytes stores none of them', async () => {
    intercept((request, response, body) => {
      const [from, last] = rangeOf(request.headers.range, body.length) ?? [0, body.length - 1];
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}` }).end(Buffer.alloc(last + 1 - from));
    });
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_mismatch' });
    expect(await store.chunks.list()).toEqual([]);
  });
});

describe('a download that is to go on', () => {
  it('waits for a network that is lost, says so, and goes on by itself when it is back', async () => {
    intercept((_, response) => response.destroy());
    const waits: Array<string | undefined> = [];
    const tab = openTab({ random: { ...deps.random, uint32: () => 2 ** 32 - 1 } });
    const installed = tab.install(id, { signal: never, onProgress: ({ waiting }) => waits.push(waiting) });
    await vi.waitFor(() => expect(waits.at(-1)).toBe('network'));
    expect(await store.models.journal()).toMatchObject([{ state: 'running' }]);
    letPass();
    connection.set({ online: true });
    expect(await installed).toBe('active');
    expect(await storedBytes()).toEqual(weights);
  });

  it('is tried again after a while where the browser does not notice that the network is back', async () => {
    intercept((_, response) => response.destroy());
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(async () => expect((await tab.downloads.list())[0]?.progress.waiting).toBe('network'));
    letPass();
    expect(await installed).toBe('active');
  });

  it('fails with a reason that waiting would not mend, and goes on when a person says so', async () => {
    intercept((_, response) => response.writeHead(404).end());
    const tab = openTab();
    await expect(tab.install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect(await tab.downloads.list()).toMatchObject([{ id, state: 'failed', error: { code: 'chunk_unavailable' } }]);
    letPass();
    await tab.downloads.resume(id);
    await vi.waitFor(async () => expect((await store.models.slots(id))?.active?.revision).toBe(revision));
  });

  it('has the runtime that it needs, or waits for it', async () => {
    let networkIsBack = false;
    const assets = {
      keepOnly: async () => undefined,
      ensure: async () => {
        if (!networkIsBack) throw new SillError('network_unavailable', 'The runtime could not be fetched.');
      },
      has: async () => false,
      sizeBytes: () => 14,
    };
    const tab = openTab({ assets });
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(async () => expect((await tab.downloads.list())[0]?.progress.waiting).toBe('network'));
    expect(await store.chunks.list()).toEqual([]);
    networkIsBack = true;
    expect(await installed).toBe('active');
  });

  it('goes on by itself at the next start of the browser when it was under way, and not when it was paused', async () => {
    intercept(() => undefined);
    const tab = openTab();
    void tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    tab.close();
    letPass();
    origin = createOrigin();
    openTab().downloads.start();
    await vi.waitFor(async () => expect((await store.models.slots(id))?.active?.revision).toBe(revision));
    expect(await storedBytes()).toEqual(weights);
  });

  it('stays paused at the next start of the browser', async () => {
    intercept(() => undefined);
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    expect(await tab.downloads.pause(id)).toBe(true);
    await expect(installed).rejects.toMatchObject({ code: 'aborted' });
    tab.close();
    letPass();
    const next = openTab();
    next.downloads.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked()).toBe(1);
    expect(await next.downloads.list()).toMatchObject([{ state: 'paused', progress: { totalBytes: weights.length } }]);
  });
});

describe('with several tabs', () => {
  it('one downloads, all see the same, and whoever asked is told by whichever tab did it', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const seen: string[] = [];
    const one = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    const two = second.install(id, { signal: never, onProgress: ({ phase }) => seen.push(phase) });
    const lists = async () => Promise.all([first, second].map(async (tab) => (await tab.downloads.list())[0]?.state));
    await vi.waitFor(async () => expect(await lists()).toEqual(['running', 'running']));
    await vi.waitFor(() => expect(seen).toContain('downloading'), { timeout: 5000 });
    letPass();
    // The request that hangs is dropped, and asked anew.
    await first.downloads.pause(id);
    await expect(one).rejects.toMatchObject({ code: 'aborted' });
    await expect(two).rejects.toMatchObject({ code: 'aborted' });
    const again = [
      first.install(id, { signal: never }),
      second.install(id, { signal: never, onProgress: ({ phase }) => seen.push(phase) }),
    ];
    expect(await Promise.all(again)).toEqual(['active', 'active']);
    expect(seen).toContain('activating');
    expect(site.requests.filter(({ path }) => path === '/tiny/weights.bin')).toHaveLength(2);
  });

  it('another one goes on at once when the one that downloads is closed, and asks for nothing that is here', async () => {
    const first = openTab();
    const second = openTab();
    second.downloads.start();
    // Half of it, and then nothing more.
    intercept((_, response, body) => void response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 6500)));
    void first.install(id, { signal: never });
    await vi.waitFor(async () => expect((await store.chunks.list()).length).toBe(6));
    const waiting = second.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    letPass();
    first.close();
    expect(await waiting).toBe('active');
    expect(await storedBytes()).toEqual(weights);
    const [, again] = site.requests.filter(({ path }) => path === '/tiny/weights.bin');
    expect(again?.range).toBe(`bytes=${6 * CHUNK_BYTES}-${CHUNKS * CHUNK_BYTES - 1}`);
  });

  it('any of them pauses, resumes and cancels what another carries', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const installed = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    expect(await second.stop(id)).toBe(true);
    await expect(installed).rejects.toMatchObject({ code: 'aborted' });
    expect(await second.stop(id)).toBe(false);
    await second.downloads.resume(id);
    await vi.waitFor(() => expect(asked()).toBe(2));
    await second.downloads.cancel(id);
    expect(await first.downloads.list()).toEqual([]);
    await expect(second.downloads.resume(id)).rejects.toMatchObject({ code: 'invalid_request' });
    await vi.waitFor(async () => expect(await first.locks.isHeld('sill-downloader')).toBe(false), { timeout: 5000 });
    expect(await store.models.journal()).toEqual([]);
  });
});

describe('while something is repaired, in whichever tab', () => {
  it('a download gives way, and goes on when that has ended or its tab is gone', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const installed = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    void second.locks.hold('sill-repairing', async () => {
      second.hub.tell({ type: 'downloads' });
      await new Promise(() => undefined);
    });
    await vi.waitFor(async () => expect(await first.downloads.list()).toMatchObject([{ state: 'queued' }]));
    letPass();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked()).toBe(1);
    second.close();
    expect(await installed).toBe('active');
  });
});

describe('on a connection that costs', () => {
  it('nothing moves until a person says so, and then this one only', async () => {
    connection.set({ metered: true });
    const tab = openTab();
    const waits: Array<string | undefined> = [];
    const installed = tab.install(id, { signal: never, onProgress: ({ waiting }) => waits.push(waiting) });
    await vi.waitFor(() => expect(waits.at(-1)).toBe('metered'));
    expect(await tab.downloads.list()).toMatchObject([{ state: 'queued', progress: { waiting: 'metered', totalBytes: weights.length } }]);
    expect(asked()).toBe(0);
    await tab.downloads.resume(id);
    expect(await installed).toBe('active');
  });

  it('it goes on when another connection is there, and stops when it comes to cost in the middle', async () => {
    intercept(() => undefined);
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    connection.set({ metered: true });
    await vi.waitFor(async () => expect(await tab.downloads.list()).toMatchObject([{ state: 'queued', progress: { waiting: 'metered' } }]));
    letPass();
    connection.set({ metered: false });
    expect(await installed).toBe('active');
  });

  it('it moves where the person said that this does not matter here', async () => {
    connection.set({ metered: true });
    const tab = openTab();
    await tab.downloads.setSettings({ metered: 'allow' });
    expect(await tab.install(id, { signal: never })).toBe('active');
  });
});

describe('what was finished', () => {
  it('is told of late with what it took', async () => {
    const tab = openTab();
    await tab.install(id, { signal: never });
    await vi.waitFor(async () => expect(await tab.downloads.list()).toHaveLength(1));
    expect(await tab.downloads.list()).toMatchObject([
      { id, name: 'Tiny', state: 'finished', by: 'person', finished: { receivedBytes: weights.length } },
    ]);
  });
});

describe('an install is refused, with nothing changed, when', () => {
  afterEach(async () => {
    expect(await store.models.allSlots()).toEqual([]);
    expect(await store.chunks.list()).toEqual([]);
  });

  it('the catalog has no such model', async () => {
    await expect(openTab().install(parseModelId('absent'), { signal: never })).rejects.toMatchObject({
      code: 'unknown_model',
      details: { known: ['tiny'] },
    });
  });

  it('the manifest is not the one that the catalog names', async () => {
    files['/tiny/manifest.json'] = bytesOf(example({ description: 'Somebody else wrote this.' }));
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the manifest is none', async () => {
    files['/tiny/manifest.json'] = bytesOf({ hello: 'world' });
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the model needs a later Sill', async () => {
    await expect(openTab({ sillVersion: '0.0.9' }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'unsupported_device',
    });
  });

  it('the device has too little room', async () => {
    const full = createDeviceService(async () => PLAIN_DEVICE, {
      estimate: async () => ({ quotaBytes: 5000, usageBytes: 0 }),
      persisted: async () => false,
    });
    await expect(openTab({ device: full }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'quota_exceeded',
    });
  });
});
