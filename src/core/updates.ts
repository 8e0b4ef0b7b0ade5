import type { CatalogEntry } from './catalog.ts';
import type { Refusal } from './gateReason.ts';
import type { RevisionId } from './ids.ts';
import { type Rollout, rolloutVerdict } from './rollout.ts';
import { heldRevisions, type Slots } from './slots.ts';
import { compareVersions } from './version.ts';

/** Why a newer revision is not offered; translated in `ui/`. */
export type Withheld =
  | ({ readonly kind: 'quarantined' } & Refusal)
  | { readonly kind: 'withdrawn'; readonly reason: string }
  | { readonly kind: 'pinned'; readonly to: RevisionId }
  | { readonly kind: 'channel'; readonly channel: CatalogEntry['channel'] }
  /** A person went back from it. */
  | { readonly kind: 'declined' }
  /** The catalog's signatures have expired. */
  | { readonly kind: 'catalog-stale' }
  /** It comes under another licence, which a person has to accept. */
  | { readonly kind: 'licence-changed' }
  | { readonly kind: 'needs-app'; readonly minimumRuntime: string }
  | { readonly kind: 'rollout-paused' }
  | { readonly kind: 'rollout'; readonly percentage: number; readonly expectedAtMs?: number };

export interface Offer {
  readonly entry: CatalogEntry;
  readonly critical: boolean;
  /** The rollout had not reached this device, or is paused: it is offered because it is critical or was asked for. */
  readonly early: boolean;
}

export interface UpdateQuestion {
  /** Of one model. */
  readonly entries: readonly CatalogEntry[];
  readonly slots: Slots;
  /** Revisions that failed on this device, with the reason. */
  readonly quarantined: ReadonlyMap<RevisionId, Refusal>;
  readonly channel: CatalogEntry['channel'];
  /** This device's place in a rollout, 0 to 1. */
  readonly fractionOf: (rollout: Rollout) => number;
  readonly appVersion: string;
  /** What the manifests say, of the revisions whose manifest is known. */
  readonly known: ReadonlyMap<RevisionId, { readonly minimumRuntime: string; readonly sameLicence: boolean }>;
  readonly stale: boolean;
  readonly nowMs: number;
  /** A person asked: a rollout, paused or not, does not hold them back. */
  readonly askedByPerson: boolean;
}

export interface UpdateVerdict {
  readonly offer?: Offer;
  /** Newer revisions that are held back, newest first, each with why. */
  readonly withheld: ReadonlyArray<{ readonly entry: CatalogEntry; readonly why: Withheld }>;
  /** Installed revisions of which the publisher says that they must not be used. */
  readonly withdrawn: ReadonlyArray<{ readonly revision: RevisionId; readonly isActive: boolean; readonly reason: string }>;
}

/** Newest first. Entries without a date are as old as can be and keep the catalog's order. */
export const newestFirst = (entries: readonly CatalogEntry[]): CatalogEntry[] =>
  [...entries].sort((a, b) => (b.publishedAtMs ?? 0) - (a.publishedAtMs ?? 0));

/** What an installed model may become, and why not more. */
export function judgeUpdates(question: UpdateQuestion): UpdateVerdict {
  const { entries, slots } = question;
  const held = heldRevisions(slots).map((each) => each.revision);
  const withdrawn = entries.flatMap(({ revision, withdrawn: why }) =>
    why && held.includes(revision) ? [{ revision, isActive: slots.active?.revision === revision, reason: why.reason }] : [],
  );
  const withheld: Array<{ entry: CatalogEntry; why: Withheld }> = [];
  for (const entry of newestFirst(upgradesOf(entries, slots))) {
    const why = whyNot(entry, question);
    const critical = entry.critical === true;
    const early = (why?.kind === 'rollout' || why?.kind === 'rollout-paused') && (critical || question.askedByPerson);
    if (!why || early) return { offer: { entry, critical, early }, withheld, withdrawn };
    withheld.push({ entry, why });
  }
  return { withheld, withdrawn };
}

export interface FirstQuestion {
  /** Of one model. */
  readonly entries: readonly CatalogEntry[];
  readonly quarantined: ReadonlyMap<RevisionId, Refusal>;
  readonly fractionOf: (rollout: Rollout) => number;
  readonly nowMs: number;
}

/**
 * What a model that is not installed begins with: the newest revision of the stable channel, or of beta where there is nothing else, that is
 * neither withdrawn nor quarantined. One whose rollout has not come to this device, or is paused, comes last: it is better than nothing,
 * and the person asked for the model.
 */
export function firstRevision({ entries, quarantined, fractionOf, nowMs }: FirstQuestion): CatalogEntry | undefined {
  const usable = newestFirst(entries).filter((entry) => !entry.withdrawn && !quarantined.has(entry.revision));
  const isHeldBack = ({ rollout, critical }: CatalogEntry) =>
    rollout !== undefined && critical !== true && !rolloutVerdict(rollout, fractionOf(rollout), nowMs).included;
  const rank = (entry: CatalogEntry) => (entry.channel === 'stable' ? 0 : 2) + (isHeldBack(entry) ? 1 : 0);
  return usable.sort((a, b) => rank(a) - rank(b))[0];
}

/** What would be a step forward: newer than the active one, or anything else where the active one is withdrawn or no longer published. */
function upgradesOf(entries: readonly CatalogEntry[], { active, pinned }: Slots): CatalogEntry[] {
  const others = entries.filter((entry) => entry.revision !== active?.revision);
  // A pin is a wish, whatever its age.
  const pinnedEntry = others.filter((entry) => entry.revision === pinned);
  const current = entries.find((entry) => entry.revision === active?.revision);
  if (!current || current.withdrawn) return others;
  const newer = others.filter((entry) => (entry.publishedAtMs ?? 0) > (current.publishedAtMs ?? 0));
  return [...new Set([...newer, ...pinnedEntry])];
}

function whyNot(entry: CatalogEntry, question: UpdateQuestion): Withheld | undefined {
  const { slots, quarantined, known } = question;
  const failure = quarantined.get(entry.revision);
  if (failure) return { kind: 'quarantined', ...failure };
  if (entry.withdrawn) return { kind: 'withdrawn', reason: entry.withdrawn.reason };
  if (slots.pinned && slots.pinned !== entry.revision) return { kind: 'pinned', to: slots.pinned };
  // The pin names it: neither channel nor an earlier step back speaks against it.
  if (slots.pinned !== entry.revision) {
    if (entry.channel === 'beta' && question.channel !== 'beta') return { kind: 'channel', channel: entry.channel };
    if (slots.declined?.includes(entry.revision)) return { kind: 'declined' };
  }
  if (question.stale) return { kind: 'catalog-stale' };
  const manifest = known.get(entry.revision);
  if (manifest) {
    const { minimumRuntime, sameLicence } = manifest;
    if (compareVersions(question.appVersion, minimumRuntime) < 0) return { kind: 'needs-app', minimumRuntime };
    if (!sameLicence && !question.askedByPerson) return { kind: 'licence-changed' };
  }
  if (!entry.rollout) return undefined;
  const verdict = rolloutVerdict(entry.rollout, question.fractionOf(entry.rollout), question.nowMs);
  if (verdict.included) return undefined;
  if (verdict.paused) return { kind: 'rollout-paused' };
  const { percentage, expectedAtMs } = verdict;
  return { kind: 'rollout', percentage, ...(expectedAtMs === undefined ? {} : { expectedAtMs }) };
}
