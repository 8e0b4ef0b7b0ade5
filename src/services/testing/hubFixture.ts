import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { expect, vi } from 'vitest';
import type { CatalogEntry } from '../../core/catalog.ts';
import { parseModelId } from '../../core/ids.ts';
import { variantBytes, variantOf } from '../../core/manifest.ts';
import type { Source } from '../../core/sources.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
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
import { createAdoptedRecords } from '../sources/adopted.ts';
import { createAdopting } from '../sources/adopting.ts';
import { createAdoptions } from '../sources/adoptions.ts';
import { createSources } from '../sources/sources.ts';
import { createFreeing } from '../upkeep/freeing.ts';
import { createFakeConnection, createOrigin } from './origin.ts';

export const NAME = 'acme/tiny';
export const ID = parseModelId(`hf:${NAME}`);
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const WEIGHTS_PATH = `/${NAME}/resolve/${COMMIT}/onnx/model_quantized.onnx`;
const never = new AbortController().signal;

/** No part of it is like another: chunks that are alike would be stored once. */
let state = 1;
const noise = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state >>> 24;
};
export const WEIGHTS = Buffer.from(Uint8Array.from({ length: 3_000_000 }, noise));

export const hex = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** A server like Hugging Face's with a repository of one model, and an origin whose tabs take models from it. */
export class HubFixture {
  readonly store: Store = createMemoryStore();
  readonly connection = createFakeConnection();
  allowedSources: Source[];
  #origin = createOrigin();
  #held: ServerResponse | undefined;

  private constructor(
    readonly server: TestServer,
    readonly files: Record<string, Buffer>,
  ) {
    this.allowedSources = [{ kind: 'hub', name: 'The hub', url: `${server.url}/` }];
    this.publish(NAME);
  }

  static async start(): Promise<HubFixture> {
    const files: Record<string, Buffer> = {};
    return new HubFixture(await startTestServer(files), files);
  }

  /** What the hub says of a repository, and its files. */
  publish(name: string, body = WEIGHTS, stated = body, ...others: readonly string[]): void {
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
    this.files[`/api/models/${name}/revision/main?blobs=true`] = Buffer.from(JSON.stringify({ sha: COMMIT, siblings }));
    for (const [path, content] of Object.entries(contents)) this.files[`/${name}/resolve/${COMMIT}/${path}`] = content;
  }

  /** As at the next start of the browser: what tabs had among themselves is gone, what is stored is there. */
  restart(): void {
    this.#origin = createOrigin();
  }

  /** One tab of the origin, with what lives in it. */
  openTab(device = createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE)) {
    const { store, connection, allowedSources } = this;
    const tab = this.#origin.openTab();
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

  letPass(): void {
    this.server.behave(() => undefined);
  }

  /** Stands in the way of the weights alone. */
  intercept(behaviour: (...args: Parameters<Behaviour>) => void): void {
    this.server.behave((request, ...rest) => {
      if (request.url !== WEIGHTS_PATH) return undefined;
      behaviour(request, ...rest);
      return true;
    });
  }

  /** Sends so much of the weights, and then nothing more. */
  holdAfter(bytes: number): void {
    this.intercept((_, response, body) => {
      this.#held = response;
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, bytes));
    });
  }

  /** Ends the connection that is held: else it is noticed only after a while that nothing comes any more. */
  cutHeld(): void {
    this.#held?.destroy();
  }

  asked(): TestServer['requests'] {
    return this.server.requests.filter(({ path }) => path === WEIGHTS_PATH);
  }

  async stored(): Promise<number> {
    return (await this.store.chunks.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Paused or under way, with a part of it here. */
  async begun(): Promise<void> {
    await vi.waitFor(async () => expect(await this.stored()).toBeGreaterThan(1_000_000), { timeout: 5000 });
  }

  async expectInstalled(): Promise<void> {
    const active = (await this.store.models.slots(ID))?.active;
    const manifest = active && (await this.store.models.manifest(active.revision));
    if (!manifest) throw new Error('it is not installed');
    const file = manifest.files.find(({ path }) => path.endsWith('.onnx'));
    const blob = await this.store.chunks.join(file?.chunks.map(({ digest }) => digest) ?? []);
    expect(hex(new Uint8Array((await blob?.arrayBuffer()) ?? []))).toBe(hex(WEIGHTS));
    expect(await this.store.models.journal()).toEqual([]);
    // Nothing is held twice, and nothing else is held.
    expect(await this.stored()).toBe(variantBytes(manifest, variantOf(manifest, active.variant)));
  }
}

export const entryOf = async ({ downloads }: ReturnType<HubFixture['openTab']>) => (await downloads.list())[0];
