import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Catalog } from '../../src/core/catalog.ts';
import { createDigests } from '../../src/delivery/digests.ts';
import { createSignatures } from '../../src/delivery/tuf/signatures.ts';
import { createTufCatalog } from '../../src/delivery/tuf/tufCatalog.ts';
import type { CatalogSource, Fetcher } from '../../src/ports/delivery.ts';
import { memoryTrust } from '../../src/storage/memoryTrust.ts';
import { hasCode } from '../models/errno.ts';
import { checkFiles } from './checkFiles.ts';
import type { Places } from './publisher.ts';

const fromDisk: Fetcher = async (url) => {
  try {
    return new Response(new Uint8Array(await readFile(fileURLToPath(url))));
  } catch (reason) {
    if (hasCode(reason, 'ENOENT', 'ENOTDIR')) return new Response(null, { status: 404 });
    throw reason;
  }
};

/** The catalog of a folder, by the code that runs in the page. */
export async function catalogOf({ repo, trust }: Pick<Places, 'repo' | 'trust'>, now: () => number): Promise<CatalogSource> {
  return createTufCatalog({
    baseUrl: `${pathToFileURL(resolve(repo)).href}/`,
    shipped: { root: await readFile(join(trust, 'root.json'), 'utf8'), floor: await readFile(join(trust, 'floor.json'), 'utf8') },
    trust: memoryTrust(),
    fetcher: fromDisk,
    digests: createDigests(crypto.subtle),
    signatures: createSignatures(crypto.subtle),
    clock: { now },
  });
}

/**
 * Reads a repository as a device that meets it for the first time would, down to every manifest; with `files` also every byte of
 * what is offered.
 * @throws SillError of the first fault | PublisherError `invalid`
 */
export async function verify(places: Places, now: () => number, files: boolean): Promise<Catalog> {
  const source = await catalogOf(places, now);
  const catalog = await source.catalog();
  for (const entry of catalog.models) {
    const manifest = await source.manifest(entry);
    if (files && !entry.withdrawn) await checkFiles(join(places.repo, entry.path), manifest);
  }
  return catalog;
}
