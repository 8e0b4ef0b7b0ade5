import { createHash } from 'node:crypto';
import { parseDigest, parseModelId } from '../../core/ids.ts';
import { canonicalManifest, parseManifest } from '../../core/manifest.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createDownloader } from '../../delivery/downloader.ts';
import { createStaticCatalog } from '../../delivery/testing/staticCatalog.ts';
import { type Behaviour, startTestServer, type TestServer } from '../../delivery/testing/testServer.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createArrival } from '../downloads/arrivals.ts';
import { createDownloads, type DownloadsDeps } from '../downloads/downloads.ts';
import { createFetching, type FetchingDeps } from '../downloads/fetching.ts';
import { createInstalls, type InstallsDeps } from '../downloads/installs.ts';
import { createHub } from '../hub.ts';
import { createAdoptedRecords } from '../sources/adopted.ts';
import { createFakeConnection, createOrigin } from './origin.ts';

export const id = parseModelId('tiny');
export const CHUNK_BYTES = 1000;
export const CHUNKS = 12;
export const never = new AbortController().signal;
const sha256 = (data: string | Uint8Array) => parseDigest(`sha256:${createHash('sha256').update(data).digest('hex')}`);

export const weights = Uint8Array.from({ length: CHUNK_BYTES * CHUNKS }, (_, i) => (i * 7919) % 251);
export const chunks = Array.from({ length: CHUNKS }, (_, i) => ({
  digest: sha256(weights.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  sizeBytes: CHUNK_BYTES,
}));
export const example = (change: object = {}) => ({
  ...TINY,
  id,
  files: [{ path: 'weights.bin', sizeBytes: weights.length, chunks }],
  variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['weights.bin'], needs: { memoryBytes: 1 } }],
  ...change,
});

export const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
export const revision = sha256(canonicalManifest(parseManifest(example())));

type Deps = Omit<FetchingDeps & InstallsDeps & DownloadsDeps, 'hub' | 'locks' | 'fetching' | 'downloads' | 'arrival'>;

/** One tab of the origin, with what lives in it. */
export function openTab(change: Partial<Deps> = {}) {
  const tab = origin.openTab();
  const all = { ...deps, ...change };
  const hub = createHub(tab.broadcast, all.clock);
  const downloads = createDownloads({ ...all, hub, locks: tab.locks, fetching: createFetching(all) });
  const arrival = createArrival({ store, hub, downloads, records: createAdoptedRecords(store.settings) });
  const installs = createInstalls({ ...all, hub, downloads, arrival });
  return { ...tab, hub, downloads, install: installs.install, stop: installs.stop };
}

/** A site with one model, over HTTP as in the field. */
export let site: TestServer;
export let files: Record<string, Buffer>;
export let store: Store;
export let deps: Deps;
let origin: ReturnType<typeof createOrigin>;
export let connection: ReturnType<typeof createFakeConnection>;

/** For `beforeEach`. */
export async function newInstallSite(): Promise<() => Promise<void>> {
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
    device: createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE),
    connection,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    // Waits for the network are at their shortest.
    random: { uint32: () => 0, uuid: () => 'id' },
    sillVersion: '0.1.0',
  };
  return () => site.close();
}

/** The next tab is of a browser that was started again. */
export function restartBrowser(): void {
  origin = createOrigin();
}

/** Stands in the way of the weights alone. */
export const intercept = (behaviour: (...args: Parameters<Behaviour>) => void) =>
  site.behave((request, ...rest) => {
    if (request.url !== '/tiny/weights.bin') return undefined;
    behaviour(request, ...rest);
    return true;
  });
export const letPass = () => site.behave(() => undefined);
export const asked = () => site.requests.filter(({ path }) => path === '/tiny/weights.bin').length;

export const storedBytes = async (): Promise<Uint8Array> => {
  const blob = await store.chunks.join(chunks.map((chunk) => chunk.digest));
  return new Uint8Array((await blob?.arrayBuffer()) ?? []);
};
