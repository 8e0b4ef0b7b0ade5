import type { Digest, ModelId, RevisionId } from './ids.ts';
import type { ManifestChunk } from './manifest.ts';

/** Something on the device that keeps bytes alive. */
export interface Holder {
  /**
   * `running`: active and candidate of a model, which go only with the whole model. `derived`: what was computed from a revision and can be again. `form`: what
   * was made of it to run, and is made again before it can be asked.
   */
  readonly kind: 'derived' | 'form' | 'unfinished' | 'previous' | 'running';
  readonly modelId: ModelId;
  readonly revision: RevisionId;
  /** Those of its chunks that are stored, or pieces that are its own. */
  readonly chunks: readonly ManifestChunk[];
  /** When the model was last used, or came here. */
  readonly lastUsedAtMs: number;
  /** In use, pinned, or being installed: never given up. */
  readonly kept: boolean;
}

/** One thing to give up, as a person understands it. */
export interface FreeStep {
  readonly kind: 'derived' | 'form' | 'unfinished' | 'previous' | 'model';
  readonly modelId: ModelId;
  /** Of a model: the running one. */
  readonly revision: RevisionId;
}

export interface PlannedStep extends FreeStep {
  /** What this step adds to those before it. */
  readonly freesBytes: number;
}

export interface FreePlan {
  readonly steps: readonly PlannedStep[];
  readonly freesBytes: number;
  readonly enough: boolean;
}

const RANK: Readonly<Record<FreeStep['kind'], number>> = { derived: 0, unfinished: 1, previous: 2, form: 3, model: 4 };

/**
 * What to give up for `wantedBytes`: what saves time alone, unfinished downloads and earlier versions first, then forms that were made here, which cost no network
 * but minutes before their models answer, then whole models, least recently used first; nothing of what is kept, and no step without which it would be enough
 * too. A chunk is free when the last that holds it is gone.
 */
export function planFreeing(holders: readonly Holder[], wantedBytes: number): FreePlan {
  const chosen: FreeStep[] = [];
  for (const step of stepsOf(holders)) {
    if (freedBy(holders, chosen) >= wantedBytes) break;
    // Also one that frees nothing by itself: what it shares with the next is free when both are gone.
    chosen.push(step);
  }
  // A large model makes the small sacrifices before it needless. What is worth most is spared first.
  for (const step of chosen.toReversed()) {
    const without = chosen.filter((other) => other !== step);
    if (freedBy(holders, without) >= Math.min(wantedBytes, freedBy(holders, chosen))) chosen.splice(chosen.indexOf(step), 1);
  }
  let freesBytes = 0;
  const steps = chosen.map((step, index): PlannedStep => {
    const sum = freedBy(holders, chosen.slice(0, index + 1));
    const planned = { ...step, freesBytes: sum - freesBytes };
    freesBytes = sum;
    return planned;
  });
  return { steps, freesBytes, enough: freesBytes >= wantedBytes };
}

/** Everything that may be given up, what is worth least first. */
export function stepsOf(holders: readonly Holder[]): FreeStep[] {
  const keptModels = new Set(holders.filter(({ kept }) => kept).map(({ modelId }) => modelId));
  const steps = holders.flatMap((holder): Array<FreeStep & { lastUsedAtMs: number }> => {
    const { kind, modelId, revision, lastUsedAtMs, kept } = holder;
    if (kind !== 'running') return kept ? [] : [{ kind, modelId, revision, lastUsedAtMs }];
    return keptModels.has(modelId) ? [] : [{ kind: 'model', modelId, revision, lastUsedAtMs }];
  });
  return steps
    .sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.lastUsedAtMs - b.lastUsedAtMs || (a.modelId < b.modelId ? -1 : 1))
    .map(({ lastUsedAtMs: _lastUsedAtMs, ...step }) => step);
}

/** Bytes of the chunks that nobody holds after these steps. */
export function freedBy(holders: readonly Holder[], steps: readonly FreeStep[]): number {
  const left = new Set<Digest>();
  const gone = new Map<Digest, number>();
  for (const holder of holders) {
    const goes = steps.some((step) => takes(step, holder, holders));
    for (const { digest, sizeBytes } of holder.chunks) {
      if (goes) gone.set(digest, sizeBytes);
      else left.add(digest);
    }
  }
  let sum = 0;
  for (const [digest, sizeBytes] of gone) if (!left.has(digest)) sum += sizeBytes;
  return sum;
}

function takes(step: FreeStep, holder: Holder, all: readonly Holder[]): boolean {
  if (step.modelId !== holder.modelId) return false;
  if (step.kind === 'model') return true;
  if (step.revision !== holder.revision) return false;
  if (step.kind === holder.kind) return true;
  // What was made of an earlier version goes with it, where no other variant of the same runs.
  const isMade = holder.kind === 'form' || holder.kind === 'derived';
  return step.kind === 'previous' && isMade && !all.some((each) => each.kind === 'running' && each.revision === step.revision);
}
