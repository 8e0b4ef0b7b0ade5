import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogEntry } from '../../core/catalog.ts';
import type { GpuCheck } from '../../core/device.ts';
import { parseModelId } from '../../core/ids.ts';
import { variantBytes, variantOf } from '../../core/manifest.ts';
import type { Source } from '../../core/sources.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { createAdopter } from '../../delivery/adopter.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createDownloader } from '../../delivery/downloader.ts';
import { createHubServer } from '../../delivery/hubServer.ts';
import { type Behaviour, startTestServer, type TestServer } from '../../delivery/testing/testServer.ts';
import { createThrottle } from '../../delivery/throttle.ts';
import type { Downloader } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createArrival } from '../downloads/arrivals.ts';
import { createDownloads } from '../downloads/downloads.ts';
import { createFetching } from '../downloads/fetching.ts';
import { createInstalls } from '../downloads/installs.ts';
import { createHub } from '../hub.ts';
import { createUsage } from '../sessions/usage.ts';
import { createFakeConnection, createOrigin } from '../testing/origin.ts';
import { createFreeing } from '../upkeep/freeing.ts';
import { createAdoptedRecords } from './adopted.ts';
import { createAdopting } from './adopting.ts';
import { createAdoptions } from './adoptions.ts';
import { createSources } from './sources.ts';

const NAME = 'acme/tiny';
const ID = parseModelId(`hf:${NAME}`);
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const WEIGHTS = `/${NAME}/resolve/${COMMIT}/onnx/model_quantized.onnx`;
const never = new AbortController().signal;
const hex = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
/** No part of it is like another: chunks that are alike would be stored once. */
let state = 1;
const noise = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state >>> 24;
};
const weights = Buffer.from(Uint8Array.from({ length: 3_000_000 }, noise));

let server: TestServer;
let files: Record<string, Buffer>;
let store: Store;
let origin: ReturnType<typeof createOrigin>;
let connection: ReturnType<typeof createFakeConnection>;
let allowedSources: Source[];

/** What the hub says of a repository, and its files. */
function publish(name: string, body = weights, stated = body, ...others: readonly string[]): void {
  const contents: Record<string, Buffer> = {
    'config.json': Buffer.from(JSON.stringify({ architectures: ['LlamaForCausalLM'] })),
    'tokenizer.json': Buffer.from(JSON.stringify({ model: name })),
    'onnx/model_quantized.onnx': body,
    ...Object.fromEntries(others.map((path) => [path, body])),
  };
  const siblings = Object.entries(contents).map(([rfilename, { length: size }]) => ({
    ...{ rfilename, size },
    ...(rfilename.endsWith('.onnx') ? { lfs: { sha256: hex(stated) } } : {}),
  }));
  files[`/api/models/${name}/revision/main?blobs=true`] = Buffer.from(JSON.stringify({ sha: COMMIT, siblings }));
  for (const [path, content] of Object.entries(contents)) files[`/${name}/resolve/${COMMIT}/${path}`] = content;
}

beforeEach(async () => {
  files = {};
  server = await startTestServer(files);
  publish(NAME);
  store = createMemoryStore();
  origin = createOrigin();
  connection = createFakeConnection();
  allowedSources = [{ kind: 'hub', name: 'The hub', url: `${server.url}/` }];
});
afterEach(() => server.close());

const roomy = { estimate: async () => ({}), persisted: async () => false };

/** One tab of the origin, with what lives in it. */
function openTab(device = createDeviceService(async () => PLAIN_DEVICE, roomy)) {
  const tab = origin.openTab();
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const digests = createDigests(crypto.subtle);
  const throttle = createThrottle(() => performance.now());
  const sleep = async () => undefined;
  const downloader: Downloader = createDownloader({ fetcher: fetch, chunks: store.chunks, digests, throttle, sleep });
  const adopt = createAdopter({ fetcher: fetch, store, digests, throttle, sleep });
  const adopter = {
    adopt: (job: Parameters<typeof adopt>[0], options: { signal?: AbortSignal }) => adopt(job, { signal: never, ...options }),
  };
  const records = createAdoptedRecords(store.settings);
  const source = createSources({ own: [], others: [], adopted: records });
  const shared = { store, source, device, clock, records, digests, allowedSources, sillVersion: '0.1.0', locks: tab.locks };
  const hub = createHub(tab.broadcast, clock);
  const offers = { first: async (entries: readonly CatalogEntry[]) => entries[0] };
  const assets = { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 };
  const adopting = createAdopting({ ...shared, adopter });
  const fetching = createFetching({ ...shared, downloader, assets, offers, adopting });
  const random = { uint32: () => 0, uuid: () => 'id' };
  const downloads = createDownloads({ ...shared, hub, random, connection, downloader, fetching });
  const arrival = createArrival({ store, hub, downloads, records });
  const installs = createInstalls({ ...shared, downloads, arrival, hub, offers });
  const hubServer = createHubServer({ fetcher: fetch });
  const adoptions = createAdoptions({ ...shared, server: hubServer, downloads, installs, arrival, hub });
  const usage = createUsage(store.settings, clock);
  const models = { remove: async () => ({ freedBytes: 0 }) };
  const freeing = createFreeing({ ...shared, hub, usage, models });
  const add = (name = NAME) => adoptions.add(name, { signal: never });
  return { ...tab, hub, downloads, installs, adoptions, records, freeing, add };
}

/** Stands in the way of the weights alone. */
const intercept = (behaviour: (...args: Parameters<Behaviour>) => void) =>
  server.behave((request, ...rest) => {
    if (request.url !== WEIGHTS) return undefined;
    behaviour(request, ...rest);
    return true;
  });
const letPass = () => server.behave(() => undefined);
const asked = () => server.requests.filter(({ path }) => path === WEIGHTS);
let held: ServerResponse | undefined;
/** Sends so much of the weights, and then nothing more. */
const holdAfter = (bytes: number) =>
  intercept((_, response, body) => {
    held = response;
    response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, bytes));
  });
const stored = async () => (await store.chunks.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
/** Paused or under way, with a part of it here. */
const begun = () => vi.waitFor(async () => expect(await stored()).toBeGreaterThan(1_000_000), { timeout: 5000 });
const entryOf = async ({ downloads }: ReturnType<typeof openTab>) => (await downloads.list())[0];

async function expectInstalled(): Promise<void> {
  const active = (await store.models.slots(ID))?.active;
  const manifest = active && (await store.models.manifest(active.revision));
  if (!manifest) throw new Error('it is not installed');
  const file = manifest.files.find(({ path }) => path.endsWith('.onnx'));
  const blob = await store.chunks.join(file?.chunks.map(({ digest }) => digest) ?? []);
  expect(hex(new Uint8Array((await blob?.arrayBuffer()) ?? []))).toBe(hex(weights));
  expect(await store.models.journal()).toEqual([]);
  // Nothing is held twice, and nothing else is held.
  expect(await stored()).toBe(variantBytes(manifest, variantOf(manifest, active.variant)));
}

describe('a model from a hub', () => {
  it('is an entry of the queue until it is here, and what it turned out to be is recorded', async () => {
    const tab = openTab();
    holdAfter(1_500_000);
    const added = tab.add();
    await begun();
    const entry = await entryOf(tab);
    expect(entry).toMatchObject({ id: ID, name: 'tiny', state: 'running', by: 'person', commit: COMMIT });
    expect(entry?.progress.totalBytes).toBeGreaterThan(weights.length);
    letPass();
    await tab.downloads.prioritise(ID);
    await tab.downloads.pause(ID);
    await expect(added).rejects.toMatchObject({ code: 'aborted' });
    expect(await tab.add()).toEqual({ id: ID, role: 'active' });
    await expectInstalled();
    const [record] = await tab.records.list();
    expect(record).toMatchObject({ id: ID, commit: COMMIT, sha256: { 'onnx/model_quantized.onnx': hex(weights) } });
    expect((await store.models.slots(ID))?.active?.revision).toBe(record?.revision);
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'finished', revision: record?.revision }));
  });

  it('goes on from what is stored, in another tab, when its own is closed', async () => {
    const [first, second] = [openTab(), openTab()];
    second.downloads.start();
    holdAfter(2_500_000);
    void first.add().catch(() => undefined);
    await begun();
    // By its id, which is in no list yet.
    const waiting = second.adoptions.install(ID, { signal: never });
    const before = await stored();
    letPass();
    first.close();
    expect(await waiting).toEqual({ id: ID, role: 'active' });
    await expectInstalled();
    expect(Number(/bytes=(\d+)-/.exec(asked()[1]?.range ?? '')?.[1])).toBeGreaterThan(before - 1000);
  });

  it('is given to a device by its operator, at a commit; by its id alone it is the one that was seen before', async () => {
    files[`/api/models/${NAME}/revision/${COMMIT}?blobs=true`] = files[`/api/models/${NAME}/revision/main?blobs=true`] ?? weights;
    const tab = openTab();
    holdAfter(1_500_000);
    const given = tab.adoptions.install(ID, { commit: COMMIT, by: 'device', signal: never });
    await begun();
    expect(await entryOf(tab)).toMatchObject({ id: ID, by: 'device', commit: COMMIT });
    letPass();
    // Else it is noticed only after a while that nothing comes any more.
    held?.destroy();
    expect(await given).toEqual({ id: ID, role: 'active' });
    await expectInstalled();
    server.requests.length = 0;
    expect(await tab.adoptions.install(ID, { by: 'device', signal: never })).toEqual({ id: ID, role: 'active' });
    expect(server.requests).toEqual([]);
  });

  it('goes on by itself at the next start of the browser, and its server is asked for the bytes alone', async () => {
    holdAfter(2_500_000);
    const tab = openTab();
    void tab.add().catch(() => undefined);
    await begun();
    tab.close();
    letPass();
    server.requests.length = 0;
    origin = createOrigin();
    openTab().downloads.start();
    await vi.waitFor(expectInstalled, { timeout: 5000 });
    expect(server.requests.every(({ path }) => path.includes(`/resolve/${COMMIT}/`))).toBe(true);
  });

  it('waits for its turn, and several come one after the other', async () => {
    publish('acme/other', Buffer.from(weights.map((byte) => byte ^ 1)));
    const tab = openTab();
    const ends: string[] = [];
    const end = (name: string) => tab.add(name).then(({ id }) => ends.push(id));
    const first = end(NAME);
    await vi.waitFor(async () => expect(await tab.downloads.list()).toHaveLength(1));
    await Promise.all([first, end('acme/other')]);
    expect(ends).toEqual([ID, 'hf:acme/other']);
  });

  it('does not move on a connection that costs until a person says so', async () => {
    connection.set({ metered: true });
    const tab = openTab();
    const added = tab.add();
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'queued', progress: { waiting: 'metered' } }));
    expect(asked()).toEqual([]);
    await tab.downloads.resume(ID);
    expect((await added).role).toBe('active');
  });

  it('comes no faster than the limit of the speed', async () => {
    const tab = openTab();
    await tab.downloads.setSettings({ bytesPerSecond: 2_000_000, metered: 'ask' });
    const beganMs = performance.now();
    await tab.add();
    // Half a megabyte may come at once.
    expect(performance.now() - beganMs).toBeGreaterThan(1200);
  });

  it('waits for a network that is away', async () => {
    intercept((request) => request.socket.destroy());
    const tab = openTab();
    const added = tab.add();
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'running', progress: { waiting: 'network' } }));
    letPass();
    connection.set({ online: true });
    expect((await added).role).toBe('active');
  });

  it('is cancelled with what was stored of it, also by being forgotten', async () => {
    const tab = openTab();
    for (const drop of [() => tab.downloads.cancel(ID), () => tab.adoptions.forget(ID)]) {
      holdAfter(2_500_000);
      const added = tab.add();
      await begun();
      await Promise.all([expect(added).rejects.toMatchObject({ code: 'aborted' }), drop()]);
      await vi.waitFor(async () => expect(await stored()).toBe(0), { timeout: 5000 });
      expect(await store.models.journal()).toEqual([]);
    }
  });

  it('is spared while it is wanted, and may be given up for space when it is not', async () => {
    holdAfter(2_500_000);
    const tab = openTab();
    void tab.add().catch(() => undefined);
    await begun();
    await store.models.collectGarbage();
    expect(await stored()).toBeGreaterThan(1_000_000);
    expect((await tab.freeing.propose(1)).steps).toEqual([]);
    await tab.downloads.pause(ID);
    const { steps } = await tab.freeing.propose(1);
    expect(steps).toMatchObject([{ kind: 'unfinished', modelId: ID }]);
    expect((await tab.freeing.free(steps)).freedBytes).toBeGreaterThan(1_000_000);
  });

  it('is refused where its bytes are not what its server stated: it failed, nothing is kept, and a mended server is asked from the beginning', async () => {
    publish(NAME, Buffer.from(weights.map((byte, index) => (index === 2_000_000 ? byte ^ 1 : byte))), weights);
    const tab = openTab();
    await expect(tab.add()).rejects.toMatchObject({ code: 'source_changed' });
    expect(await entryOf(tab)).toMatchObject({ state: 'failed', error: { code: 'source_changed' }, progress: { storedBytes: 0 } });
    expect(await stored()).toBe(0);
    expect(await tab.records.list()).toEqual([]);
    publish(NAME);
    await tab.downloads.resume(ID);
    await vi.waitFor(expectInstalled, { timeout: 5000 });
  });

  it('that was begun is only gone on with as it was stated then', async () => {
    holdAfter(1_500_000);
    const tab = openTab();
    void tab.add().catch(() => undefined);
    await begun();
    await tab.downloads.pause(ID);
    publish(NAME, Buffer.from(weights.map((byte) => byte ^ 1)));
    await expect(tab.add()).rejects.toMatchObject({ code: 'source_changed', details: { path: 'onnx/model_quantized.onnx' } });
    expect(await entryOf(tab)).toMatchObject({ state: 'paused' });
  });

  it('from a source that the policy names no more fails with that reason', async () => {
    holdAfter(1_500_000);
    const tab = openTab();
    void tab.add().catch(() => undefined);
    await begun();
    tab.close();
    allowedSources = [];
    origin = createOrigin();
    const later = openTab();
    later.downloads.start();
    await vi.waitFor(async () => expect(await entryOf(later)).toMatchObject({ state: 'failed', error: { code: 'source_not_allowed' } }));
  });

  it('is not taken in a form for a GPU that computes wrong', async () => {
    publish(NAME, weights, weights, 'onnx/model_q4.onnx');
    const webgpu = {
      available: true as const,
      fallback: false,
      vendor: '',
      architecture: '',
      description: '',
      f16: true,
      features: [],
      limits: {},
    };
    const fast = { stepMs: 1, weightsPerSecond: 1e12 };
    const slow = { stepMs: 9, weightsPerSecond: 1e6 };
    const chosenWith = async (check: GpuCheck) => {
      const experiments = { check: async () => check, measure: async () => ({ 'webgpu:q4': fast, 'wasm:int8': slow }) };
      const memory = { key: check.verdict, settings: async () => store.settings, experiments, now: () => 0, isBusy: async () => false };
      const { add, adoptions } = openTab(createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu }), roomy, memory));
      await add();
      const chosen = (await store.models.slots(ID))?.active?.variant;
      await store.models.remove(ID, 0);
      await adoptions.forget(ID);
      return chosen;
    };
    expect(await chosenWith({ verdict: 'right', worstError: 0 })).toBe('q4-webgpu');
    expect(await chosenWith({ verdict: 'wrong', output: 'matmul' })).toBe('q8-wasm');
  });

  it('that failed on this device under the same bytes is not installed again', async () => {
    const tab = openTab();
    await tab.add();
    const active = (await store.models.slots(ID))?.active;
    if (!active) throw new Error('it is not installed');
    await tab.adoptions.forget(ID);
    await store.models.remove(ID, 1);
    vi.spyOn(store.models, 'quarantined').mockResolvedValue([
      { modelId: ID, revision: active.revision, reason: 'It wrote nonsense.', atMs: 1 },
    ]);
    await expect(tab.add()).rejects.toMatchObject({ code: 'revision_refused' });
  });
});
