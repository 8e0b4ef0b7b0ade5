import { SillError } from './errors.ts';
import { expectedManifest, type HubDescription, type HubFile, manifestOfHub } from './hubModel.ts';
import type { Digest, ModelId } from './ids.ts';
import type { Manifest, ManifestChunk } from './manifest.ts';
import { sourceChanged } from './sources.ts';

/** A file that nobody described, as far as it is on the device: chunks from its beginning. */
export interface AdoptingFile extends HubFile {
  readonly chunks: readonly ManifestChunk[];
}

/** A model that comes from a server which signs nothing, for the first time: its chunks are known once their bytes are. */
export interface Adoption {
  /** Of the server, with a slash at its end. */
  readonly url: string;
  readonly commit: string;
  /** With the one variant that is fetched. */
  readonly description: HubDescription;
  /** Of that variant, as the server stated them when the model was asked for. */
  readonly files: readonly AdoptingFile[];
}

/** What will be fetched of a model that was looked up. */
export function beginAdoption(
  { url, commit, description, files }: Pick<Adoption, 'url' | 'commit' | 'description'> & { readonly files: readonly HubFile[] },
  variant: string,
): Adoption {
  const variants = description.variants.filter((each) => each.id === variant);
  const wanted = new Set(variants.flatMap((each) => each.files));
  return {
    ...{ url, commit, description: { ...description, variants } },
    files: files
      .filter(({ path }) => wanted.has(path))
      .map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, ...(sha256 === undefined ? {} : { sha256 }), chunks: [] })),
  };
}

/** What is on the device of it, or is about to be. */
export const digestsOf = ({ files }: Adoption): Digest[] => files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest));

export const chunkBytes = (chunks: readonly ManifestChunk[]): number => chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** Of the right sizes; digests of what has not arrived stand for bytes that nobody has seen yet. */
export const manifestSoFar = ({ description, files }: Adoption): Manifest => expectedManifest(description, files);

/** When everything is here. @throws SillError `invalid_manifest` */
export function manifestOfAdoption({ description, files }: Adoption, variant: string): Manifest {
  const described = files.map(({ path, chunks }) => ({
    path,
    sizeBytes: chunkBytes(chunks),
    chunks: chunks.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
  }));
  return manifestOfHub(description, variant, described);
}

/**
 * Notes chunks that follow the first `from` of a file. Where they were noted before, by a try that was cut off, they have to be the same.
 * @throws SillError `source_changed` for other bytes than those that came first | `aborted` when the file was begun anew meanwhile
 */
export function withChunks(
  adoption: Adoption,
  id: ModelId,
  { path, from, chunks }: { readonly path: string; readonly from: number; readonly chunks: readonly ManifestChunk[] },
): Adoption {
  const file = adoption.files.find((each) => each.path === path);
  if (!file || from > file.chunks.length) throw new SillError('aborted', `The download of ${id} was begun anew. This try of it has ended.`);
  if (chunks.some(({ digest }, index) => (file.chunks[from + index]?.digest ?? digest) !== digest)) throw sourceChanged(id, path);
  const fresh = chunks.slice(file.chunks.length - from);
  return { ...adoption, files: adoption.files.map((each) => (each === file ? { ...file, chunks: [...file.chunks, ...fresh] } : each)) };
}

/** Begins from nothing: bytes that cannot be true must not be where the next try goes on. */
export const withoutChunks = (adoption: Adoption): Adoption => ({
  ...adoption,
  files: adoption.files.map((file) => ({ ...file, chunks: [] })),
});

/** @throws SillError `source_changed` when a server now states other sizes or digests under the commit than when its model was asked for first */
export function assertSameFiles(id: ModelId, before: readonly HubFile[], now: readonly HubFile[]): void {
  const stated = new Map(now.map((file) => [file.path, file]));
  for (const { path, sizeBytes, sha256 } of before) {
    const file = stated.get(path);
    const isOther = file?.sha256 !== undefined && sha256 !== undefined && file.sha256 !== sha256;
    if (file?.sizeBytes !== sizeBytes || isOther) throw sourceChanged(id, path);
  }
}
