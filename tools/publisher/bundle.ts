import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, shortRevision, type VariantId } from '../../src/core/ids.ts';
import { filesOf, type Manifest, variantOf } from '../../src/core/manifest.ts';
import { targetName, targetPath } from '../../src/core/tuf/offers.ts';
import { type BundledModel, layOut, type PlannedVolume } from '../../src/delivery/bundle/layOut.ts';
import { writeTar } from '../../src/delivery/bundle/writeTar.ts';
import { createDigests } from '../../src/delivery/digests.ts';
import { sha256 } from '../digests.ts';
import { hasCode } from '../models/errno.ts';
import { findOffer } from './offers.ts';
import { packedModel } from './place.ts';
import { PublisherError } from './publisherError.ts';
import { metadataFolder, metadataName, readRepository } from './repository.ts';

export interface BundleWish {
  readonly id: string;
  /** The beginning of its digest; the newest by default. */
  readonly revision?: string;
}

export interface BundleOptions {
  readonly out: string;
  /** Of one file; all in one by default. */
  readonly volumeBytes?: number;
  /** Variants or dtypes; everything but reference variants by default. */
  readonly variants?: readonly string[];
}

export interface WrittenBundle {
  readonly files: ReadonlyArray<{ readonly path: string; readonly sizeBytes: number }>;
  readonly models: readonly BundledModel[];
}

/** Where the bytes of a chunk lie in the repository. */
interface Place {
  readonly path: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * Writes revisions of a repository as a bundle, with the signatures as they are: no key is needed. Every chunk is read and compared first.
 * @throws PublisherError `usage` | `invalid`; SillError `invalid_request` for volumes that are too small
 */
export async function writeBundle(repo: string, wishes: readonly BundleWish[], options: BundleOptions): Promise<WrittenBundle> {
  const { targets } = await readRepository(repo);
  const models: BundledModel[] = [];
  const places = new Map<Digest, Place>();
  for (const { id, revision } of wishes) {
    const { target, entry } = findOffer(targets.signed, id, revision);
    if (entry.withdrawn) {
      throw new PublisherError(
        'invalid',
        `${id} ${shortRevision(entry.revision)} was withdrawn: ${entry.withdrawn.reason} Publish a corrected one, or name an earlier one, as ${id}@98a2d22fc8d6.`,
      );
    }
    const file = join(
      repo,
      'targets',
      targetPath(targetName(entry), { length: target.length, hashes: { sha256: target.hashes.sha256 ?? '' } }),
    );
    const bytes = new Uint8Array(await readFile(file));
    const { manifest, path } = packedModel(bytes);
    const variants = variantsOf(manifest, options.variants);
    models.push({ id: entry.id, revision: entry.revision, manifest, manifestText: new TextDecoder().decode(bytes), variants });
    for (const variant of variants) for (const [digest, place] of placesOf(manifest, variant, join(repo, path))) places.set(digest, place);
  }
  const volumes = await layOut({ files: await signedFiles(repo), models }, createDigests(crypto.subtle), options.volumeBytes);
  const read = (digest: Digest) => readChunk(digest, places);
  const written: Array<{ path: string; sizeBytes: number }> = [];
  for (const [i, volume] of volumes.entries()) {
    const path = volumes.length === 1 ? options.out : partName(options.out, i + 1);
    await writeVolume(path, volume, read);
    written.push({ path, sizeBytes: volume.sizeBytes });
  }
  return { files: written, models };
}

/** `bundle.tar` becomes `bundle.part1.tar`. */
const partName = (out: string, number: number): string => `${out.replace(/\.tar$/, '')}.part${number}.tar`;

function variantsOf(manifest: Manifest, wanted: readonly string[] | undefined): VariantId[] {
  if (!wanted) return manifest.variants.filter((variant) => !variant.reference).map((variant) => variant.id);
  const found = manifest.variants.filter((variant) => wanted.includes(variant.id) || wanted.includes(variant.dtype));
  if (found.length > 0) return found.map((variant) => variant.id);
  throw new PublisherError(
    'usage',
    `${manifest.id} has no variant ${wanted.join(', ')}. It has: ${manifest.variants.map((variant) => variant.id).join(', ')}.`,
  );
}

function* placesOf(manifest: Manifest, variant: VariantId, folder: string): Generator<[Digest, Place]> {
  for (const file of filesOf(manifest, variantOf(manifest, variant))) {
    let offsetBytes = 0;
    for (const { digest, sizeBytes } of file.chunks) {
      yield [digest, { path: join(folder, file.path), offsetBytes, sizeBytes }];
      offsetBytes += sizeBytes;
    }
  }
}

/** The chain of roots from the first, and the files that are current, as they lie in the repository. */
async function signedFiles(repo: string): Promise<Record<string, string>> {
  const { root, timestamp, snapshot, targets } = await readRepository(repo);
  const names = Array.from({ length: root.signed.version }, (_, i) => `${i + 1}.root.json`);
  for (const { signed } of [timestamp, snapshot, targets]) names.push(metadataName(signed));
  const files: Record<string, string> = {};
  for (const name of names) files[name] = await readFile(join(metadataFolder(repo), name), 'utf8');
  return files;
}

async function readChunk(digest: Digest, places: ReadonlyMap<Digest, Place>): Promise<Blob> {
  const place = places.get(digest);
  if (!place) throw new PublisherError('failed', `No file of the repository holds ${digest}.`);
  const handle = await open(place.path).catch((reason: unknown) => {
    if (hasCode(reason, 'ENOENT', 'ENOTDIR'))
      throw new PublisherError('invalid', `${place.path} is missing. Publish the model again.`, reason);
    throw reason;
  });
  try {
    const { buffer } = await handle.read(Buffer.alloc(place.sizeBytes), 0, place.sizeBytes, place.offsetBytes);
    if (sha256(buffer) === digest) return new Blob([new Uint8Array(buffer)]);
    throw new PublisherError('invalid', `${place.path} differs from its manifest at byte ${place.offsetBytes}. Publish the model again.`);
  } finally {
    await handle.close();
  }
}

/** Half a bundle must not look like one. */
async function writeVolume(path: string, volume: PlannedVolume, chunk: (digest: Digest) => Promise<Blob>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'w');
  try {
    for await (const part of writeTar(volume, chunk))
      await file.write(part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part);
    // A stick is pulled out as soon as the command is done.
    await file.sync();
  } catch (reason) {
    await file.close();
    await rm(partial, { force: true });
    throw reason;
  }
  await file.close();
  await rename(partial, path);
}
