import { SillError } from '../../core/errors.ts';
import type { Digest, ModelId, RevisionId } from '../../core/ids.ts';
import { filesOf, type Manifest, type Variant, variantBytes, variantOf } from '../../core/manifest.ts';
import { heldRevisions } from '../../core/slots.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { DamagedChunk, VerifyProgress, VerifyReport } from '../../protocol/integrityReports.ts';
import { madeChunksOf } from '../forms/forms.ts';

export interface VerifyDeps {
  readonly store: Store;
  readonly digests: Digests;
}

/** A revision on this device, with what it consists of. */
export interface HeldRevision {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly manifest: Manifest;
  readonly variant: Variant;
}

/** Active, previous and candidate of a model, in this order. */
export async function heldOf(store: Store, id: ModelId): Promise<HeldRevision[]> {
  const slots = await store.models.slots(id);
  const held: HeldRevision[] = [];
  for (const { revision, variant } of slots ? heldRevisions(slots) : []) {
    const manifest = await store.models.manifest(revision);
    if (manifest) held.push({ id, revision, manifest, variant: variantOf(manifest, variant) });
  }
  return held;
}

/**
 * Reads every stored chunk of a revision, by default the active one, again and compares its SHA-256. A damaged chunk is deleted, so that a
 * repair fetches it, alone.
 * @throws SillError `model_not_installed` | `aborted`
 */
export async function verifyModel(
  deps: VerifyDeps,
  id: ModelId,
  options: { readonly revision?: RevisionId; readonly signal: AbortSignal; readonly onProgress?: (progress: VerifyProgress) => void },
): Promise<VerifyReport> {
  const held = await heldOf(deps.store, id);
  const active = (await deps.store.models.slots(id))?.active;
  const wanted = held.find(({ revision }) => revision === (options.revision ?? active?.revision));
  if (!wanted) throw new SillError('model_not_installed', `${id} is not installed on this device, so there is nothing to verify.`);
  const made = await madeChunksOf(deps.store, { revision: wanted.revision, variant: wanted.variant.id });
  const totalBytes = made.reduce((sum, { sizeBytes }) => sum + sizeBytes, variantBytes(wanted.manifest, wanted.variant));
  const seen = new Set<Digest>();
  const damaged: DamagedChunk[] = [];
  let checkedBytes = 0;
  for (const file of filesOf(wanted.manifest, wanted.variant)) {
    for (const { digest, sizeBytes } of file.chunks) {
      if (seen.has(digest)) continue;
      seen.add(digest);
      options.signal.throwIfAborted();
      const reason = await sortOut(deps, digest);
      if (reason) damaged.push({ path: file.path, digest, sizeBytes, reason });
      checkedBytes += sizeBytes;
      options.onProgress?.({ checkedBytes, totalBytes });
    }
  }
  for (const { digest, sizeBytes } of made) {
    options.signal.throwIfAborted();
    // Nothing to fetch: what is bad is taken out, and made again of what was delivered when the model is loaded next.
    await sortOut(deps, digest);
    checkedBytes += sizeBytes;
    options.onProgress?.({ checkedBytes, totalBytes });
  }
  return { id, revision: wanted.revision, ok: damaged.length === 0, checkedBytes, damaged };
}

/** What is wrong with a stored chunk, if anything. A bad one is deleted at once: the shorter it is looked at, the less another tab can mend meanwhile. */
export async function sortOut({ store, digests }: VerifyDeps, digest: Digest): Promise<DamagedChunk['reason'] | undefined> {
  const blob = await store.chunks.get(digest);
  if (!blob) return 'missing';
  // A Blob whose backing file is gone is listed and cannot be read.
  const data = await blob.arrayBuffer().catch(() => undefined);
  if (data && (await digests.sha256(data)) === digest) return undefined;
  await store.chunks.delete([digest]);
  return data ? 'mismatch' : 'unreadable';
}
