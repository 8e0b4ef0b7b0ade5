import * as v from 'valibot';
import { isRevisionId, type ModelId, type RevisionId } from './ids.ts';
import type { ManifestChunk } from './manifest.ts';

/** A revision on the device, as the check at idle sees it. */
export interface CheckTarget {
  readonly modelId: ModelId;
  readonly revision: RevisionId;
  /** Every chunk was verified when it came. */
  readonly installedAtMs: number;
  readonly chunks: readonly ManifestChunk[];
}

/** How far each revision is. What is kept of it is small and survives the tab. */
export const CheckStateSchema = v.array(
  v.strictObject({
    revision: v.pipe(
      v.string(),
      v.check(isRevisionId, 'expected a revision'),
      v.transform((text) => text as RevisionId),
    ),
    /** When the last whole round ended. */
    verifiedAtMs: v.exactOptional(v.number()),
    /** Chunks of the running round that are done; 0 between rounds. */
    done: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
);
export type CheckState = v.InferOutput<typeof CheckStateSchema>;

export interface CheckSlice {
  readonly target: CheckTarget;
  /** Index of the first chunk. */
  readonly from: number;
  readonly chunks: readonly ManifestChunk[];
}

/** When all chunks of a revision were last known to be good. */
export function verifiedAt(target: Pick<CheckTarget, 'revision' | 'installedAtMs'>, state: CheckState): number {
  return state.find(({ revision }) => revision === target.revision)?.verifiedAtMs ?? target.installedAtMs;
}

/**
 * The next few chunks to read again: of the revision that was verified longest ago, from where its round stopped, within `budgetBytes` but one
 * chunk at least. Nothing while each was verified within `everyMs`; a time in the future is the fault of a clock and counts as long ago.
 */
export function nextSlice(
  targets: readonly CheckTarget[],
  state: CheckState,
  { nowMs, everyMs, budgetBytes }: { readonly nowMs: number; readonly everyMs: number; readonly budgetBytes: number },
): CheckSlice | undefined {
  const since = (target: CheckTarget): number => {
    const atMs = verifiedAt(target, state);
    return atMs > nowMs ? Number.NEGATIVE_INFINITY : atMs;
  };
  const due = targets.filter((target) => target.chunks.length > 0 && nowMs - since(target) >= everyMs);
  const target = due.reduce<CheckTarget | undefined>((oldest, each) => (oldest && since(oldest) <= since(each) ? oldest : each), undefined);
  if (!target) return undefined;
  const done = doneOf(target, state);
  // A round over another variant may have gone further than this one is long.
  const from = done < target.chunks.length ? done : 0;
  let bytes = 0;
  let end = from;
  for (const chunk of target.chunks.slice(from)) {
    if (end > from && bytes + chunk.sizeBytes > budgetBytes) break;
    bytes += chunk.sizeBytes;
    end += 1;
  }
  return { target, from, chunks: target.chunks.slice(from, end) };
}

/** The state after `checked` chunks of a slice were read. Forgets revisions that are no longer here. */
export function afterSlice(
  targets: readonly CheckTarget[],
  state: CheckState,
  { target, from }: CheckSlice,
  checked: number,
  nowMs: number,
): CheckState {
  const held = new Set(targets.map(({ revision }) => revision));
  const others = state.filter(({ revision }) => held.has(revision) && revision !== target.revision);
  const done = from + checked;
  if (done >= target.chunks.length) return [...others, { revision: target.revision, verifiedAtMs: nowMs, done: 0 }];
  const before = state.find(({ revision }) => revision === target.revision)?.verifiedAtMs;
  return [...others, { revision: target.revision, done, ...(before === undefined ? {} : { verifiedAtMs: before }) }];
}

/** The state after somebody read a whole revision. */
export function afterRound(state: CheckState, revision: RevisionId, nowMs: number): CheckState {
  return [...state.filter((each) => each.revision !== revision), { revision, verifiedAtMs: nowMs, done: 0 }];
}

const doneOf = ({ revision }: CheckTarget, state: CheckState): number => state.find((each) => each.revision === revision)?.done ?? 0;
