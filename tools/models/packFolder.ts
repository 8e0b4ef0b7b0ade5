import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRevisionId, type RevisionId } from '../../src/core/ids.ts';
import { canonicalManifest, MANIFEST_SCHEMA, type Manifest, type ManifestData, parseManifest } from '../../src/core/manifest.ts';
import { sha256 } from '../digests.ts';
import { cutFiles } from './cutFiles.ts';

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
  const files = await cutFiles(folder, paths);
  const manifest = parseManifest({ ...about, schema: MANIFEST_SCHEMA, files });
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return { manifest, revision: parseRevisionId(sha256(canonicalManifest(manifest))) };
}
