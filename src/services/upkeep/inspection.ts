import * as v from 'valibot';
import {
  afterRound,
  afterSlice,
  type CheckState,
  CheckStateSchema,
  type CheckTarget,
  nextSlice,
  verifiedAt,
} from '../../core/idleCheck.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import { chunksOf, variantOf } from '../../core/manifest.ts';
import { heldRevisions } from '../../core/slots.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { ANSWERING_LOCK, INSPECTION_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import type { Repairs } from './repair.ts';
import { sortOut, type VerifyDeps } from './verify.ts';

const STATE_KEY = 'inspection';
/** A disk that fails shows within weeks; reading everything more often would only wear it. */
const EVERY_MS = 7 * 24 * 60 * 60_000;
/** Read and hashed in about 0.1 s on a slow tablet; at one slice a minute a model of 1 GB takes half an hour of idleness. */
const SLICE_BYTES = 32 * 1024 * 1024;
const IDLE_MS = 2 * 60_000;

export interface InspectionDeps extends VerifyDeps {
  readonly repairs: Pick<Repairs, 'mendUnasked'>;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** Since the last request to a model; 0 while one is answered. */
  readonly idleMs: () => number;
  /** Something speaks against work that nobody waits for, as a battery that is nearly empty. */
  readonly isSpared: () => boolean;
}

/** Reads what is installed again, a little at a time, while nobody wants anything. */
export interface Inspection {
  /** One slice, if one is due and this is a good moment; to be called every minute or so. Never rejects. */
  tick(): Promise<void>;
  /** When all chunks of a revision were last known to be good. */
  verifiedAtMs(target: Pick<CheckTarget, 'revision' | 'installedAtMs'>): Promise<number>;
  /** Somebody has read a whole revision and found it good. */
  noteVerified(revision: RevisionId): Promise<void>;
}

export function createInspection(deps: InspectionDeps): Inspection {
  const { store, locks, clock, hub } = deps;

  const read = async (): Promise<CheckState> => {
    const stored = v.safeParse(CheckStateSchema, await store.settings.get(STATE_KEY));
    return stored.success ? stored.output : [];
  };

  const inspect = async (): Promise<void> => {
    const [targets, state] = await Promise.all([targetsOf(store), read()]);
    const slice = nextSlice(targets, state, { nowMs: clock.now(), everyMs: EVERY_MS, budgetBytes: SLICE_BYTES });
    if (!slice) return;
    const { modelId } = slice.target;
    let checked = 0;
    let isDamaged = false;
    for (const { digest } of slice.chunks) {
      // Somebody asks for something: what was read counts, the rest has time.
      if (deps.idleMs() === 0) break;
      isDamaged = (await sortOut(deps, digest)) !== undefined || isDamaged;
      checked += 1;
    }
    await store.settings.set(STATE_KEY, afterSlice(targets, state, slice, checked, clock.now()));
    if (!isDamaged) return;
    hub.tell({ type: 'models' });
    await deps.repairs.mendUnasked(modelId);
  };

  return {
    async tick() {
      if (deps.idleMs() < IDLE_MS || deps.isSpared()) return;
      try {
        // Only this tab's requests are in its idleness; and one reader is enough.
        if (!(await locks.isHeld(ANSWERING_LOCK))) await locks.tryHold(INSPECTION_LOCK, inspect);
      } catch {
        // Storage that fails is told by whatever needs it; the next minute tries again.
      }
    },
    async verifiedAtMs(target) {
      return verifiedAt(target, await read());
    },
    async noteVerified(revision) {
      await store.settings.set(STATE_KEY, afterRound(await read(), revision, clock.now()));
    },
  };
}

async function targetsOf(store: Store): Promise<CheckTarget[]> {
  const targets: CheckTarget[] = [];
  for (const slots of await store.models.allSlots()) {
    for (const { revision, variant, installedAtMs } of heldRevisions(slots)) {
      const manifest = await store.models.manifest(revision);
      if (manifest)
        targets.push({ modelId: slots.modelId, revision, installedAtMs, chunks: chunksOf(manifest, variantOf(manifest, variant)) });
    }
  }
  return targets;
}

/** Installed models that lack a part of what they need to run. */
export async function brokenModels(store: Store): Promise<Array<{ readonly id: ModelId; readonly missing: number }>> {
  const broken: Array<{ id: ModelId; missing: number }> = [];
  for (const { modelId: id, active } of await store.models.allSlots()) {
    const manifest = active && (await store.models.manifest(active.revision));
    if (!manifest) continue;
    const missing = await store.chunks.missing(chunksOf(manifest, variantOf(manifest, active.variant)).map(({ digest }) => digest));
    if (missing.length > 0) broken.push({ id, missing: missing.length });
  }
  return broken;
}
