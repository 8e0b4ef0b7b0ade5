import { SillError } from '../../core/errors.ts';
import { type Digest, hexOf, type ModelId, type RevisionId, shortRevision, type VariantId } from '../../core/ids.ts';
import { chunksOf, variantOf } from '../../core/manifest.ts';
import { heldRevisions, type InstalledRevision } from '../../core/slots.ts';
import type { Proof, SignedFiles } from '../../core/trust.ts';
import { listedAs, signedFilesOf } from '../../core/tuf/signedFiles.ts';
import { type BundledModel, chunksOfAll, layOut } from '../../delivery/bundle/layOut.ts';
import { writeTar } from '../../delivery/bundle/writeTar.ts';
import type { CatalogSource, Digests } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { BundleFile } from '../../protocol/bundleReports.ts';

export interface BundleExportDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly digests: Digests;
}

export interface ExportWish {
  readonly id: ModelId;
  /** The one that runs by default. */
  readonly revision?: RevisionId;
  /** Those that are installed by default. */
  readonly variants?: readonly VariantId[];
}

interface Chosen extends BundledModel {
  readonly proof: Proof;
}

/**
 * Installed revisions as a bundle, put together from the Blobs in which they are stored: nothing is copied into memory.
 * @param volumeBytes the most that one file may have, as 4 GiB - 1 on FAT32
 * @throws SillError `model_not_installed` | `installation_damaged` | `invalid_request` | what the source throws for a revision whose signed form was
 *   not kept
 */
export async function exportBundle(
  deps: BundleExportDeps,
  wishes: readonly ExportWish[],
  { volumeBytes, signal }: { readonly volumeBytes?: number; readonly signal: AbortSignal },
): Promise<BundleFile[]> {
  const { store, digests } = deps;
  const chosen: Chosen[] = [];
  for (const wish of wishes) chosen.push(await choose(deps, wish, signal));
  const files = await commonFiles(deps, chosen);
  const volumes = await layOut({ files, models: chosen }, digests, volumeBytes);
  const name = nameOf(chosen);
  return Promise.all(
    volumes.map(async (volume, i) => {
      const parts: BlobPart[] = [];
      const chunk = async (digest: Digest) => (await store.chunks.get(digest)) ?? missing(digest);
      for await (const part of writeTar(volume, chunk)) parts.push(part);
      signal.throwIfAborted();
      return {
        name: volumes.length === 1 ? `${name}.tar` : `${name}.part${i + 1}.tar`,
        sizeBytes: volume.sizeBytes,
        blob: new Blob(parts, { type: 'application/x-tar' }),
      };
    }),
  );
}

async function choose({ store, source }: BundleExportDeps, wish: ExportWish, signal: AbortSignal): Promise<Chosen> {
  const { id } = wish;
  const slots = await store.models.slots(id);
  const held = slots && heldRevisions(slots).find(({ revision }) => revision === (wish.revision ?? slots.active?.revision));
  const manifest = held && (await store.models.manifest(held.revision));
  if (!held || !manifest) {
    throw new SillError('model_not_installed', `${id} is not on this device in that version, so that it cannot be exported.`, {
      details: { id, ...(wish.revision ? { revision: wish.revision } : {}) },
    });
  }
  const variants = wish.variants ?? [held.variant];
  for (const variant of variants) variantOf(manifest, variant);
  const needed = chunksOfAll(manifest, variants).map((chunk) => chunk.digest);
  const gone = new Set(await store.chunks.missing(needed));
  const incomplete = variants.find((variant) => chunksOf(manifest, variantOf(manifest, variant)).some((chunk) => gone.has(chunk.digest)));
  if (incomplete !== undefined) {
    throw new SillError(
      'installation_damaged',
      incomplete === held.variant
        ? `Parts of ${id} are missing on this device, so that it cannot be exported. Verify it in Models, and install it again.`
        : `${id} is on this device as ${held.variant} and not as ${incomplete}. Only what is installed can be exported.`,
      { details: { id, variant: incomplete, missing: [...gone].slice(0, 16) } },
    );
  }
  const proof = (await store.models.proof(held.revision)) ?? (await fetchedProof(source, id, held, signal));
  return { id, revision: held.revision, manifest, manifestText: proof.manifest, variants, proof };
}

/** For what was installed by a version of the app that kept no proof: the publisher's server still has it. */
async function fetchedProof(source: CatalogSource, id: ModelId, { revision }: InstalledRevision, signal: AbortSignal): Promise<Proof> {
  const { models } = await source.catalog(signal);
  const entry = models.find((each) => each.id === id && each.revision === revision);
  const proof = entry && (await source.proof?.(entry, signal));
  if (proof) return proof;
  throw new SillError(
    'unknown_model',
    `Nothing on this device shows that version ${shortRevision(revision)} of ${id} is signed, and its publisher no longer offers it: another ` +
      'device would refuse it. Update the model, and export it then.',
    { details: { id, revision } },
  );
}

/**
 * One list that names all of them, the newest that does: where the publisher has dropped one since, that with which it was installed.
 * @throws SillError `invalid_request` when there is none for all
 */
async function commonFiles({ store, digests }: BundleExportDeps, chosen: readonly Chosen[]): Promise<SignedFiles> {
  const trusted = await store.trust.read();
  const candidates = [...(trusted ? [signedFilesOf(trusted)] : []), ...chosen.map(({ proof }) => proof.files)];
  const hashes = new Map<RevisionId, string>();
  for (const { revision, manifestText } of chosen) hashes.set(revision, await hexSha256(manifestText, digests));
  for (const files of candidates) {
    const [, targets] = Object.entries(files).find(([name]) => name.endsWith('.targets.json')) ?? [];
    if (targets !== undefined && chosen.every(({ revision }) => listedAs(targets, revision, hashes.get(revision) ?? ''))) return files;
  }
  throw new SillError(
    'invalid_request',
    'These versions were never offered together by their publisher, so that one signature cannot cover them. Export them one by one.',
    { details: { ids: chosen.map(({ id }) => id) } },
  );
}

const hexSha256 = async (text: string, digests: Digests): Promise<string> => hexOf(await digests.sha256(new TextEncoder().encode(text)));

function nameOf(chosen: readonly Chosen[]): string {
  const [first] = chosen;
  if (!first) return 'models';
  return chosen.length === 1 ? `${first.id.replaceAll(/[^\w.-]/g, '-')}-${shortRevision(first.revision)}` : `models-${chosen.length}`;
}

const missing = (digest: Digest): never => {
  throw new SillError('installation_damaged', 'A part of the model went missing while it was exported. Verify it in Models.', {
    details: { digest },
  });
};
