import { SillError, toSillError } from '../../core/errors.ts';
import { type FreePlan, type FreeStep, type Holder, planFreeing, stepsOf } from '../../core/freeing.ts';
import { type ModelId, parseDigest } from '../../core/ids.ts';
import { withoutChunks } from '../../core/madeForm.ts';
import { chunksOf, type Manifest, type ManifestChunk, variantOf } from '../../core/manifest.ts';
import { heldRevisions, type InstalledRevision } from '../../core/slots.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { FORGE_LOCK, installLock, loadedLock, repairLock, trialLock } from '../../protocol/locks.ts';
import type { FreeReport } from '../../protocol/storageReports.ts';
import { manifestOfEntry } from '../downloads/entryManifest.ts';
import type { Hub } from '../hub.ts';
import type { Models } from '../models/models.ts';
import type { Usage } from '../sessions/usage.ts';
import { formsOf, madeChunks } from './storedForms.ts';

export interface FreeingDeps {
  readonly store: Store;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly usage: Usage;
  readonly models: Pick<Models, 'remove'>;
}

export interface Freeing {
  /** What could be given up for so many bytes. Nothing is changed. @param keep the model for which room is sought: not what was stored of it */
  propose(wantedBytes: number, keep?: ModelId): Promise<FreePlan>;
  /** Gives up exactly these; what has come into use meanwhile stays, and is named. */
  free(steps: readonly FreeStep[]): Promise<FreeReport>;
  /** Everything that keeps chunks alive. */
  holders(): Promise<Holder[]>;
}

export function createFreeing({ store, locks, clock, hub, usage, models }: FreeingDeps): Freeing {
  /** Also in another tab. */
  const isInUse = async (id: ModelId): Promise<boolean> => {
    const held = await Promise.all([loadedLock(id), repairLock(id), installLock(id), trialLock(id)].map((name) => locks.isHeld(name)));
    return held.some(Boolean);
  };

  const holders = async (): Promise<Holder[]> => {
    const [slots, journal, stored, derived] = await Promise.all([
      store.models.allSlots(),
      store.models.journal(),
      store.chunks.list(),
      store.derived.list(),
    ]);
    const present = new Map(stored.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
    const found: Holder[] = [];
    const add = async (
      holder: Omit<Holder, 'chunks' | 'lastUsedAtMs'>,
      { variant }: Pick<InstalledRevision, 'variant'>,
      sinceMs: number,
      manifest: Manifest | undefined,
      made: readonly ManifestChunk[] = [],
    ): Promise<void> => {
      if (!manifest) return;
      const chunks = [...chunksOf(manifest, variantOf(manifest, variant)), ...made].filter(({ digest }) => present.has(digest));
      found.push({ ...holder, chunks, lastUsedAtMs: (await usage.lastUsedAtMs(holder.modelId)) ?? sinceMs });
    };
    for (const { modelId, pinned, active, candidate, previous } of slots) {
      const kept = pinned !== undefined || (await isInUse(modelId));
      for (const held of [active, candidate]) {
        if (!held) continue;
        const manifest = await store.models.manifest(held.revision);
        await add({ kind: 'running', modelId, revision: held.revision, kept }, held, held.installedAtMs, manifest);
      }
      if (!previous) continue;
      const { revision, installedAtMs } = previous;
      const sinceMs = active?.installedAtMs ?? installedAtMs;
      const manifest = await store.models.manifest(revision);
      await add({ kind: 'previous', modelId, revision, kept: pinned === revision }, previous, sinceMs, manifest);
    }
    for (const all of slots) {
      const kept = all.pinned !== undefined || (await isInUse(all.modelId));
      // One may be held in two variants.
      for (const revision of new Set(heldRevisions(all).map((held) => held.revision))) {
        const made = madeChunks(formsOf(derived, revision), present);
        if (made.length > 0) {
          const usedAtMs = (await usage.lastUsedAtMs(all.modelId)) ?? all.active?.installedAtMs ?? 0;
          // Of a version that does not run it is as old as that.
          const lastUsedAtMs = revision === all.active?.revision ? usedAtMs : 0;
          found.push({ kind: 'form', modelId: all.modelId, revision, chunks: made, lastUsedAtMs, kept });
        }
        const rows = derived.filter(({ source, chunks }) => source === revision && !chunks);
        if (rows.length === 0) continue;
        // By the revision's name, not by their own digests: beginnings of two owners may have the same bytes, and both are kept.
        const chunks = [{ digest: parseDigest(revision), sizeBytes: rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }];
        // Also of a model that is loaded: it has a copy of its own.
        const lastUsedAtMs = Math.max(...rows.map(({ usedAtMs }) => usedAtMs));
        found.push({ kind: 'derived', modelId: all.modelId, revision, chunks, lastUsedAtMs, kept: false });
      }
    }
    for (const entry of journal) {
      const { modelId, revision, state, startedAtMs } = entry;
      // What is queued or under way is wanted. A form of what is installed that nobody makes any more was left by a tab that ended.
      const kept = state === 'queued' || (state === 'running' && (entry.by !== 'import' || (await locks.isHeld(FORGE_LOCK))));
      const made = entry.making?.files.flatMap(({ chunks }) => chunks);
      await add({ kind: 'unfinished', modelId, revision, kept }, entry, startedAtMs, await manifestOfEntry(store, entry), made);
    }
    return found;
  };

  /** Resolves to what is free already; the rest is garbage now. */
  const giveUp = async (step: FreeStep): Promise<number> => {
    if (step.kind === 'derived') {
      const rows = (await store.derived.list()).filter(({ source, chunks }) => source === step.revision && !chunks);
      for (const { key } of rows) await store.derived.delete(key);
      return rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    }
    if (step.kind === 'form') {
      // A person may give up that of a pinned model: it stays the version that it is.
      if (await isInUse(step.modelId)) throw inUse(step);
      for (const { key } of formsOf(await store.derived.list(), step.revision)) {
        const row = await store.derived.get(key);
        if (row) await store.derived.put(withoutChunks(row.about), row.data, Number.POSITIVE_INFINITY);
      }
      return 0;
    }
    const isFree = stepsOf(await holders()).some(
      ({ kind, modelId, revision }) => kind === step.kind && modelId === step.modelId && revision === step.revision,
    );
    if (!isFree) throw inUse(step);
    if (step.kind === 'model') return (await models.remove(step.modelId)).freedBytes;
    if (step.kind === 'unfinished') await store.models.abandonInstall(step.revision);
    else await store.models.change(step.modelId, { type: 'drop', revision: step.revision, atMs: clock.now() });
    return 0;
  };

  return {
    holders,
    propose: async (wantedBytes, keep) => {
      const all = (await holders()).map((holder) => (holder.modelId === keep ? { ...holder, kept: true } : holder));
      return planFreeing(all, wantedBytes);
    },
    async free(steps) {
      const removed: FreeStep[] = [];
      const kept: Array<FreeReport['kept'][number]> = [];
      let freedBytes = 0;
      for (const step of steps) {
        try {
          freedBytes += await giveUp(step);
          removed.push(step);
        } catch (reason) {
          kept.push({ step, error: toSillError(reason).toData() });
        }
      }
      freedBytes += (await store.models.collectGarbage()).freedBytes;
      hub.tell({ type: 'models' });
      return { removed, kept, freedBytes };
    },
  };
}

const inUse = ({ modelId, revision }: FreeStep): SillError =>
  new SillError('busy', `${modelId} was not given up: it is in use, pinned, being installed, or no longer there.`, {
    details: { id: modelId, revision },
  });
