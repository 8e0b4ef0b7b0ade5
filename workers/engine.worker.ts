import { createAsker } from '../src/api/asker.ts';
import { askedBy, attended } from '../src/api/attended.ts';
import { guarded } from '../src/api/guestGuard.ts';
import { createHandlers } from '../src/api/handlers.ts';
import { withHttp } from '../src/api/http/httpHandler.ts';
import { lockable } from '../src/api/kioskGuard.ts';
import { logged } from '../src/api/logged.ts';
import { RUNTIME_BUILDS, type RuntimeBuild } from '../src/core/builds.ts';
import { POLICY_PATH } from '../src/core/policy.ts';
import { SELF_TEST_METHOD } from '../src/core/selfTestWeights.ts';
import { SPEED_METHOD } from '../src/core/speed.ts';
import { createCatalogs } from '../src/delivery/catalogs.ts';
import { createDigests } from '../src/delivery/digests.ts';
import { createHubServer } from '../src/delivery/hubServer.ts';
import { createBundleTrust } from '../src/delivery/tuf/bundleTrust.ts';
import { createSignatures } from '../src/delivery/tuf/signatures.ts';
import { createUpstreamServer } from '../src/delivery/upstreamServer.ts';
import { createWorkerDownloader } from '../src/delivery/workerDownloader.ts';
import { blobSource } from '../src/platform/blobSource.ts';
import { openDoor } from '../src/platform/engineDoor.ts';
import { holdWorkers } from '../src/platform/heldWorkers.ts';
import { createKeptFiles } from '../src/platform/keptFiles.ts';
import { hearWorkerDoors, openNetworkDoor } from '../src/platform/networkDoor.ts';
import { createPins } from '../src/platform/pins.ts';
import { createBroadcast, createConnection, realmClock, realmLocks, realmRandom, realmStorage } from '../src/platform/realm.ts';
import { createRuntimeCache } from '../src/platform/runtimeCache.ts';
import { readServedPolicy } from '../src/platform/servedPolicy.ts';
import { loadSpeechSample } from '../src/platform/speechSample.ts';
import { wallTime } from '../src/platform/wallTime.ts';
import { engineContract } from '../src/protocol/engine.ts';
import { askerOf } from '../src/protocol/hosting.ts';
import { ANSWERING_LOCK } from '../src/protocol/locks.ts';
import { serve } from '../src/protocol/server.ts';
import { runtimeAssets } from '../src/runtime/assets.ts';
import { probeDevice, probeSurroundings } from '../src/runtime/probe.ts';
import { createWorkerRuntime } from '../src/runtime/workerRuntime.ts';
import { createDeviceService } from '../src/services/device/device.ts';
import { createExperiments } from '../src/services/device/experiments.ts';
import { createEngine, type Engine } from '../src/services/engine.ts';
import { createWorkerForge } from '../src/services/forms/workerForge.ts';
import { createLifecycle } from '../src/services/lifecycle.ts';
import { getReady } from '../src/services/sessions/readiness.ts';
import { createAdoptedRecords } from '../src/services/sources/adopted.ts';
import { createSources } from '../src/services/sources/sources.ts';
import { dropOutdatedForms } from '../src/services/upkeep/storedForms.ts';
import { keepRuntime, prepareRuntime } from '../src/services/upkeep/upkeep.ts';
import { createDiskFiles } from '../src/storage/diskFile.ts';
import { clearSpool } from '../src/storage/fileSpool.ts';
import { openIdbNetwork } from '../src/storage/idbNetwork.ts';
import { openIdbStore } from '../src/storage/idbStore.ts';
import grammarWorker from './grammar.worker.ts?worker&url';

declare const self: DedicatedWorkerGlobalScope;

/** As fine as the windows of an update policy are given. */
const UPKEEP_TICK_MS = 60_000;
/** It takes half a second of a processor, which the page needs first to be drawn. */
const READY_AFTER_MS = 400;
/** Soon, for a device that is switched on for an hour a day, and after the page is drawn. */
const UPKEEP_FIRST_MS = 3000;

holdWorkers();
/** Scripts lie one folder below the app, built (assets/) as in development (workers/): this keeps every sub-path working. */
const appUrl = new URL('../', self.location.href);
const network = openIdbNetwork();
const write = (lines: Parameters<typeof network.put>[0]): void => void network.put(lines);
const requests = openNetworkDoor({ realm: 'engine', appUrl: appUrl.href, write });
hearWorkerDoors(write);
/** Where the database is refused, a quota is a promise without worth. */
const usableStorage = { ...realmStorage, estimate: () => started().then(() => realmStorage.estimate()) };
const runtime = createWorkerRuntime(
  () => new Worker(new URL('./inference.worker.ts', import.meta.url), { type: 'module', name: 'inference' }),
  realmLocks,
);
/** With each build what holds answers to their form: it is loaded only when it is asked for, and then there may be no network. */
const runtimeFiles = (build: RuntimeBuild): string[] => [...runtimeAssets(build), new URL(grammarWorker, import.meta.url).href];
const assets = createRuntimeCache(
  runtimeFiles,
  () => RUNTIME_BUILDS.flatMap(runtimeFiles),
  __SILL_RUNTIME_BYTES__,
  requests.for('runtime'),
);
const device = createDeviceService(() => probeDevice(__SILL_VERSIONS__), usableStorage, {
  key: JSON.stringify([SPEED_METHOD, SELF_TEST_METHOD, probeSurroundings(__SILL_VERSIONS__)]),
  settings: async () => (await started()).deps.store.settings,
  experiments: createExperiments({ runtime, assets, loadGraphs: () => import('../src/forge/experimentGraphs.ts') }),
  now: () => Date.now(),
  isBusy: () => realmLocks.isHeld(ANSWERING_LOCK),
});
const lifecycle = createLifecycle();
const loadSchemaCheck = async () => (await import('../src/platform/schemaCheck.ts')).checkSchema;
let engine: Promise<Engine> | undefined;

const start = async (): Promise<Engine> => {
  const digests = createDigests(crypto.subtle);
  const opening = openIdbStore({
    onBlocked: () => lifecycle.set('blocked'),
    onClosed: (why) => lifecycle.set(why === 'upgrade' ? 'outdated' : 'erased'),
  });
  // Before anything is stored: what was on its way when the last engine ended.
  const [store] = await Promise.all([opening, clearSpool()]);
  lifecycle.set('open');
  const created = createEngine({
    store,
    source: createSources({
      ...createCatalogs({
        spawn: () => new Worker(new URL('./verifier.worker.ts', import.meta.url), { type: 'module', name: 'verifier' }),
        url: new URL('models/', appUrl).href,
        allowed: __SILL_SOURCES__,
      }),
      adopted: createAdoptedRecords(store.settings),
    }),
    bundleTrust: createBundleTrust({
      shipped: __SILL_TRUST__,
      trust: store.trust,
      digests,
      signatures: createSignatures(crypto.subtle),
      clock: realmClock,
    }),
    hubs: { allowed: __SILL_SOURCES__, server: createHubServer({ fetcher: requests.for('source') }) },
    upstreams: {
      allowed: __SILL_UPSTREAMS__,
      server: createUpstreamServer({ fetcher: requests.for('upstream'), appUrl: appUrl.href }),
    },
    downloader: createWorkerDownloader(
      () => new Worker(new URL('./download.worker.ts', import.meta.url), { type: 'module', name: 'download' }),
    ),
    forge: createWorkerForge(() => new Worker(new URL('./forge.worker.ts', import.meta.url), { type: 'module', name: 'forge' })),
    fetcher: requests.for('source'),
    openDiskFile: createDiskFiles(),
    network,
    appUrl: appUrl.href,
    ...(typeof FileReaderSync === 'undefined' ? {} : { sourceOf: blobSource }),
    digests,
    pins: createPins(crypto),
    runtime,
    assets,
    device,
    storageManager: realmStorage,
    keptFiles: createKeptFiles(appUrl.href, store.settings),
    locks: realmLocks,
    broadcast: createBroadcast('sill-engines'),
    connection: createConnection(),
    clock: realmClock,
    random: realmRandom,
    wallTime,
    ownOrigin: appUrl.origin,
    readPolicy: (signal) => readServedPolicy(requests.for('policy'), new URL(POLICY_PATH, appUrl).href, signal),
    loadTemplateCheck: async () => (await import('../src/runtime/jinjaCheck.ts')).faultOfJinja,
    loadMatcher: async () => (await import('../src/platform/linearRegex.ts')).matchesPattern,
    loadSchemaCheck,
    loadSpeech: () => loadSpeechSample(requests.for('shell')),
    versions: __SILL_VERSIONS__,
  });
  created.log.note({ code: 'engine-started', details: { sill: __SILL_VERSIONS__.sill, onnxruntime: __SILL_VERSIONS__.onnxruntime } });
  // Where it computes: whoever asks may be another page.
  void door.page.then((page) => page.call('looks', {}, { onItem: created.conditions.setHost })).catch(() => undefined);
  created.downloads.start();
  created.imports.start();
  // Without a network, or a server that has it, the next tick tries again.
  const prepare = (): void => void prepareRuntime(created).catch(() => undefined);
  created.deps.connection.onChange(prepare);
  const tick = (): void => {
    void created.operator.tick();
    void created.updater.tick();
    void created.inspection.tick();
    void created.preload.tick();
    prepare();
  };
  setTimeout(tick, UPKEEP_FIRST_MS);
  setTimeout(() => void dropOutdatedForms(created.deps.store).catch(() => undefined), UPKEEP_FIRST_MS);
  // Where it fails, or somebody asks before, the first request starts the runtime.
  setTimeout(() => void getReady({ ...created.deps, ...created }).catch(() => undefined), READY_AFTER_MS);
  setInterval(tick, UPKEEP_TICK_MS);
  // What a tab that died has begun; a store that fails now says so to the next call.
  void created.bundleImport.recover().catch(() => undefined);
  // With no network the next start tries again, and until then the page does not claim to work offline.
  void keepRuntime(created.deps).then(
    () => created.hub.tell({ type: 'models' }),
    () => undefined,
  );
  return created;
};

const started = (): Promise<Engine> => {
  // A start that failed (storage refused) is tried again by the next request: the person may have changed a setting.
  engine ??= start().catch((reason: unknown) => {
    engine = undefined;
    throw reason;
  });
  return engine;
};

/** Only a page can. */
const decodeAudio = async (file: Blob, signal: AbortSignal) => (await door.page).call('decodeAudio', { file }, { signal });

const door = openDoor((connection, port, guest) => {
  // Not before: until then an engine that was deposed may hold what this one needs.
  const identified = () => door.identified.then(started);
  const guests = async () => (await identified()).guests;
  const client = askerOf(connection);
  const handlers = createHandlers({
    engine: identified,
    ...{ device, lifecycle, connection: client },
    asker: createAsker({ connection: client, guest, guests }),
    identify: () => door.identified,
    sinceMs: performance.timeOrigin,
    loadSchemaCheck,
  });
  const answered = guest === undefined ? lockable(handlers, async () => (await identified()).kiosk) : guarded(handlers, guest, guests);
  const seen = attended(answered, askedBy(client, guest), async () => (await identified()).requests);
  const told = logged(seen, guest, async () => (await identified()).log.note);
  const stop = serve(engineContract, withHttp(told, { decodeAudio, version: __SILL_VERSIONS__.sill }), port);
  return () => {
    stop();
    // One that could not start knows of no connection.
    engine?.then(({ conditions }) => conditions.forget(connection)).catch(() => undefined);
  };
});
