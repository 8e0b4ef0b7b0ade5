import { SillError } from '../core/errors.ts';
import type { Digest, RevisionId } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import { chunksOf, type Manifest, variantOf } from '../core/manifest.ts';
import { heldRevisions, type InstalledRevision, type Slots } from '../core/slots.ts';
import type { Lease } from './schema.ts';

/** The chunks that an install needs. @throws SillError `invalid_request` when the manifest lacks the variant. */
export function leaseOf(entry: JournalEntry, manifest: Manifest): Lease {
  const digests = chunksOf(manifest, variantOf(manifest, entry.variant)).map((chunk) => chunk.digest);
  return { revision: entry.revision, digests };
}

/** True where an earlier commit, perhaps of another tab, did the work already. */
export const isActive = (slots: Slots | undefined, entry: JournalEntry): boolean =>
  slots?.active?.revision === entry.revision && slots.active.variant === entry.variant;

/** The slots with the entry active and what was active as previous. */
export function activated(slots: Slots | undefined, entry: JournalEntry, installedAtMs: number): Slots {
  const { modelId, revision, variant, licenceAcceptedAtMs } = entry;
  const candidate = slots?.candidate;
  const isSame = (held: InstalledRevision) => held.revision === revision && held.variant === variant;
  return {
    modelId,
    active: { revision, variant, installedAtMs, licenceAcceptedAtMs },
    ...(slots?.active ? { previous: slots.active } : {}),
    ...(candidate && !isSame(candidate) ? { candidate } : {}),
  };
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
