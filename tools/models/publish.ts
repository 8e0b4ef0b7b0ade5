import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOG_SCHEMA, type Catalog, type CatalogEntry, parseCatalog } from '../../src/core/catalog.ts';
import { hexOf, parseModelId } from '../../src/core/ids.ts';
import type { Packed } from './packFolder.ts';
import { settle } from './staging.ts';
import { writeWhole } from './stamp.ts';

const REVISION_DIGITS = 16;
/** Made by whoever signs: they change without the models, and are no models. */
export const SIGNED_FOLDERS: readonly string[] = ['metadata', 'targets'];

/**
 * Moves a packed folder to its place in the tree that is served: `<root>/<id>/<revision>/`. The name follows from the content, so
 * whoever is reading an older revision is not disturbed.
 */
export async function placeRevision(root: string, staged: string, { manifest, revision }: Packed): Promise<CatalogEntry> {
  const path = `${manifest.id}/${hexOf(revision).slice(0, REVISION_DIGITS)}`;
  // A folder of that name holds the same files, unless someone damaged them.
  await settle(staged, join(root, path));
  return { id: parseModelId(manifest.id), revision, channel: 'stable', path };
}

/** Replaces the list of models, as the last step: what it names is there. */
export async function writeCatalog(root: string, models: readonly CatalogEntry[]): Promise<Catalog> {
  const catalog = parseCatalog({ schema: CATALOG_SCHEMA, models });
  await writeWhole(join(root, 'catalog.json'), `${JSON.stringify(catalog, undefined, 1)}\n`);
  return catalog;
}

/**
 * Removes revisions that the catalog no longer names, and files of killed runs.
 * @param others revisions that somebody else published here
 */
export async function prune(root: string, catalog: Catalog, others: readonly Pick<CatalogEntry, 'id' | 'path'>[] = []): Promise<void> {
  const ids = new Set(catalog.models.map((entry) => entry.id));
  const kept = [...catalog.models, ...others.filter(({ id }) => !ids.has(id))].map((entry) => `${entry.path}/`);
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) {
      if (entry.name.endsWith('.partial')) await rm(join(root, entry.name), { force: true });
      continue;
    }
    if (SIGNED_FOLDERS.includes(entry.name) || entry.name.startsWith('.')) continue;
    const revisions = await readdir(join(root, entry.name));
    const stale = revisions.filter((revision) => !kept.some((path) => path.startsWith(`${entry.name}/${revision}/`)));
    for (const revision of stale) await rm(join(root, entry.name, revision), { recursive: true });
    if (stale.length === revisions.length) await rm(join(root, entry.name), { recursive: true });
  }
}
