import type { CatalogEntry } from '../../core/catalog.ts';
import { counted } from '../../core/counted.ts';
import type { DownloadConditions } from '../../core/downloadQueue.ts';
import { SillError, toSillError } from '../../core/errors.ts';
import { type Digest, type ModelId, shortRevision } from '../../core/ids.ts';
import { filesOf, variantBytes } from '../../core/manifest.ts';
import type { Connection, Locks } from '../../ports/browser.ts';
import type { CatalogSource, Downloader, DownloadJob } from '../../ports/delivery.ts';
import type { DamagedChunk, RepairProgress, RepairReport } from '../../protocol/integrityReports.ts';
import { REPAIRING_LOCK, repairLock } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import type { TakeNote } from '../log/log.ts';
import { type HeldRevision, heldOf, type VerifyDeps, verifyModel } from './verify.ts';

export interface RepairDeps extends VerifyDeps {
  readonly source: CatalogSource;
  readonly downloader: Downloader;
  readonly locks: Locks;
  readonly hub: Hub;
  readonly connection: Connection;
  /** Read anew for each decision. Brings the limit of the speed to bear. */
  readonly conditions: () => Promise<DownloadConditions>;
  /** Nobody is there to ask, so that what is damaged is mended unasked. */
  readonly unattended: () => Promise<boolean>;
  /** Absent where no log is kept. */
  readonly note?: TakeNote;
}

export interface RepairCall {
  readonly signal: AbortSignal;
  /** A person said that it may cost. */
  readonly meteredAllowed?: boolean;
  readonly onProgress?: (progress: RepairProgress) => void;
}

export interface Repairs {
  /**
   * Verifies every revision of a model on this device and fetches the bad and missing chunks again, alone, from where the catalog has
   * them, no faster than downloads are. Nothing that is good is touched; what cannot be had now, or costs and was not allowed to, is in the report.
   * @throws SillError `model_not_installed` | `busy` | `aborted`
   */
  repair(id: ModelId, call: RepairCall): Promise<RepairReport>;
  /**
   * After a load that failed: the damage behind it, if there is any. A runtime says of half a file only that it cannot read it.
   * @throws nothing: a failed look leaves the first reason standing
   */
  damageBehind(id: ModelId, reason: unknown): Promise<SillError | undefined>;
  /**
   * Repairs where nobody is there to ask. True when the model is whole again. On a connection that costs it waits for another one, and goes on by
   * itself when that is there.
   */
  mendUnasked(id: ModelId): Promise<boolean>;
}

export function createRepairs(deps: RepairDeps): Repairs {
  const { store, locks, hub, connection } = deps;
  /** What this tab fetches and nobody said of that it may cost. */
  const sparing = new Set<AbortController>();
  /** What waits here for a connection that does not cost. */
  const waiting = new Set<ModelId>();

  /** Asked also where it is allowed: the limit of the speed comes with the answer. */
  const mayFetch = async (allowed: boolean): Promise<boolean> => !(await deps.conditions()).metered || allowed;
  connection.onChange(() => {
    const look = async () => {
      if (await mayFetch(false)) for (const id of [...waiting]) void repairs.mendUnasked(id);
      else for (const abort of sparing) abort.abort();
    };
    // Conditions that cannot be read hinder the next repair, which says so.
    if (sparing.size > 0 || waiting.size > 0) void look().catch(() => undefined);
  });

  const run = async (id: ModelId, { signal, meteredAllowed = false, onProgress }: RepairCall): Promise<RepairReport> => {
    const held = await heldOf(store, id);
    if (held.length === 0) {
      throw new SillError('model_not_installed', `${id} is not installed on this device, so there is nothing to repair.`, {
        details: { id },
      });
    }
    const sizes = held.map(({ manifest, variant }) => variantBytes(manifest, variant));
    const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    const damaged = new Map<Digest, DamagedChunk>();
    let checkedBytes = 0;
    for (const { revision } of held) {
      const before = checkedBytes;
      const report = await verifyModel(deps, id, {
        revision,
        signal,
        onProgress: (progress) => onProgress?.({ phase: 'verifying', doneBytes: before + progress.checkedBytes, totalBytes }),
      });
      checkedBytes += report.checkedBytes;
      // A chunk that an earlier revision has in common was deleted there, and is missing here for no other reason.
      for (const fault of report.damaged) if (!damaged.has(fault.digest)) damaged.set(fault.digest, fault);
    }
    const base = { id, checkedBytes, damaged: [...damaged.values()] };
    if (damaged.size === 0) return { ...base, ok: true, left: [] };
    deps.note?.({ code: 'damage-found', model: id, details: { parts: damaged.size } });
    const costs = new AbortController();
    let failure: SillError | undefined;
    const fetchAll = async (): Promise<void> => {
      // Downloads give way, in whichever tab: somebody waits for this model, and one speed is meant for all.
      hub.tell({ type: 'downloads' });
      const either = AbortSignal.any([signal, costs.signal]);
      for (const revision of held) {
        if (costs.signal.aborted) break;
        await fetchAgain(deps, revision, damaged, { signal: either, ...(onProgress ? { onProgress } : {}) }).catch((reason: unknown) => {
          signal.throwIfAborted();
          if (!costs.signal.aborted) failure ??= toSillError(reason);
        });
      }
    };
    if (!meteredAllowed) sparing.add(costs);
    try {
      // After it is among those that a change reaches: none can come in between.
      if (await mayFetch(meteredAllowed)) await locks.hold(REPAIRING_LOCK, fetchAll);
      else costs.abort();
    } finally {
      sparing.delete(costs);
    }
    const missing = new Set(await store.chunks.missing([...damaged.keys()]));
    const left = base.damaged.filter(({ digest }) => missing.has(digest));
    if (left.length === 0) {
      deps.note?.({ code: 'repaired', model: id, details: { parts: damaged.size } });
      return { ...base, ok: true, left };
    }
    deps.note?.({
      ...{ code: 'repair-failed', model: id },
      details: { left: left.length, ...(costs.signal.aborted ? { waiting: 'metered' } : failure ? { error: failure.code } : {}) },
    });
    return { ...base, ok: false, left, ...(costs.signal.aborted ? { waiting: 'metered' } : failure ? { error: failure.toData() } : {}) };
  };

  const repair: Repairs['repair'] = async (id, call) => {
    const held = await locks.tryHold(repairLock(id), () => run(id, call)).finally(() => hub.tell({ type: 'models' }));
    if (held) return held.value;
    throw new SillError('busy', `${id} is being repaired already, here or in another tab.`);
  };

  const repairs: Repairs = {
    repair,
    async damageBehind(id, reason) {
      const error = toSillError(reason);
      if (error.code === 'installation_damaged') return error;
      if (error.code !== 'runtime_failed' && error.code !== 'internal') return undefined;
      const report = await verifyModel(deps, id, { signal: new AbortController().signal }).catch(() => undefined);
      if (!report || report.ok) return undefined;
      hub.tell({ type: 'models' });
      return damagedError(id, report.damaged, reason);
    },
    async mendUnasked(id) {
      if (!(await deps.unattended())) return false;
      waiting.delete(id);
      const report = await repair(id, { signal: new AbortController().signal }).catch(() => undefined);
      if (report?.waiting) waiting.add(id);
      return report?.ok === true;
    },
  };
  return repairs;
}

function damagedError(id: ModelId, damaged: readonly DamagedChunk[], cause: unknown): SillError {
  const bytes = damaged.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return new SillError(
    'installation_damaged',
    `Damaged on this device and taken out: ${counted(damaged.length, 'part')} of ${id} (${Math.ceil(bytes / 1e6)} MB). Repair it: nothing else is fetched again.`,
    { cause, details: { id, damaged: damaged.slice(0, 16).map(({ path, reason }) => `${path} (${reason})`) } },
  );
}

async function fetchAgain(
  { store, source, downloader }: RepairDeps,
  held: HeldRevision,
  damaged: ReadonlyMap<Digest, DamagedChunk>,
  { signal, onProgress }: RepairCall,
): Promise<void> {
  const wanted = new Set(await store.chunks.missing([...damaged.keys()]));
  const files = filesOf(held.manifest, held.variant).filter((file) => file.chunks.some((chunk) => wanted.has(chunk.digest)));
  if (files.length === 0) return;
  const entry = await entryOf(source, held, signal);
  // Whole files: what is stored of them already is not fetched, and ranges of neighbours can be joined.
  const job: DownloadJob = { files: files.map((file) => ({ url: source.fileUrl(entry, file.path), chunks: file.chunks })) };
  const totalBytes = [...wanted].reduce((sum, digest) => sum + (damaged.get(digest)?.sizeBytes ?? 0), 0);
  await downloader.download(job, {
    signal,
    onProgress: ({ storedBytes, totalBytes: allBytes }) =>
      onProgress?.({ phase: 'downloading', doneBytes: Math.max(0, totalBytes - (allBytes - storedBytes)), totalBytes }),
  });
}

/** Where the revision is published, also when it is withdrawn or failed here: what is installed may be mended. */
async function entryOf(source: CatalogSource, { id, revision }: HeldRevision, signal: AbortSignal): Promise<CatalogEntry> {
  const catalog = await source.catalog(signal);
  const entry = catalog.models.find((candidate) => candidate.id === id && candidate.revision === revision);
  if (entry) return entry;
  throw new SillError(
    'chunk_unavailable',
    `Version ${shortRevision(revision)} of ${id} is no longer published, so its damaged parts cannot be fetched. Import a bundle of it, or install the version that is offered now.`,
    { details: { id, revision } },
  );
}
