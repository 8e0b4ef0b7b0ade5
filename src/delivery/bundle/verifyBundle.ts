import { invalidBundle, untrustedBundle } from '../../core/bundle/faults.ts';
import type { CatalogEntry } from '../../core/catalog.ts';
import { type ErrorData, SillError } from '../../core/errors.ts';
import { type ModelId, type RevisionId, shortRevision, type VariantId } from '../../core/ids.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Proof } from '../../core/trust.ts';
import type { BundleTrust, JudgedList } from '../../ports/bundle.ts';
import type { Digests } from '../../ports/delivery.ts';
import { chunksOfAll } from './layOut.ts';
import { type OpenedBundle, type OpenedModel, openBundle } from './openBundle.ts';

/** A model whose manifest is signed and whose chunks the bundle lists. */
export interface VerifiedModel {
  readonly entry: CatalogEntry;
  readonly manifest: Manifest;
  readonly proof: Proof;
  /** Those that the bundle holds. */
  readonly variants: readonly VariantId[];
}

/** A model that the newest list speaks against, while the rest of the bundle is as good as it was. */
export interface RefusedModel {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly error: ErrorData;
}

export interface VerifiedBundle {
  readonly opened: OpenedBundle;
  readonly list: JudgedList;
  /** Oldest first, so that of two revisions of a model the newer one comes to run. */
  readonly models: readonly VerifiedModel[];
  readonly refused: readonly RefusedModel[];
}

/**
 * What is in a bundle, as far as its lists go: signatures, manifests, and that the chunks are those of the manifests. The chunks
 * themselves are verified when they are read.
 * @throws SillError `invalid_bundle` | `untrusted_bundle` | `invalid_manifest` | the signal's reason
 */
export async function verifyBundle(
  archives: readonly Blob[],
  { digests, trust }: { readonly digests: Digests; readonly trust: BundleTrust },
  signal: AbortSignal,
): Promise<VerifiedBundle> {
  const opened = await openBundle(archives, digests, signal);
  const list = await trust.judge(opened.files);
  const models: VerifiedModel[] = [];
  const refused: RefusedModel[] = [];
  for (const model of opened.models) {
    try {
      models.push(await verified(model, list));
    } catch (reason) {
      if (!(reason instanceof SillError) || !['untrusted_bundle', 'revision_refused'].includes(reason.code)) throw reason;
      refused.push({ id: model.id, revision: model.revision, error: reason.toData() });
    }
  }
  models.sort((a, b) => (a.entry.publishedAtMs ?? 0) - (b.entry.publishedAtMs ?? 0));
  return { opened, list, models, refused };
}

async function verified({ id, revision, variants, chunks, manifestBytes }: OpenedModel, list: JudgedList): Promise<VerifiedModel> {
  const entry = list.models.find((each) => each.id === id && each.revision === revision);
  if (!entry) throw untrustedBundle(list.superseded ? 'superseded' : 'unlisted', { id, revision });
  if (entry.withdrawn) {
    throw new SillError(
      'revision_refused',
      `Version ${shortRevision(revision)} of ${id} is not taken, because its publisher took it back: ${entry.withdrawn.reason}`,
      { details: { id, revision } },
    );
  }
  const { manifest, proof } = await list.manifest(entry, manifestBytes);
  const known = new Set<VariantId>(manifest.variants.map((variant) => variant.id));
  if (variants.length === 0 || variants.some((variant) => !known.has(variant))) throw invalidBundle('inconsistent', { id, revision });
  const signed = chunksOfAll(manifest, variants);
  const isSame = signed.length === chunks.length && signed.every((chunk, i) => sameBlob(chunk, chunks[i]));
  if (!isSame) throw invalidBundle('inconsistent', { id, revision });
  return { entry, manifest, proof, variants };
}

const sameBlob = (a: { digest: string; sizeBytes: number }, b: { digest: string; sizeBytes: number } | undefined): boolean =>
  a.digest === b?.digest && a.sizeBytes === b.sizeBytes;
