import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planChunks } from '../../src/core/chunking.ts';
import { parseRevisionId, type RevisionId } from '../../src/core/ids.ts';
import {
  canonicalManifest,
  MANIFEST_SCHEMA,
  type Manifest,
  type ManifestData,
  type ManifestFile,
  parseManifest,
} from '../../src/core/manifest.ts';
import { sha256 } from '../digests.ts';

/** What a publisher says about a model: the manifest without what follows from its files. */
export type About = Readonly<Omit<ManifestData, 'schema' | 'files'>>;

export interface Packed {
  readonly manifest: Manifest;
  readonly revision: RevisionId;
}

/**
 * Makes a model folder (Hugging Face layout) installable: cuts the files that its variants name into chunks, writes `manifest.json`
 * beside them and names the revision. Other files of the folder are left out.
 * @throws SillError `invalid_manifest` when the description is at fault
 */
export async function packFolder(folder: string, about: About): Promise<Packed> {
  const paths = [...new Set(about.variants.flatMap((variant) => variant.files))].sort();
  const files: ManifestFile[] = [];
  for (const path of paths) files.push(await describeFile(folder, path));
  const manifest = parseManifest({ ...about, schema: MANIFEST_SCHEMA, files });
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return { manifest, revision: parseRevisionId(sha256(canonicalManifest(manifest))) };
}

async function describeFile(folder: string, path: string): Promise<ManifestFile> {
  const full = join(folder, path);
  const { size } = await stat(full);
  const chunks: ManifestFile['chunks'] = [];
  const file = await open(full);
  try {
    for (const [offset, length] of planChunks(size)) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead !== length) throw new Error(`${path} changed while it was read`);
      chunks.push({ digest: sha256(buffer), sizeBytes: length });
    }
  } finally {
    await file.close();
  }
  return { path, sizeBytes: size, chunks };
}
