import { digestsOf } from '../core/adoption.ts';
import { SillError } from '../core/errors.ts';
import type { Digest, ModelId, RevisionId } from '../core/ids.ts';
import { type AdoptionEntry, type ImportEntry, isAdoption, isImport, type JournalEntry } from '../core/journal.ts';
import { type Making, madeDigests } from '../core/making.ts';
import { chunksOf, type Manifest, variantBytes, variantOf } from '../core/manifest.ts';
import { activate, type HistoryEntry, heldRevisions, type InstalledRevision, type Slots, stage, type Transition } from '../core/slots.ts';
import type { KeptForm } from '../ports/store.ts';
import type { Lease } from './schema.ts';

/** The chunks that an install needs. @throws SillError `invalid_request` when the manifest lacks the variant. */
export function leaseOf(entry: JournalEntry, manifest: Manifest): Lease {
  const digests = chunksOf(manifest, variantOf(manifest, entry.variant)).map((chunk) => chunk.digest);
  return { revision: entry.revision, digests };
}

/** Whether anything of the model is installed. */
export const isHeld = (slots: Slots | undefined): boolean => slots !== undefined && heldRevisions(slots).length > 0;

/** As far as the chunks are known: the rest of them has not been seen by anybody. */
export const notedLease = (entry: AdoptionEntry | ImportEntry): Lease => ({
  revision: entry.revision,
  digests: entry.adoption ? digestsOf(entry.adoption) : entry.making ? madeDigests(entry.making) : [],
});

/**
 * The lease of an entry that changed: chunks that it notes, beside those that its publisher named. What it noted before and does not any more is held no longer:
 * each form that is tried takes as much room as the last. Undefined where it stays as it is.
 */
export function leaseAfter(entry: JournalEntry, before: Lease | undefined, noted: Making | undefined): Lease | undefined {
  if (isAdoption(entry) || isImport(entry)) return notedLease(entry);
  if (!entry.making) return undefined;
  const old = new Set(noted ? madeDigests(noted) : []);
  const others = (before?.digests ?? []).filter((digest) => !old.has(digest));
  return { revision: entry.revision, digests: [...new Set([...others, ...madeDigests(entry.making)])] };
}

/** Chunks without which a commit would leave what cannot run. */
export const neededBy = (manifest: Manifest, { variant }: JournalEntry, form: KeptForm | undefined): Digest[] => [
  ...chunksOf(manifest, variantOf(manifest, variant)).map(({ digest }) => digest),
  ...(form?.about.chunks ?? []),
];

/** As it is installed: what nobody described is a revision only once it is here. */
export const entryOf = (begun: JournalEntry, became: { readonly revision: RevisionId } | undefined): JournalEntry => ({
  ...begun,
  revision: became?.revision ?? begun.revision,
});

/** True where an earlier commit, perhaps of another tab, did the work already. */
export function isCommitted(slots: Slots, entry: JournalEntry, role: 'active' | 'candidate'): boolean {
  const isEntry = (held: InstalledRevision | undefined) => held?.revision === entry.revision && held.variant === entry.variant;
  return isEntry(slots.active) || (role === 'candidate' && isEntry(slots.candidate));
}

/** What a finished install makes of the slots. */
export function installed(
  slots: Slots | undefined,
  entry: JournalEntry,
  manifest: Manifest,
  installedAtMs: number,
  role: 'active' | 'candidate',
): Transition {
  const { modelId, revision, variant, licenceAcceptedAtMs } = entry;
  const held = { revision, variant, installedAtMs, licenceAcceptedAtMs };
  const sizeBytes = variantBytes(manifest, variantOf(manifest, variant));
  return role === 'candidate' && slots?.active ? stage(slots, held, sizeBytes) : activate(slots, modelId, held, sizeBytes);
}

export const notInstalled = (modelId: ModelId): SillError =>
  new SillError('model_not_installed', `${modelId} is not installed on this device.`, { details: { id: modelId } });

/** The last line of a model's story. */
export function removalOf(slots: Slots | undefined, atMs: number): HistoryEntry[] {
  return slots?.active ? [{ modelId: slots.modelId, event: 'removed', revision: slots.active.revision, atMs }] : [];
}

/**
 * The unfinished install that a commit may end: another tab may have cancelled it or begun another variant in its place.
 * @throws SillError `aborted` when it is no longer there.
 */
export function assertPending(stored: JournalEntry | undefined, entry: JournalEntry): void {
  if (stored?.variant === entry.variant) return;
  throw new SillError(
    'aborted',
    `The install of ${entry.modelId} was cancelled or replaced in another tab. Install it again if you want it.`,
  );
}

export function damaged(entry: JournalEntry, missing: readonly Digest[]): SillError {
  return new SillError(
    'installation_damaged',
    `${entry.modelId} cannot be activated: ${missing.length} of its pieces are missing on this device. Install it again; what is there is kept.`,
    { details: { modelId: entry.modelId, revision: entry.revision, missing: missing.slice(0, 16) } },
  );
}

export interface Held {
  readonly revisions: ReadonlySet<RevisionId>;
  readonly digests: ReadonlySet<Digest>;
}

/** Everything that garbage collection must spare. */
export function heldBy(slots: readonly Slots[], leases: readonly Lease[], manifests: ReadonlyMap<RevisionId, Manifest>): Held {
  const revisions = new Set(leases.map((lease) => lease.revision));
  const digests = new Set(leases.flatMap((lease) => lease.digests));
  for (const held of slots.flatMap(heldRevisions)) {
    revisions.add(held.revision);
    const manifest = manifests.get(held.revision);
    if (manifest) for (const chunk of chunksOf(manifest, variantOf(manifest, held.variant))) digests.add(chunk.digest);
  }
  return { revisions, digests };
}
