import { createHash } from 'node:crypto';
import type { CatalogEntry } from '../../core/catalog.ts';
import { parseDigest, parseModelId, parseRevisionId, type RevisionId } from '../../core/ids.ts';
import { canonicalManifest, parseManifest } from '../../core/manifest.ts';
import type { Task } from '../../core/tasks.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { isUnattended, type Moment } from '../../core/updatePolicy.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createDownloader } from '../../delivery/downloader.ts';
import { createStaticCatalog } from '../../delivery/testing/staticCatalog.ts';
import { startTestServer, type TestServer } from '../../delivery/testing/testServer.ts';
import { matchesPattern } from '../../platform/linearRegex.ts';
import { checkSchema } from '../../platform/schemaCheck.ts';
import type { SpeechSample } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createIdentity } from '../device/identity.ts';
import { createArrival } from '../downloads/arrivals.ts';
import { createDownloads } from '../downloads/downloads.ts';
import { createFetching } from '../downloads/fetching.ts';
import { createInstalls } from '../downloads/installs.ts';
import { createHub } from '../hub.ts';
import { createInference } from '../inference/inference.ts';
import { createKeptBeginnings } from '../inference/keptBeginnings.ts';
import { createOffers } from '../models/offers.ts';
import { createMemory } from '../sessions/memory.ts';
import { createSessions } from '../sessions/sessions.ts';
import { createUsage } from '../sessions/usage.ts';
import { createAdoptedRecords } from '../sources/adopted.ts';
import { createGate } from '../updates/gate.ts';
import { createTrials } from '../updates/trials.ts';
import { createUpdater } from '../updates/updater.ts';
import { createUpdates, updatePolicyOf } from '../updates/updates.ts';
import { createRepairs } from '../upkeep/repair.ts';
import { createFakeConnection, createOrigin } from './origin.ts';
import { type Behaviour, ScriptedRuntime } from './scriptedRuntime.ts';

export const MODEL = parseModelId('tiny');
export const never = new AbortController().signal;

export const GOOD: Behaviour = { says: 'hello', nll: 1 };
const SPEECH: SpeechSample = { audio: new Float32Array(16), text: 'Open the window, please.', language: 'en' };
const SUITE = [
  { id: 'greets', prompt: 'Say hello', assert: [{ type: 'contains', value: 'hello' }] },
  { id: 'speaks', prompt: 'A story.', assert: [{ type: 'perplexity', threshold: 5 }] },
];

const sha256 = (data: string | Uint8Array) => parseDigest(`sha256:${createHash('sha256').update(data).digest('hex')}`);

/** A publisher's site with one model, over HTTP as in the field. */
export class Site {
  private constructor(
    readonly server: TestServer,
    private readonly files: Record<string, Buffer>,
  ) {}

  entries: CatalogEntry[] = [];

  static async start(): Promise<Site> {
    const files: Record<string, Buffer> = {};
    const site = new Site(await startTestServer(files), files);
    site.writeCatalog();
    return site;
  }

  writeCatalog(): void {
    this.files['/catalog.json'] = Buffer.from(JSON.stringify({ schema: 1, models: this.entries }));
  }

  /** Publishes the next revision. Each has its own weights; the tokenizer is the same in all. */
  publish(
    behaviour: Behaviour,
    change: Partial<CatalogEntry> = {},
    about: { licence?: string; suite?: string; task?: Task } = {},
  ): RevisionId {
    const number = this.entries.length + 1;
    const contents = {
      'weights.bin': JSON.stringify({ number, ...behaviour }),
      'tokenizer.json': 'the same in all revisions',
      'evaluation.jsonl': about.suite ?? SUITE.map((it) => JSON.stringify(it)).join('\n'),
    };
    const path = `tiny/${number}`;
    const manifest = parseManifest({
      schema: 1,
      id: MODEL,
      name: 'Tiny',
      description: 'A model for tests.',
      task: about.task ?? 'text-generation',
      languages: [],
      licence: { spdx: 'MIT', text: about.licence ?? 'text' },
      parameters: 1,
      files: Object.entries(contents).map(([file, text]) => ({
        path: file,
        sizeBytes: text.length,
        chunks: [{ digest: sha256(text), sizeBytes: text.length }],
      })),
      variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: Object.keys(contents), needs: { memoryBytes: 1 } }],
      ...((about.task ?? 'text-generation') === 'text-generation' ? { evaluation: 'evaluation.jsonl' } : {}),
      minimumRuntime: '0.1.0',
      provenance: { source: 'test' },
    });
    for (const [file, text] of Object.entries(contents)) this.files[`/${path}/${file}`] = Buffer.from(text);
    this.files[`/${path}/manifest.json`] = Buffer.from(JSON.stringify(manifest));
    const revision = parseRevisionId(sha256(canonicalManifest(manifest)));
    this.entries = [{ id: MODEL, revision, channel: 'stable', path, publishedAtMs: number * 1000, ...change }, ...this.entries];
    this.writeCatalog();
    return revision;
  }

  change(revision: RevisionId, change: Partial<CatalogEntry>): void {
    this.entries = this.entries.map((entry) => (entry.revision === revision ? { ...entry, ...change } : entry));
    this.writeCatalog();
  }

  /** Paths asked for, in order. */
  get asked(): string[] {
    return this.server.requests.map(({ path }) => path);
  }
}

const adopting = () => Promise.reject(new Error('nothing comes from a hub here'));

/** The services of one tab over a store that outlives it. */
export function startTab(
  site: Site,
  store: Store,
  runtime = new ScriptedRuntime(),
  options: { gateTimeoutMs?: number; id?: string; sill?: string } = {},
) {
  const digests = createDigests(crypto.subtle);
  const time = { nowMs: 1_000_000, moment: { wall: { weekday: 1, minutes: 0 }, idleMs: 3_600_000 } as Moment };
  const clock = { now: () => time.nowMs, monotonicMs: () => time.nowMs };
  const moment = () => time.moment;
  const { locks, broadcast } = createOrigin().openTab();
  const device = createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE);
  const connection = createFakeConnection();
  const random = { uint32: () => 1, uuid: () => options.id ?? 'device-1' };
  const hub = createHub(broadcast, clock);
  const source = createStaticCatalog({ catalogUrl: `${site.server.url}/catalog.json`, fetcher: fetch, digests });
  const downloader = createDownloader({ fetcher: fetch, chunks: store.chunks, digests, sleep: async () => undefined });
  const assets = { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 };
  const usage = createUsage(store.settings, clock);
  const repairs = createRepairs({
    store,
    digests,
    source,
    downloader,
    locks,
    hub,
    connection,
    conditions: async () => ({ metered: connection.isMetered() }),
    unattended: async () => isUnattended(await updatePolicyOf(store.settings)),
  });
  const memory = createMemory({ settings: store.settings, device, clock, hub });
  const sessions = createSessions({ store, runtime, assets, device, locks, clock, hub, repairs, usage, memory });
  const beginnings = createKeptBeginnings({ store, digests, clock, versions: { sill: '0.1.0', onnxruntime: '1' } });
  const inference = createInference({
    ...{ sessions, store, clock, random, beginnings, runtimeVersion: '1' },
    readAhead: { offer: () => undefined },
  });
  const offers = createOffers({
    store,
    source,
    device,
    identity: createIdentity(store.settings, digests, random),
    clock,
    sillVersion: '0.1.0',
  });
  const fetching = createFetching({ store, source, downloader, assets, device, clock, offers, adopting });
  const downloads = createDownloads({ store, locks, hub, clock, random, connection, downloader, fetching });
  const arrival = createArrival({ store, hub, downloads, records: createAdoptedRecords(store.settings) });
  const installs = createInstalls({ store, source, downloads, arrival, device, clock, hub, offers, sillVersion: '0.1.0' });
  const gate = createGate({
    store,
    runtime,
    assets,
    device,
    sessions,
    clock,
    digests,
    versions: { sill: options.sill ?? '0.1.0', onnxruntime: '1' },
    loadMatcher: async () => matchesPattern,
    loadSchemaCheck: async () => checkSchema,
    loadSpeech: async () => SPEECH,
    ...(options.gateTimeoutMs === undefined ? {} : { timeoutMs: options.gateTimeoutMs }),
  });
  const trials = createTrials({ store, gate, sessions, locks, clock, hub });
  const noted: string[] = [];
  const updates = createUpdates({ store, source, installs, offers, trials, clock, hub, moment, note: ({ code }) => noted.push(code) });
  const updater = createUpdater({ updates, trials, locks, clock, moment, checkEveryMs: 1000 });
  /** What the model says to a person, and which revision said it. */
  const ask = async () => {
    const { text, run } = await inference.generate(MODEL, { input: { kind: 'text', text: 'Say hello' }, maxTokens: 4 }, { signal: never });
    return { text, revision: run.revision };
  };
  return {
    time,
    source,
    downloads,
    installs,
    sessions,
    usage,
    locks,
    clock,
    repairs,
    digests,
    device,
    offers,
    trials,
    updates,
    /** Codes of what the log was told of updates. */
    noted,
    updater,
    ask,
    runtime,
    hub,
  };
}

export type Tab = ReturnType<typeof startTab>;

// Of the test that runs: a site with a model, and a tab of a device that has its first revision.
export let site: Site;
export let store: Store;
export let tab: Tab;
export let first: RevisionId;

/** For `beforeEach`. */
export async function newDevice(): Promise<() => Promise<void>> {
  site = await Site.start();
  store = createMemoryStore();
  first = site.publish(GOOD);
  tab = startTab(site, store);
  await tab.installs.install(MODEL, { signal: never });
  return () => site.server.close();
}

export const applyAll = (tab: Tab, askedByPerson = true) => tab.updates.apply(undefined, { signal: never, askedByPerson });

/** What became of the model's revisions, which are numbered as they were published. */
export async function storyOf(store: Store, site: Site) {
  const numberOf = (revision: RevisionId) => site.entries.length - site.entries.findIndex((entry) => entry.revision === revision);
  return (await store.models.history(MODEL)).map((line) => [line.event, numberOf(line.revision)]);
}
