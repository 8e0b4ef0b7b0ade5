import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unlessCode } from './errno.ts';

/** Work of a run that was killed this long ago is cleared away; younger work may be another run's. */
const ABANDONED_MS = 60 * 60 * 1000;
const PREFIX = '.partial-';

/** Gives `use` an empty folder inside `parent`, on the same disk, and removes what is left of it afterwards. */
export async function withStaging<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const { mtimeMs } = await stat(join(parent, name));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(join(parent, name), { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(parent, PREFIX));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Gives a finished folder its name, in place of what has it. The old one is moved aside, not deleted first, so that a reader misses
 * the name for no longer than two renames take. If another run was quicker, its folder stays.
 * @param folder inside a folder of `withStaging`, which clears the old one away
 */
export async function settle(folder: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rename(target, `${folder}.replaced`).catch(unlessCode('ENOENT'));
  await rename(folder, target).catch(unlessCode('ENOTEMPTY', 'EEXIST'));
}
