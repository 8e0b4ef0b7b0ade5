import type { PatternMatcher, SchemaCheck } from '../core/assertions.ts';
import type { Source } from '../core/sources.ts';
import { isUnattended, type WallTime } from '../core/updatePolicy.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { Broadcast, Connection, KeptFiles, Locks, Random, RuntimeAssets, StorageManagerPort } from '../ports/browser.ts';
import type { BundleTrust } from '../ports/bundle.ts';
import type { Clock } from '../ports/clock.ts';
import type { Adopter, CatalogSource, Digests, Downloader, Fetcher, HubServer } from '../ports/delivery.ts';
import type { OpenDiskFile } from '../ports/files.ts';
import type { Forge } from '../ports/forge.ts';
import type { NetworkLedger } from '../ports/network.ts';
import type { Pins } from '../ports/pins.ts';
import type { Runtime, SpeechSample } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { UpstreamServer } from '../ports/upstream.ts';
import { type Benchmarks, createBenchmarks } from './benchmarks/benchmarks.ts';
import { type BundleImport, createBundleImport } from './bundles/bundleImport.ts';
import { checkNote } from './device/checkNote.ts';
import { type Conditions, createConditions } from './device/conditions.ts';
import type { DeviceService } from './device/device.ts';
import { createIdentity, type Identity } from './device/identity.ts';
import { createArrival } from './downloads/arrivals.ts';
import { createDownloads, type Downloads } from './downloads/downloads.ts';
import { createFetching } from './downloads/fetching.ts';
import { withHeldNotes } from './downloads/heldNotes.ts';
import { createInstalls, type Installs } from './downloads/installs.ts';
import { createEvaluations, type Evaluations } from './evaluations/evaluations.ts';
import { createSuites, type Suites } from './evaluations/suites.ts';
import { createForms } from './forms/forms.ts';
import { createGuests, type Guests } from './guests/guests.ts';
import { createHub, type Hub } from './hub.ts';
import { createImportRecords } from './imports/importRecords.ts';
import { createImports, type Imports } from './imports/imports.ts';
import { withDerivedModels } from './inference/derivedInference.ts';
import { createDocuments, type Documents } from './inference/documents.ts';
import { createInference, type Inference, type TaskInference } from './inference/inference.ts';
import { createKeptBeginnings } from './inference/keptBeginnings.ts';
import { measured } from './inference/measured.ts';
import { createMetrics, type Metrics } from './inference/metrics.ts';
import { createReadAhead } from './inference/readAhead.ts';
import { createUpstreamWatch, type UpstreamWatch } from './inference/upstreamHealth.ts';
import { createKiosk, type Kiosk } from './kiosk/kiosk.ts';
import { createKioskSessions, type KioskSessions } from './kiosk/kioskSessions.ts';
import { mayKeep, promptTrace } from './kiosk/sessionTraces.ts';
import { createLog, type EventLog } from './log/log.ts';
import { withLog } from './log/loggedStore.ts';
import { createDerivedModels, type DerivedModelsService, type TemplateCheck } from './models/derivedModels.ts';
import { createModels, type Models } from './models/models.ts';
import { createOffers, type Offers } from './models/offers.ts';
import { createOperator, type Operator } from './operator.ts';
import { createRequests, type Requests } from './requests/requests.ts';
import type { LoadSpecDeps } from './sessions/loadSpec.ts';
import { createMemory, type Memory } from './sessions/memory.ts';
import { createPreload, type Preload } from './sessions/preload.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import { createUsage, type Usage } from './sessions/usage.ts';
import { createAdoptedRecords } from './sources/adopted.ts';
import { createAdopting } from './sources/adopting.ts';
import { type Adoptions, createAdoptions } from './sources/adoptions.ts';
import { createGate } from './updates/gate.ts';
import { createTrials, type Trials } from './updates/trials.ts';
import { createUpdater, type Updater } from './updates/updater.ts';
import { createUpdates, type Updates, updatePolicyOf } from './updates/updates.ts';
import { createFreeing, type Freeing } from './upkeep/freeing.ts';
import { createInspection, type Inspection } from './upkeep/inspection.ts';
import { createRepairs, type Repairs } from './upkeep/repair.ts';

/** Every adapter that the services stand on. */
export interface EngineDeps extends Pick<LoadSpecDeps, 'sourceOf'> {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly bundleTrust: BundleTrust;
  /** Where models may be added from that nobody signed. */
  readonly hubs: { readonly allowed: readonly Source[]; readonly server: HubServer };
  /** Where requests for an alias may be passed on to. */
  readonly upstreams: { readonly allowed: readonly Upstream[]; readonly server: UpstreamServer };
  readonly downloader: Downloader & Adopter;
  readonly forge: Forge;
  readonly fetcher: Fetcher;
  /** For what is fetched whole, before it is taken apart. */
  readonly openDiskFile: OpenDiskFile;
  /** Of the app. */
  readonly appUrl: string;
  readonly digests: Digests;
  readonly pins: Pins;
  readonly runtime: Runtime;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly storageManager: StorageManagerPort;
  readonly keptFiles: KeptFiles;
  readonly locks: Locks;
  readonly broadcast: Broadcast;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  /** In the time zone of the device. */
  readonly wallTime: () => WallTime;
  /** Of the requests that the app makes. */
  readonly network: NetworkLedger;
  /** Of the app itself. */
  readonly ownOrigin: string;
  /** The operator's file, as it came. */
  readonly readPolicy: (signal: AbortSignal) => Promise<unknown>;
  readonly loadTemplateCheck: () => Promise<TemplateCheck>;
  readonly loadMatcher: () => Promise<PatternMatcher>;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
  readonly loadSpeech: () => Promise<SpeechSample>;
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
}

/** The services of one engine, built once over its adapters. */
export interface Engine {
  readonly deps: EngineDeps;
  readonly hub: Hub;
  readonly log: EventLog;
  readonly downloads: Downloads;
  readonly installs: Installs;
  readonly adoptions: Adoptions;
  readonly repairs: Repairs;
  readonly usage: Usage;
  readonly inspection: Inspection;
  readonly freeing: Freeing;
  readonly conditions: Conditions;
  readonly memory: Memory;
  readonly sessions: Sessions;
  readonly preload: Preload;
  readonly models: Models;
  readonly derived: DerivedModelsService;
  readonly inference: Inference & TaskInference;
  readonly metrics: Metrics;
  readonly requests: Requests;
  readonly documents: Documents;
  readonly identity: Identity;
  readonly offers: Offers;
  readonly trials: Trials;
  readonly updates: Updates;
  readonly updater: Updater;
  readonly bundleImport: BundleImport;
  readonly operator: Operator;
  readonly guests: Guests;
  readonly upstreamWatch: UpstreamWatch;
  readonly benchmarks: Benchmarks;
  readonly evaluations: Evaluations;
  readonly suites: Suites;
  readonly kiosk: Kiosk;
  readonly kioskSessions: KioskSessions;
  readonly imports: Imports;
}

/** Whoever asked for an update puts it on trial; by then they have begun, or their tab is gone. */
const ORPHANED_AFTER_MS = 5000;

export function createEngine(adapters: EngineDeps): Engine {
  const hub = createHub(adapters.broadcast, adapters.clock);
  const log = createLog({ store: adapters.store, clock: adapters.clock, hub });
  const { note } = log;
  const deps = { ...adapters, store: withLog(withHeldNotes(adapters.store), note), note };
  const { store, clock, random, device, source } = deps;
  device.listen((checked) => {
    if (checked) note(checkNote(checked));
    hub.tell({ type: 'models' });
  });
  const identity = createIdentity(store.settings, deps.digests, random);
  const offers = createOffers({ store, source, device, identity, clock, sillVersion: deps.versions.sill });
  const records = createAdoptedRecords(store.settings);
  const adopting = createAdopting({ ...deps, adopter: deps.downloader, records, allowedSources: deps.hubs.allowed });
  // It asks for room when it scores what it made, which is long after both are there.
  const forms = createForms({ ...deps, hub, sessions: { makeRoom: (bytes, beside) => sessions.makeRoom(bytes, beside) } });
  const downloads = createDownloads({
    ...{ ...deps, hub, fetching: createFetching({ ...deps, offers, adopting, forms }) },
    onFetched: (entry, { role }) => {
      if (role === 'candidate') setTimeout(() => void updater.tryOut(entry.modelId), ORPHANED_AFTER_MS);
    },
  });
  const arrival = createArrival({ store, hub, downloads, records });
  const installs = createInstalls({ ...deps, downloads, arrival, hub, offers, sillVersion: deps.versions.sill });
  const adoptions = createAdoptions({
    ...{ store, digests: deps.digests, device, downloads, installs, arrival, records, clock, hub, sillVersion: deps.versions.sill },
    ...{ allowedSources: deps.hubs.allowed, server: deps.hubs.server },
  });
  const unattended = async () => isUnattended(await updatePolicyOf(store.settings));
  const repairs = createRepairs({ ...deps, hub, unattended, conditions: downloads.conditions });
  const usage = createUsage(store.settings, clock);
  const memory = createMemory({ settings: store.settings, device, clock, hub });
  const conditions = createConditions();
  const metrics = createMetrics();
  const readAhead = createReadAhead({
    ...{ metrics, isIdle: () => sessions.idleMs() > 0, isLowOnPower: conditions.isLowOnPower },
    hasRoom: async () => (await memory.budget()).bytes > sessions.states().reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  });
  const kiosk = createKiosk({ ...deps, settings: store.settings, hub });
  const beginnings = createKeptBeginnings({ ...deps, mayKeep: (input) => mayKeep(kiosk, input) });
  const sessions = createSessions({ ...deps, hub, repairs, usage, memory, forms, beginnings, between: readAhead });
  const derived = createDerivedModels({
    ...{ store, clock, hub, loadTemplateCheck: deps.loadTemplateCheck },
    offered: async () => (await source.known())?.models.map(({ id }) => id) ?? [],
  });
  const preload = createPreload({ store, memory, sessions, baseOf: derived.baseOf });
  hub.listen(({ type }) => {
    // Where storage fails now the next request tells.
    if (type === 'memory') void sessions.refresh().catch(() => undefined);
    // What is to be there from the start may just have been installed.
    if (type === 'memory' || type === 'models') preload.look();
  });
  const models = createModels({ store, source, installs, downloads, sessions, device, hub, clock, offers, derived });
  const freeing = createFreeing({ store, locks: deps.locks, clock, hub, usage, models });
  const idleMs = () => sessions.idleMs();
  const inspection = createInspection({ ...deps, repairs, hub, idleMs, isSpared: conditions.isSpared });
  const own = createInference({ sessions, store, clock, random, beginnings, readAhead, runtimeVersion: deps.versions.onnxruntime });
  const requests = createRequests({ clock, random, placeOf: sessions.placeOf });
  const inference = requests.watched(measured(withDerivedModels(own, derived), metrics, clock));
  const documents = createDocuments({ store, inference, clock, random, hub });
  const moment = () => ({ wall: deps.wallTime(), idleMs: sessions.idleMs() });
  const gate = createGate({ ...deps, sessions, forms });
  const trials = createTrials({ store, gate, sessions, locks: deps.locks, clock, hub });
  const updates = createUpdates({ store, source, installs, offers, trials, clock, hub, moment, note });
  const updater = createUpdater({ updates, trials, locks: deps.locks, clock, moment });
  const bundleImport = createBundleImport({ ...deps, trust: deps.bundleTrust, trials, hub, sillVersion: deps.versions.sill });
  const imports = createImports({
    ...{ ...deps, sessions, memory, hub, records: createImportRecords(store.settings), sillVersion: deps.versions.sill },
  });
  const operator = createOperator({ ...deps, installs, adoptions, hub });
  const guests = createGuests({ settings: store.settings, clock, hub, ownOrigin: deps.ownOrigin, readPolicy: deps.readPolicy });
  const upstreamWatch = createUpstreamWatch(clock, hub);
  const benchmarks = createBenchmarks({ ...deps, sessions, conditions, hub });
  const suites = createSuites({ ...deps, hub });
  const evaluations = createEvaluations({ ...deps, sessions, forms, suites, hub });
  const kioskSessions = createKioskSessions({
    ...{ ...deps, sessions, preload, hub },
    traces: [promptTrace(sessions, beginnings, readAhead)],
  });
  return {
    deps,
    hub,
    log,
    downloads,
    installs,
    adoptions,
    repairs,
    usage,
    inspection,
    freeing,
    conditions,
    memory,
    sessions,
    preload,
    models,
    derived,
    inference,
    metrics,
    requests,
    documents,
    identity,
    offers,
    trials,
    updates,
    updater,
    bundleImport,
    operator,
    guests,
    upstreamWatch,
    benchmarks,
    evaluations,
    suites,
    kiosk,
    kioskSessions,
    imports,
  };
}
