import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCatalog } from '../../../src/core/catalog.ts';
import { type Manifest, parseManifest } from '../../../src/core/manifest.ts';

export interface BuiltModel {
  readonly manifest: Manifest;
  readonly folder: string;
}

/** A model that `tools/models.ts` built, by the catalog of its tree. */
export async function builtModel(root: string, id: string): Promise<BuiltModel> {
  const catalog = parseCatalog(await json(join(root, 'catalog.json')));
  const entry = catalog.models.find((model) => model.id === id);
  if (!entry) throw new Error(`${root} has no ${id}: run tools/models.ts --with-reference first`);
  const folder = join(root, entry.path);
  return { folder, manifest: parseManifest(await json(join(folder, 'manifest.json'))) };
}

export const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
