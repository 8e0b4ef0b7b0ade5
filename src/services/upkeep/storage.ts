import type { Derived } from '../../core/derived.ts';
import type { Digest, ModelId, RevisionId } from '../../core/ids.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { chunksOf, type Manifest, type ManifestChunk, variantBytes, variantOf } from '../../core/manifest.ts';
import type { InstalledRevision, Slots } from '../../core/slots.ts';
import type { KeptFiles, Locks, RuntimeAssets, StorageManagerPort } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import { loadedLock } from '../../protocol/locks.ts';
import type { LostModel, StorageReport, StoredRevision, UnfinishedDownload } from '../../protocol/storageReports.ts';
import type { DeviceService } from '../device/device.ts';
import { manifestOfEntry } from '../downloads/entryManifest.ts';
import type { Usage } from '../sessions/usage.ts';
import type { Inspection } from './inspection.ts';
import { formsOf, madeChunks } from './storedForms.ts';
import { missingBytesOf, neededBuilds, wantedBuilds } from './upkeep.ts';

export interface StorageDeps {
  readonly store: Store;
  readonly device: DeviceService;
  readonly assets: RuntimeAssets;
  readonly storageManager: StorageManagerPort;
  readonly keptFiles: KeptFiles;
  readonly locks: Locks;
  readonly usage: Pick<Usage, 'lastUsedAtMs'>;
  readonly inspection: Pick<Inspection, 'verifiedAtMs'>;
}

interface Held extends InstalledRevision {
  readonly id: ModelId;
  readonly role: StoredRevision['role'];
  readonly slots: Slots;
  readonly manifest: Manifest;
  /** As they were delivered. */
  readonly delivered: readonly ManifestChunk[];
  /** Those that are here of what was made of them. */
  readonly made: readonly ManifestChunk[];
  /** How long that took. */
  readonly madeInMs?: number;
}

const ROLES = ['active', 'previous', 'candidate'] as const;

/** What lies on the device and for which model. `remembered` is what this page has seen installed before. */
export async function storageReport(deps: StorageDeps, remembered: readonly LostModel[] = []): Promise<StorageReport> {
  const { store, assets, storageManager: manager, keptFiles } = deps;
  const [slots, journal, chunks, estimate, persisted, runtimeBytes, shellBytes, documents, derived] = await Promise.all([
    store.models.allSlots(),
    store.models.journal(),
    store.chunks.list(),
    manager.estimate().catch(() => ({})),
    manager.persisted().catch(() => false),
    keptFiles.runtimeBytes().catch(() => 0),
    keptFiles.shellBytes().catch(() => 0),
    store.documents.list(),
    store.derived.list(),
  ]);
  // A form lies in chunks, and is part of its model.
  const instructions = derived.filter((each) => !each.chunks);
  const derivedBytesOf = (revision?: RevisionId) =>
    instructions.reduce((sum, { source, sizeBytes }) => sum + (revision === undefined || source === revision ? sizeBytes : 0), 0);
  const present = new Map(chunks.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
  const held = await heldRevisionsOf(store, slots, derived, present);
  const heldDigests = new Set(held.flatMap((each) => chunksIn(each).map(({ digest }) => digest)));
  let modelBytes = 0;
  let unfinishedBytes = 0;
  for (const [digest, sizeBytes] of present) {
    if (heldDigests.has(digest)) modelBytes += sizeBytes;
    else unfinishedBytes += sizeBytes;
  }
  const needed = await neededBuilds(deps);
  const runtimeMissingBytes = await missingBytesOf(await wantedBuilds(deps), assets);
  return {
    ...estimate,
    persisted,
    models: await Promise.all(
      held.map(async (each) => ({ ...(await describe(deps, each, held, present)), derivedBytes: derivedBytesOf(each.revision) })),
    ),
    derivedBytes: derivedBytesOf(),
    modelBytes,
    unfinished: await Promise.all(journal.map((entry) => unfinishedOf(deps, entry, present, heldDigests))),
    unfinishedBytes,
    runtimeBytes,
    shellBytes,
    documentBytes: documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    runtimeMissingBytes,
    runsOffline: needed.length > 0 && (await missingBytesOf(needed, assets)) === 0,
    lost: await lostOf(store, slots, remembered),
  };
}

const chunksIn = ({ delivered, made }: Held): ManifestChunk[] => [...delivered, ...made];

async function heldRevisionsOf(
  store: Store,
  all: readonly Slots[],
  derived: readonly Derived[],
  present: ReadonlyMap<Digest, number>,
): Promise<Held[]> {
  const held: Held[] = [];
  for (const slots of all) {
    for (const role of ROLES) {
      const installed = slots[role];
      const manifest = installed && (await store.models.manifest(installed.revision));
      if (!manifest) continue;
      const forms = formsOf(derived, installed.revision);
      const tookMs = forms.flatMap((form) => form.tookMs ?? []);
      held.push({
        ...installed,
        id: slots.modelId,
        role,
        slots,
        manifest,
        delivered: chunksOf(manifest, variantOf(manifest, installed.variant)),
        made: madeChunks(forms, present),
        ...(tookMs.length > 0 ? { madeInMs: Math.max(...tookMs) } : {}),
      });
    }
  }
  return held;
}

async function describe(
  { locks, usage, inspection }: StorageDeps,
  each: Held,
  all: readonly Held[],
  present: ReadonlyMap<Digest, number>,
): Promise<Omit<StoredRevision, 'derivedBytes'>> {
  const others = all.filter((other) => other !== each);
  const whole = chunksIn(each);
  const elsewhere = new Set(others.flatMap((other) => chunksIn(other).map(({ digest }) => digest)));
  const sizeOf = (chunks: readonly ManifestChunk[]) => chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const stored = whole.filter(({ digest }) => present.has(digest));
  const mine = new Set(whole.map(({ digest }) => digest));
  const lastUsedAtMs = await usage.lastUsedAtMs(each.id);
  return {
    id: each.id,
    name: each.manifest.name,
    revision: each.revision,
    variant: each.variant,
    role: each.role,
    sizeBytes: sizeOf(whole),
    madeBytes: sizeOf(each.made),
    ...(each.madeInMs === undefined ? {} : { madeInMs: each.madeInMs }),
    ownBytes: sizeOf(stored.filter(({ digest }) => !elsewhere.has(digest))),
    sharedWith: others
      .map((other) => ({
        id: other.id,
        revision: other.revision,
        sizeBytes: sizeOf(chunksIn(other).filter(({ digest }) => mine.has(digest))),
      }))
      .filter(({ sizeBytes }) => sizeBytes > 0),
    lostBytes: sizeOf(whole) - sizeOf(stored),
    verifiedAtMs: await inspection.verifiedAtMs(each),
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
    pinned: each.slots.pinned === each.revision,
    loaded: each.role === 'active' && (await locks.isHeld(loadedLock(each.id))),
  };
}

async function unfinishedOf(
  { store }: StorageDeps,
  entry: JournalEntry,
  present: ReadonlyMap<Digest, number>,
  held: ReadonlySet<Digest>,
): Promise<UnfinishedDownload> {
  const { modelId: id, revision, variant, state } = entry;
  const manifest = await manifestOfEntry(store, entry);
  const made = entry.making?.files.flatMap((file) => file.chunks) ?? [];
  const chunks = [...(manifest ? chunksOf(manifest, variantOf(manifest, variant)) : []), ...made];
  let storedBytes = 0;
  for (const { digest, sizeBytes } of chunks) if (present.has(digest) && !held.has(digest)) storedBytes += sizeBytes;
  const deliveredBytes = manifest ? variantBytes(manifest, variantOf(manifest, variant)) : 0;
  const totalBytes = (entry.making?.files ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, deliveredBytes);
  return { id, name: manifest?.name ?? id, revision, storedBytes, totalBytes, running: state === 'queued' || state === 'running' };
}

/**
 * A model that was removed has left a line in the history; one that vanished took its history with it. So does the rest of the database: what
 * is remembered and unknown was not removed by anybody.
 */
async function lostOf(store: Store, slots: readonly Slots[], remembered: readonly LostModel[]): Promise<LostModel[]> {
  const here = new Set<ModelId>(slots.map(({ modelId }) => modelId));
  const lost: LostModel[] = [];
  for (const model of remembered) {
    if (!here.has(model.id) && (await store.models.history(model.id)).length === 0) lost.push(model);
  }
  return lost;
}
