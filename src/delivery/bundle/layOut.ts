import {
  type Blobref,
  blobFile,
  EMPTY_TEXT,
  INDEX_FILE,
  LAYOUT_FILE,
  LAYOUT_TEXT,
  type VolumeMark,
  writeCatalogDocument,
  writeIndex,
  writeModelDocument,
} from '../../core/bundle/layout.ts';
import { entryBytes, planVolumes, TAR_END_BYTES } from '../../core/bundle/volumes.ts';
import type { Digest, ModelId, RevisionId, VariantId } from '../../core/ids.ts';
import { chunksOf, type Manifest, variantOf } from '../../core/manifest.ts';
import type { SignedFiles } from '../../core/trust.ts';
import type { Digests } from '../../ports/delivery.ts';

export interface BundledModel {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly manifest: Manifest;
  /** As it was signed. */
  readonly manifestText: string;
  readonly variants: readonly VariantId[];
}

/** An entry of an archive: text that is known, or a chunk that lies somewhere. */
export type PlannedEntry = { readonly name: string; readonly sizeBytes: number } & (
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly chunk: Digest }
);

export interface PlannedVolume {
  readonly entries: readonly PlannedEntry[];
  readonly sizeBytes: number;
}

/**
 * Where everything lies in a bundle: the same for the same models and signatures, byte by byte. Every volume is an archive in the order
 * of an OCI image layout (oci-layout, index.json, blobs), with the lists before the chunks.
 * @throws SillError `invalid_request` for volumes that are too small
 */
export async function layOut(
  { files, models }: { readonly files: SignedFiles; readonly models: readonly BundledModel[] },
  digests: Digests,
  volumeBytes?: number,
): Promise<PlannedVolume[]> {
  const documents = new Map<string, PlannedEntry>();
  const add = async (text: string): Promise<Blobref> => {
    const { bytes, digest } = await hashed(text, digests);
    documents.set(digest, { name: blobFile(digest), sizeBytes: bytes.length, bytes });
    return { digest, sizeBytes: bytes.length };
  };
  const named: Array<Blobref & { name: string; text: string }> = [];
  for (const [name, text] of Object.entries(files).sort(([a], [b]) => byVersion(a, b))) {
    const { bytes, digest } = await hashed(text, digests);
    named.push({ name, text, digest, sizeBytes: bytes.length });
  }
  const catalog = await add(writeCatalogDocument({ files: named.map(({ text: _, ...file }) => file) }));
  await add(EMPTY_TEXT);
  for (const { text } of named) await add(text);

  const chunks = new Map<Digest, PlannedEntry>();
  const listed: Array<Blobref & { id: ModelId; revision: RevisionId }> = [];
  for (const { id, revision, manifest, manifestText, variants } of models) {
    const own = chunksOfAll(manifest, variants);
    const { bytes, digest } = await hashed(manifestText, digests);
    const document = writeModelDocument({ id, revision, variants, manifest: { digest, sizeBytes: bytes.length }, chunks: own });
    listed.push({ id, revision, ...(await add(document)) });
    await add(manifestText);
    for (const chunk of own) chunks.set(chunk.digest, { name: blobFile(chunk.digest), sizeBytes: chunk.sizeBytes, chunk: chunk.digest });
  }

  const contents = { catalog, models: listed };
  const { digest: bundle } = await hashed(writeIndex(contents), digests);
  const headOf = (volume: VolumeMark): PlannedEntry[] => [
    entryOf(LAYOUT_FILE, LAYOUT_TEXT),
    entryOf(INDEX_FILE, writeIndex(contents, volume)),
  ];
  const all = [...chunks.values()];
  const plan = { head: headOf({ bundle, number: 1, count: 1 }), documents: [...documents.values()], chunks: all };
  const counts = planVolumes(plan, volumeBytes);
  let from = 0;
  return counts.map((count, index) => {
    const head = headOf({ bundle, number: index + 1, count: counts.length });
    const entries = [...head, ...(index === 0 ? plan.documents : []), ...all.slice(from, from + count)];
    from += count;
    return { entries, sizeBytes: entries.reduce((sum, { sizeBytes }) => sum + entryBytes(sizeBytes), TAR_END_BYTES) };
  });
}

/** The chunks of several variants, each once, in the order of the files. */
export function chunksOfAll(manifest: Manifest, variants: readonly VariantId[]): Blobref[] {
  const seen = new Map<Digest, Blobref>();
  for (const id of variants) {
    for (const { digest, sizeBytes } of chunksOf(manifest, variantOf(manifest, id))) seen.set(digest, { digest, sizeBytes });
  }
  return [...seen.values()];
}

const entryOf = (name: string, text: string): PlannedEntry => {
  const bytes = new TextEncoder().encode(text);
  return { name, sizeBytes: bytes.length, bytes };
};

async function hashed(text: string, digests: Digests): Promise<{ bytes: Uint8Array<ArrayBuffer>; digest: Digest }> {
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: await digests.sha256(bytes) };
}

const ROLE_ORDER = ['root', 'timestamp', 'snapshot', 'targets'];

/** As a device reads them: roots upwards, then what hangs on the last. */
function byVersion(a: string, b: string): number {
  const rank = (name: string) => ROLE_ORDER.findIndex((role) => name.includes(role));
  return rank(a) - rank(b) || Number.parseInt(a, 10) - Number.parseInt(b, 10);
}
