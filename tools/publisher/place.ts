import { copyFile, mkdir, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hexOf, parseRevisionId, type RevisionId } from '../../src/core/ids.ts';
import { canonicalManifest, type Manifest, parseManifest } from '../../src/core/manifest.ts';
import { targetName, targetPath } from '../../src/core/tuf/offers.ts';
import { sha256 } from '../digests.ts';
import { unlessCode } from '../models/errno.ts';
import { SIGNED_FOLDERS } from '../models/publish.ts';
import { settle, withStaging } from '../models/staging.ts';
import { writeWhole } from '../models/stamp.ts';
import { checkFiles } from './checkFiles.ts';
import { PublisherError } from './publisherError.ts';

const REVISION_DIGITS = 16;

export interface PackedModel {
  readonly manifest: Manifest;
  /** As it lies in the folder: what is signed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly revision: RevisionId;
  /** Below the repository. */
  readonly path: string;
}

/** Reads a folder that `pack` has made. @throws PublisherError `invalid` | SillError `invalid_manifest` */
export async function readPacked(folder: string): Promise<PackedModel> {
  const bytes = await readFile(join(folder, 'manifest.json')).catch(unlessCode('ENOENT', 'ENOTDIR'));
  if (!bytes) throw new PublisherError('invalid', `${folder} has no manifest.json. Make it: npm run sill -- pack ${folder}`);
  return packedModel(new Uint8Array(bytes));
}

export function packedModel(bytes: Uint8Array<ArrayBuffer>): PackedModel {
  const manifest = parseManifest(JSON.parse(new TextDecoder().decode(bytes)));
  const [first = ''] = manifest.id.split('/');
  if (SIGNED_FOLDERS.includes(first))
    throw new PublisherError('invalid', `No model can be called ${manifest.id}: ${first}/ is the catalog's own folder.`);
  const revision = parseRevisionId(sha256(canonicalManifest(manifest)));
  return { manifest, bytes, revision, path: `${manifest.id}/${hexOf(revision).slice(0, REVISION_DIGITS)}` };
}

/** Copies the files of a packed folder to their place in the repository and reads each of them again. */
export async function placeFiles(repo: string, folder: string, { manifest, path }: PackedModel): Promise<void> {
  const parent = join(repo, '.staging');
  await withStaging(parent, async (staging) => {
    const staged = join(staging, 'model');
    for (const file of ['manifest.json', ...manifest.files.map((each) => each.path)]) {
      await mkdir(dirname(join(staged, file)), { recursive: true });
      await copyFile(join(folder, file), join(staged, file));
    }
    await checkFiles(staged, manifest);
    await settle(staged, join(repo, path));
  });
  // Another publisher may be copying there.
  await rmdir(parent).catch(unlessCode('ENOTEMPTY', 'ENOENT'));
}

/** Lays the manifest where devices look for it, under the name of its content. */
export async function placeManifest(repo: string, model: PackedModel): Promise<void> {
  const digest = sha256(model.bytes).slice('sha256:'.length);
  const path = targetPath(targetName(model), { length: model.bytes.length, hashes: { sha256: digest } });
  await writeWhole(join(repo, 'targets', path), new TextDecoder().decode(model.bytes));
}
