import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import { parseDigest, parseModelId } from '../core/ids.ts';
import { canonicalManifest, parseManifest } from '../core/manifest.ts';
import { PLAIN_DEVICE } from '../core/testing/plainDevice.ts';
import { createDigests } from '../delivery/digests.ts';
import { createDownloader } from '../delivery/downloader.ts';
import { createStaticCatalog } from '../delivery/testing/staticCatalog.ts';
import { type Behaviour, rangeOf, startTestServer, type TestServer } from '../delivery/testing/testServer.ts';
import type { Store } from '../ports/store.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { createDeviceService } from './device.ts';
import { createHub } from './hub.ts';
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
  schema: 1,
  id,
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: [],
  licence: { spdx: 'MIT', text: 'text' },
  parameters: 1,
  files: [{ path: 'weights.bin', sizeBytes: weights.length, chunks }],
  variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['weights.bin'], needs: { memoryBytes: 1 } }],
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
  ...change,
});

const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const revision = sha256(canonicalManifest(parseManifest(example())));

/** A site with one model, over HTTP as in the field. */
let site: TestServer;
let files: Record<string, Buffer>;
let store: Store;
let deps: InstallsDeps;

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
  const held = new Set<string>();
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  deps = {
    store,
    source: createStaticCatalog({ catalogUrl, fetcher: fetch, digests }),
    downloader: createDownloader({ fetcher: fetch, chunks: store.chunks, digests, sleep: async () => undefined }),
    offers: { first: async ([entry]) => entry },
    assets: { ensure: async () => undefined, has: async () => true },
    device: createDeviceService(async () => PLAIN_DEVICE, { estimate: async () => ({}), persisted: async () => false }),
    locks: {
      async tryHold(name, work) {
        if (held.has(name)) return undefined;
        held.add(name);
        try {
          return { value: await work() };
        } finally {
          held.delete(name);
        }
      },
      share: (_, work) => work(),
      isHeld: async (name) => held.has(name),
    },
    clock,
    hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
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
  const blobs = await store.chunks.getMany(chunks.map((chunk) => chunk.digest));
  return new Uint8Array(await new Blob(blobs.filter((blob) => blob !== undefined)).arrayBuffer());
};

describe('an install', () => {
  it('brings every byte onto the device, makes the model active and leaves no journal', async () => {
    const phases: string[] = [];
    await createInstalls(deps).install(id, { signal: never, onProgress: ({ phase }) => phases.push(phase) });
    expect((await store.models.slots(id))?.active).toMatchObject({ revision: revision, variant: 'int8-wasm' });
    expect(await storedBytes()).toEqual(weights);
    expect(await store.models.journal()).toEqual([]);
    expect([...new Set(phases)]).toEqual(['preparing', 'downloading', 'activating']);
  });

  it('that fails tells every view that it is over, once nobody installs any more', async () => {
    intercept((_, response) => response.writeHead(404).end());
    const installs = createInstalls(deps);
    const states: Array<Promise<boolean>> = [];
    deps.hub.listen((event) => event.type === 'models' && states.push(installs.isRunning(id)));
    await expect(installs.install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect((await Promise.all(states)).at(-1)).toBe(false);
  });

  it('of another tab is over when its lock is free, though the tab was closed and said nothing', async () => {
    let closeTab = () => {};
    const closed = new Promise<void>((resolve) => {
      closeTab = resolve;
    });
    let hear: (message: unknown) => void = () => {};
    const hub = createHub({ send: () => undefined, listen: (listener) => (hear = listener) }, deps.clock);
    createInstalls({ ...deps, hub, locks: { ...deps.locks, share: (_, work) => closed.then(work) } });
    const heard: string[] = [];
    hub.listen((event) => heard.push(event.type));
    hear({ type: 'install', id, progress: { phase: 'downloading', storedBytes: 1, totalBytes: 2 } });
    hear({ type: 'install', id, progress: { phase: 'downloading', storedBytes: 2, totalBytes: 2 } });
    expect(heard).toEqual(['install', 'install']);
    closeTab();
    await vi.waitFor(() => expect(heard).toEqual(['install', 'install', 'models']));
  });

  it('of a model that is there fetches nothing', async () => {
    const installs = createInstalls(deps);
    await installs.install(id, { signal: never });
    const before = asked();
    await installs.install(id, { signal: never });
    expect(asked()).toBe(before);
  });

  it('that was cancelled goes on from what it stored', async () => {
    const installs = createInstalls(deps);
    const abort = new AbortController();
    await expect(
      installs.install(id, { signal: abort.signal, onProgress: ({ storedBytes: done }) => done > 2 * CHUNK_BYTES && abort.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect(await store.models.journal()).toMatchObject([{ modelId: id, state: 'stopped' }]);
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

  it('whose network is lost says so, keeps the reason, and goes on later', async () => {
    const installs = createInstalls(deps);
    intercept((_, response) => response.destroy());
    await expect(installs.install(id, { signal: never })).rejects.toMatchObject({ code: 'network_unavailable' });
    expect(await store.models.journal()).toMatchObject([{ state: 'failed', error: { code: 'network_unavailable' } }]);
    letPass();
    await installs.install(id, { signal: never });
    expect(await storedBytes()).toEqual(weights);
  });

  it('that meets a web page in place of the weights stores nothing and says so', async () => {
    intercept((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome to the hotel network</title>'),
    );
    await expect(createInstalls(deps).install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect(await store.chunks.list()).toEqual([]);
  });

  it('that meets wrong bytes stores none of them', async () => {
    intercept((request, response, body) => {
      const [from, last] = rangeOf(request.headers.range, body.length) ?? [0, body.length - 1];
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}` }).end(Buffer.alloc(last + 1 - from));
    });
    await expect(createInstalls(deps).install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_mismatch' });
    expect(await store.chunks.list()).toEqual([]);
  });

  it('is refused while another one of the same model runs', async () => {
    const installs = createInstalls(deps);
    const first = installs.install(id, { signal: never });
    await expect(installs.install(id, { signal: never })).rejects.toMatchObject({ code: 'busy' });
    await first;
  });

  it('can be stopped by name', async () => {
    const installs = createInstalls(deps);
    intercept(() => void installs.stop(id));
    await expect(installs.install(id, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
    expect(await installs.stop(id)).toBe(false);
  });
});

describe('an install is refused, with nothing changed, when', () => {
  afterEach(async () => {
    expect(await store.models.allSlots()).toEqual([]);
    expect(await store.chunks.list()).toEqual([]);
  });

  it('the catalog has no such model', async () => {
    await expect(createInstalls(deps).install(parseModelId('absent'), { signal: never })).rejects.toMatchObject({
      code: 'unknown_model',
      details: { known: ['tiny'] },
    });
  });

  it('the manifest is not the one that the catalog names', async () => {
    files['/tiny/manifest.json'] = bytesOf(example({ description: 'Somebody else wrote this.' }));
    await expect(createInstalls(deps).install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the manifest is none', async () => {
    files['/tiny/manifest.json'] = bytesOf({ hello: 'world' });
    await expect(createInstalls(deps).install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the model needs a later Sill', async () => {
    await expect(createInstalls({ ...deps, sillVersion: '0.0.9' }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'unsupported_device',
    });
  });

  it('the device has too little room', async () => {
    const full = createDeviceService(async () => PLAIN_DEVICE, {
      estimate: async () => ({ quotaBytes: 5000, usageBytes: 0 }),
      persisted: async () => false,
    });
    await expect(createInstalls({ ...deps, device: full }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'quota_exceeded',
    });
  });

  it('the runtime that it needs cannot be kept', async () => {
    const assets = {
      ensure: () => Promise.reject(new SillError('network_unavailable', 'The runtime could not be fetched.')),
      has: async () => false,
    };
    await expect(createInstalls({ ...deps, assets }).install(id, { signal: never })).rejects.toMatchObject({ code: 'network_unavailable' });
  });
});
