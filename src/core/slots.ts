import { SillError } from './errors.ts';
import type { GateResult } from './gate.ts';
import type { Refusal } from './gateReason.ts';
import type { ModelId, RevisionId, VariantId } from './ids.ts';

/** One revision of a model that lies complete on this device, in one variant. */
export interface InstalledRevision {
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly installedAtMs: number;
  /** When the person accepted the licence that was shown before the download. */
  readonly licenceAcceptedAtMs: number;
}

/** A revision that lies beside the running one until it has shown what it can do. */
export interface Candidate extends InstalledRevision {
  /** Trials that ended in silence at the same place, one after the other, the one under way among them. Absent means none. */
  readonly tries?: number;
  /** The place: what was loaded or asked last. */
  readonly triedAt?: string;
  /** Trials that did not get on, and when the last of them was given up. */
  readonly putOff?: { readonly times: number; readonly atMs: number };
}

/** Which revisions of a model this device holds, and in which role. */
export interface Slots {
  readonly modelId: ModelId;
  readonly active?: InstalledRevision;
  readonly previous?: InstalledRevision;
  readonly candidate?: Candidate;
  /** The one revision that this model may be, by a person's wish. */
  readonly pinned?: RevisionId;
  /** Revisions that a person went back from: not offered again by themselves. */
  readonly declined?: readonly RevisionId[];
}

/** A revision that failed its trial on this device: never offered again. */
export interface Quarantined extends Refusal {
  readonly revision: RevisionId;
  readonly modelId: ModelId;
  readonly atMs: number;
}

export type HistoryEvent = 'installed' | 'staged' | 'activated' | 'rejected' | 'rolled-back' | 'pinned' | 'unpinned' | 'removed';

/** One line of a model's story on this device. */
export interface HistoryEntry {
  readonly modelId: ModelId;
  readonly event: HistoryEvent;
  readonly revision: RevisionId;
  readonly atMs: number;
  /** What was active before. */
  readonly from?: RevisionId;
  readonly variant?: VariantId;
  /** Of the variant, as installed. */
  readonly sizeBytes?: number;
  readonly reason?: string;
  readonly gate?: GateResult;
}

/** Lines of a model's story that are kept, the newest: years of a kiosk that updates itself every week, in a few dozen kilobytes. */
export const MAX_HISTORY = 200;

/** What can happen to the slots of a model that is installed. Times are given, so that the decision stays pure. */
export type SlotChange =
  /**
   * Before a trial loads anything, and before whatever it asks: a tab that dies has counted. `tries`: with those that ended at the same place just before;
   * one more than there were, where it is left out.
   */
  | { readonly type: 'count-try'; readonly revision: RevisionId; readonly atMs: number; readonly at?: string; readonly tries?: number }
  /** A trial was called off in good order: it says nothing about the revision. `late`: because it did not get on. */
  | { readonly type: 'spare-try'; readonly revision: RevisionId; readonly atMs: number; readonly late?: boolean }
  | { readonly type: 'promote'; readonly revision: RevisionId; readonly atMs: number; readonly gate?: GateResult }
  | { readonly type: 'reject'; readonly revision: RevisionId; readonly atMs: number; readonly reason: string; readonly gate?: GateResult }
  /** Back to the previous revision, by a person. */
  | { readonly type: 'roll-back'; readonly atMs: number; readonly reason?: string }
  /** To a revision that was active before, without declining the one that is left. */
  | { readonly type: 'return'; readonly revision: RevisionId; readonly atMs: number }
  /** Gives the previous revision up, for its space. */
  | { readonly type: 'drop'; readonly revision: RevisionId; readonly atMs: number }
  | { readonly type: 'pin'; readonly revision: RevisionId | undefined; readonly atMs: number };

export interface Transition {
  readonly slots: Slots;
  readonly history: readonly HistoryEntry[];
  readonly quarantined?: Quarantined;
}

/** Every revision that a model's slots keep alive. */
export function heldRevisions(slots: Slots): InstalledRevision[] {
  return [slots.active, slots.previous, slots.candidate].filter((held) => held !== undefined);
}

const isSame = (a: InstalledRevision | undefined, b: InstalledRevision): boolean => a?.revision === b.revision && a.variant === b.variant;

/** Makes an installed revision active at once and keeps the active one as previous: the first install, or another variant. */
export function activate(slots: Slots | undefined, modelId: ModelId, installed: InstalledRevision, sizeBytes: number): Transition {
  const { active, candidate, previous, ...rest } = slots ?? { modelId };
  const left = active && !isSame(active, installed) ? active : previous;
  return {
    slots: {
      ...without(rest, installed.revision),
      active: installed,
      ...(left && !isSame(left, installed) ? { previous: left } : {}),
      ...(candidate && !isSame(candidate, installed) ? { candidate } : {}),
    },
    history: [entryOf(modelId, 'installed', installed, installed.installedAtMs, { sizeBytes, ...from(active) })],
  };
}

/** Lays a revision beside the active one, in place of a candidate that was waiting. */
export function stage(slots: Slots, installed: InstalledRevision, sizeBytes: number): Transition {
  if (isSame(slots.active, installed)) return { slots, history: [] };
  return {
    slots: { ...slots, candidate: installed },
    history: [entryOf(slots.modelId, 'staged', installed, installed.installedAtMs, { sizeBytes, ...from(slots.active) })],
  };
}

/**
 * The slots after a change, and what is to be remembered of it.
 * @throws SillError `aborted` when another tab was faster and the change has lost its ground | `model_not_installed`
 */
export function applyChange(slots: Slots, change: SlotChange): Transition {
  switch (change.type) {
    case 'count-try':
      return tried(slots, change);
    case 'spare-try':
      return spared(slots, change);
    case 'promote':
      return promote(slots, change);
    case 'reject':
      return reject(slots, change);
    case 'roll-back':
      return swap(slots, change, true);
    case 'return':
      if (slots.previous?.revision !== change.revision) throw gone(slots, change.revision);
      return swap(slots, change, false);
    case 'drop':
      return drop(slots, change);
    case 'pin':
      return pin(slots, change);
  }
}

function tried(slots: Slots, { revision, tries, at }: Extract<SlotChange, { type: 'count-try' }>): Transition {
  const { triedAt: _, ...candidate } = candidateOf(slots, revision);
  const counted = { ...candidate, tries: tries ?? (candidate.tries ?? 0) + 1, ...(at === undefined ? {} : { triedAt: at }) };
  return { slots: { ...slots, candidate: counted }, history: [] };
}

function spared(slots: Slots, { revision, atMs, late = false }: Extract<SlotChange, { type: 'spare-try' }>): Transition {
  const candidate = candidateOf(slots, revision);
  const putOff = late ? { putOff: { times: (candidate.putOff?.times ?? 0) + 1, atMs } } : {};
  return { slots: { ...slots, candidate: { ...candidate, tries: Math.max(0, (candidate.tries ?? 0) - 1), ...putOff } }, history: [] };
}

/** Where a trial begins: its loading. */
export const TRIAL_BEGINS = 'loading';

const FIRST_PUT_OFF_MS = 60 * 60_000;
const MOST_PUT_OFF_MS = 24 * FIRST_PUT_OFF_MS;

/** Its trial did not get on, and it is too early for the device to try it again by itself: after an hour, then ever later, each day at the last. */
export function isPutOff({ putOff }: Candidate, nowMs: number): boolean {
  if (!putOff) return false;
  const sinceMs = nowMs - putOff.atMs;
  // A clock that was set back since then would keep it waiting for as long.
  return sinceMs >= 0 && sinceMs < Math.min(MOST_PUT_OFF_MS, FIRST_PUT_OFF_MS * 2 ** (putOff.times - 1));
}

function promote(slots: Slots, { revision, atMs, gate }: Extract<SlotChange, { type: 'promote' }>): Transition {
  const { tries: _tries, triedAt: _at, putOff: _putOff, ...installed } = candidateOf(slots, revision);
  const { candidate: _candidate, ...rest } = slots;
  return {
    slots: { ...without(rest, revision), active: installed, ...(slots.active ? { previous: slots.active } : {}) },
    history: [entryOf(slots.modelId, 'activated', installed, atMs, { ...from(slots.active), ...(gate ? { gate } : {}) })],
  };
}

function reject(slots: Slots, { revision, atMs, reason, gate }: Extract<SlotChange, { type: 'reject' }>): Transition {
  const failed = candidateOf(slots, revision);
  const { candidate: _candidate, ...rest } = slots;
  return {
    slots: rest,
    history: [entryOf(slots.modelId, 'rejected', failed, atMs, { reason, ...from(slots.active), ...(gate ? { gate } : {}) })],
    quarantined: { revision, modelId: slots.modelId, reason, ...(gate?.why ? { why: gate.why } : {}), atMs },
  };
}

function swap(slots: Slots, { atMs, ...change }: Extract<SlotChange, { type: 'roll-back' | 'return' }>, declines: boolean): Transition {
  const { active, previous, modelId } = slots;
  if (!active || !previous) {
    throw new SillError('model_not_installed', `This device holds no earlier version of ${modelId} to go back to.`, {
      details: { id: modelId },
    });
  }
  const { candidate, ...rest } = without(slots, previous.revision);
  const declined = declines && active.revision !== previous.revision ? [...(rest.declined ?? []), active.revision] : rest.declined;
  return {
    slots: {
      ...rest,
      active: previous,
      previous: active,
      ...(candidate && !isSame(candidate, previous) ? { candidate } : {}),
      ...(declined ? { declined } : {}),
    },
    history: [
      entryOf(modelId, declines ? 'rolled-back' : 'activated', previous, atMs, {
        ...from(active),
        ...('reason' in change && change.reason !== undefined ? { reason: change.reason } : {}),
      }),
    ],
  };
}

function drop(slots: Slots, { revision, atMs }: Extract<SlotChange, { type: 'drop' }>): Transition {
  const { previous, ...rest } = slots;
  if (previous?.revision !== revision) throw gone(slots, revision);
  // A declined one stays declined: it would be offered, and fetched, again.
  return { slots: rest, history: [entryOf(slots.modelId, 'removed', previous, atMs, {})] };
}

function pin(slots: Slots, { revision, atMs }: Extract<SlotChange, { type: 'pin' }>): Transition {
  const { pinned, ...rest } = slots;
  const line = (event: HistoryEvent, of: RevisionId): HistoryEntry => ({ modelId: slots.modelId, event, revision: of, atMs });
  if (revision === pinned) return { slots, history: [] };
  if (revision === undefined) return { slots: rest, history: pinned ? [line('unpinned', pinned)] : [] };
  return { slots: { ...rest, pinned: revision }, history: [line('pinned', revision)] };
}

/** Whoever makes a revision active by wish or trial no longer declines it. */
function without(slots: Slots, revision: RevisionId): Slots {
  const { declined, ...rest } = slots;
  const left = declined?.filter((other) => other !== revision) ?? [];
  return left.length > 0 ? { ...rest, declined: left } : rest;
}

function candidateOf(slots: Slots, revision: RevisionId): Candidate {
  if (slots.candidate?.revision === revision) return slots.candidate;
  throw gone(slots, revision);
}

const gone = (slots: Slots, revision: RevisionId): SillError =>
  new SillError('aborted', `The versions of ${slots.modelId} were changed in another tab meanwhile. Look again and repeat what you want.`, {
    details: { id: slots.modelId, revision },
  });

const from = (active: InstalledRevision | undefined) => (active ? { from: active.revision } : {});

function entryOf(
  modelId: ModelId,
  event: HistoryEvent,
  { revision, variant }: InstalledRevision,
  atMs: number,
  more: Pick<HistoryEntry, 'from' | 'sizeBytes' | 'reason' | 'gate'>,
): HistoryEntry {
  return { modelId, event, revision, variant, atMs, ...more };
}
