import * as v from 'valibot';
import { changeDownload, type DownloadConditions, firstRank, inOrder, type QueueChange, waitOf } from '../../core/downloadQueue.ts';
import { DEFAULT_DOWNLOAD_SETTINGS, type DownloadSettings, DownloadSettingsSchema } from '../../core/downloadSettings.ts';
import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { AdoptionEntry, JournalEntry } from '../../core/journal.ts';
import { chunksOf, type Manifest, variantOf } from '../../core/manifest.ts';
import { settingThatHolds } from '../../core/operatorRules.ts';
import type { Proof } from '../../core/trust.ts';
import type { Connection, Locks, Random } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Downloader } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { DownloadSummary, SpeedMark } from '../../protocol/downloadReports.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { Hub } from '../hub.ts';
import { assertOwn, operatorRules } from '../operator.ts';
import { createDownloadLoop } from './downloadLoop.ts';
import { manifestOfEntry } from './entryManifest.ts';
import type { Fetched, Fetching } from './fetching.ts';
import { type FinishedDownload, finishedDownloads, noteFinished } from './finishedDownloads.ts';

const SETTINGS_KEY = 'downloads';

export interface DownloadsDeps {
  readonly store: Store;
  readonly locks: Locks;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly random: Random;
  readonly connection: Connection;
  readonly downloader: Downloader;
  readonly fetching: Fetching;
  /** After the model is on the device and its entry is gone. */
  readonly onFetched?: (entry: JournalEntry, fetched: Fetched) => void;
}

/** The queue: one download at a time on the whole device, carried by one tab, seen and steered by all. */
export interface Downloads {
  /** Goes on with what was queued or under way when the last tab ended. */
  start(): void;
  /** Puts an install into the queue, in place of any other of the same model. */
  enqueue(entry: JournalEntry, manifest: Manifest, proof?: Proof): Promise<void>;
  /** The same of a model that nobody described. */
  enqueueAdoption(entry: AdoptionEntry): Promise<void>;
  /** As `QueueChange` says, of the download of a model. Undefined where there is none. */
  change(id: ModelId, change: QueueChange): Promise<JournalEntry | undefined>;
  /** What is wanted, paused or failed, in order; then what was finished of late. */
  list(): Promise<DownloadSummary[]>;
  /** False when none was queued or under way. */
  pause(id: ModelId): Promise<boolean>;
  /**
   * Lets a paused or failed one go on; of one that waits, it is the word that the connection may cost, or that the network is to be tried now.
   * @throws SillError `invalid_request` when nothing of the model is unfinished
   */
  resume(id: ModelId): Promise<void>;
  /** Gives it up, and frees what was stored of it alone. @throws SillError as `resume` */
  cancel(id: ModelId): Promise<{ readonly freedBytes: number }>;
  /** Before all others, at once. @throws SillError as `resume` */
  prioritise(id: ModelId): Promise<void>;
  settings(): Promise<DownloadSettings>;
  /** What the connection says at this moment. Brings the limit of the speed to bear in this tab. */
  conditions(): Promise<DownloadConditions>;
  /** @throws SillError `forbidden` where only the operator decides */
  setSettings(settings: DownloadSettings): Promise<void>;
  /** Of one that is queued or under way, in whichever tab. */
  progress(id: ModelId): Promise<InstallProgress | undefined>;
}

export function createDownloads(deps: DownloadsDeps): Downloads {
  const { store, locks, hub, clock, random, connection, downloader, fetching } = deps;
  const speeds = speedLog(hub, clock);

  const settings = async (): Promise<DownloadSettings> => {
    const stored = v.safeParse(DownloadSettingsSchema, await store.settings.get(SETTINGS_KEY));
    const { kiosk, devices } = await operatorRules(store.settings);
    return settingThatHolds(kiosk, stored.success ? stored.output : undefined, devices.downloads, DEFAULT_DOWNLOAD_SETTINGS);
  };
  const conditions = async (): Promise<DownloadConditions> => {
    const { bytesPerSecond, metered } = await settings();
    downloader.setLimit(bytesPerSecond);
    return { metered: metered === 'ask' && connection.isMetered() };
  };
  // Also in a tab that carries no download: what it repairs is held to the same speed.
  hub.listen((event) => event.type === 'downloads' && void conditions().catch(() => undefined));
  const tell = () => {
    hub.tell({ type: 'downloads' });
    hub.tell({ type: 'models' });
  };

  const loop = createDownloadLoop({
    ...{ store, locks, hub, random, connection, fetching, conditions },
    async onFetched(entry, fetched) {
      const { revision, receivedBytes, tookMs } = fetched;
      const manifest = await store.models.manifest(revision);
      if (manifest) {
        const { modelId: id, variant, startedAtMs } = entry;
        const by = entry.by === 'device' ? 'device' : 'person';
        const { sizeBytes } = await extent(store, manifest, entry);
        const finishedAtMs = clock.now();
        await noteFinished(store.settings, {
          id,
          name: manifest.name,
          revision,
          variant,
          by,
          sizeBytes,
          receivedBytes,
          tookMs,
          startedAtMs,
          finishedAtMs,
        });
      }
      deps.onFetched?.(entry, fetched);
    },
  });

  const entryOf = async (id: ModelId): Promise<JournalEntry | undefined> =>
    inOrder(await store.models.journal()).find((entry) => entry.modelId === id);
  const unfinished = async (id: ModelId): Promise<JournalEntry> => {
    const entry = await entryOf(id);
    if (entry) return entry;
    throw new SillError(
      'invalid_request',
      `There is no unfinished download of ${id}. See sill.downloads.list() for those that there are.`,
      {
        details: { id },
      },
    );
  };
  const update = async ({ revision }: JournalEntry, change: QueueChange) => {
    const changed = await store.models.updateJournal(revision, (entry) => changeDownload(entry, change));
    tell();
    return changed;
  };

  const replaceOthers = async (entry: JournalEntry, begin: () => Promise<void>): Promise<void> => {
    const others = inOrder(await store.models.journal()).filter(
      (other) => other.modelId === entry.modelId && other.revision !== entry.revision,
    );
    await begin();
    for (const { revision } of others) await store.models.abandonInstall(revision);
    tell();
  };

  const progressOf = async (entry: JournalEntry, entries: readonly JournalEntry[]): Promise<InstallProgress> => {
    const live = entry.state === 'running' ? (loop.progress(entry.modelId) ?? hub.remoteProgress(entry.modelId)) : undefined;
    if (live) return live;
    const manifest = await manifestOfEntry(store, entry);
    const { sizeBytes, storedBytes } = manifest ? await extent(store, manifest, entry) : { sizeBytes: 0, storedBytes: 0 };
    // Taken up, and not yet told of.
    if (entry.state === 'running') return { phase: 'preparing', storedBytes, totalBytes: sizeBytes };
    const waiting = waitOf(entry, entries, await conditions());
    return { phase: 'queued', storedBytes, totalBytes: sizeBytes, ...(waiting ? { waiting } : {}) };
  };

  const summaryOf = async (entry: JournalEntry, entries: readonly JournalEntry[]): Promise<DownloadSummary> => {
    const { modelId: id, revision, variant, state, startedAtMs, adoption, error } = entry;
    return {
      ...{ id, revision, variant, state, startedAtMs },
      name: (await manifestOfEntry(store, entry))?.name ?? id,
      by: entry.by === 'device' ? 'device' : 'person',
      progress: await progressOf(entry, entries),
      speeds: speeds.of(id),
      ...(adoption ? { commit: adoption.commit } : {}),
      ...(error ? { error } : {}),
    };
  };

  return {
    start: () => loop.kick(),
    enqueue: (entry, manifest, proof) => replaceOthers(entry, () => store.models.beginInstall(entry, manifest, proof)),
    enqueueAdoption: (entry) => replaceOthers(entry, () => store.models.beginAdoption(entry)),
    async change(id, change) {
      const entry = await entryOf(id);
      return entry && update(entry, change);
    },
    async list() {
      const entries = await store.models.journal();
      const queue = await Promise.all(inOrder(entries).map((entry) => summaryOf(entry, entries)));
      const finished = (await finishedDownloads(store.settings)).filter(
        (each) => !queue.some(({ revision }) => revision === each.revision),
      );
      return [...queue, ...finished.map((each) => finishedSummary(each, speeds.of(each.id)))];
    },
    pause: (id) =>
      loop.without(id, async () => {
        const entry = await entryOf(id);
        if (entry?.state !== 'queued' && entry?.state !== 'running') return false;
        return (await update(entry, { type: 'pause' }))?.state === 'paused';
      }),
    async resume(id) {
      await update(await unfinished(id), { type: 'resume' });
    },
    cancel: (id) =>
      loop.without(id, async () => {
        await store.models.abandonInstall((await unfinished(id)).revision);
        const { freedBytes } = await store.models.collectGarbage();
        tell();
        return { freedBytes };
      }),
    async prioritise(id) {
      const entry = await unfinished(id);
      await update(entry, { type: 'prioritise', firstRank: firstRank(await store.models.journal()) });
    },
    settings,
    conditions,
    async setSettings(next) {
      await assertOwn(store.settings, 'downloads');
      await store.settings.set(SETTINGS_KEY, next);
      downloader.setLimit(next.bytesPerSecond);
      tell();
    },
    async progress(id) {
      const entries = await store.models.journal();
      const entry = inOrder(entries).find((each) => each.modelId === id);
      return entry && progressOf(entry, entries);
    },
  };
}

async function extent(store: Store, manifest: Manifest, { variant }: JournalEntry): Promise<{ sizeBytes: number; storedBytes: number }> {
  const chunks = new Map(chunksOf(manifest, variantOf(manifest, variant)).map((chunk) => [chunk.digest, chunk.sizeBytes]));
  const missing = new Set(await store.chunks.missing([...chunks.keys()]));
  let sizeBytes = 0;
  let storedBytes = 0;
  for (const [digest, size] of chunks) {
    sizeBytes += size;
    if (!missing.has(digest)) storedBytes += size;
  }
  return { sizeBytes, storedBytes };
}

const finishedSummary = (
  { sizeBytes, receivedBytes, tookMs, finishedAtMs, ...rest }: FinishedDownload,
  speeds: readonly SpeedMark[],
): DownloadSummary => ({
  ...rest,
  state: 'finished',
  progress: { phase: 'activating', storedBytes: sizeBytes, totalBytes: sizeBytes },
  speeds,
  finished: { atMs: finishedAtMs, receivedBytes, tookMs },
});

/** Ten minutes, a mark a second: as much as a curve shows. */
const MARKS = 600;
const MARK_EVERY_MS = 1000;

/** How fast each download was, as this tab hears it. */
function speedLog(hub: Hub, clock: Clock): { of(id: ModelId): readonly SpeedMark[] } {
  const logs = new Map<ModelId, SpeedMark[]>();
  hub.listen((event) => {
    if (event.type !== 'install' || event.progress.phase !== 'downloading') return;
    const { bytesPerSecond = 0, waiting } = event.progress;
    // Before there is a speed, none is not zero.
    if (event.progress.bytesPerSecond === undefined && !waiting) return;
    const log = logs.get(event.id) ?? [];
    const atMs = clock.now();
    const last = log.at(-1);
    if (last && atMs - last.atMs < MARK_EVERY_MS) return;
    log.push({ atMs, bytesPerSecond });
    if (log.length > MARKS) log.shift();
    logs.set(event.id, log);
  });
  return { of: (id) => [...(logs.get(id) ?? [])] };
}
