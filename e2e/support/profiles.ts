import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './site.ts';

export interface Profiles {
  /** The folder of that name; it is made where there is none yet. @param make fills an empty folder */
  once(name: string, make: (folder: string) => Promise<void>): Promise<string>;
}

/** One process after the other works in a place, never two at once. */
export function profilesOf(place: string): Profiles {
  const made = new Map<string, Promise<string>>();
  const find = async (name: string, make: (folder: string) => Promise<void>): Promise<string> => {
    const folder = join(place, createHash('sha256').update(name).digest('hex').slice(0, 16));
    if (await isThere(folder)) return folder;
    // A process that is ended in the middle leaves nothing that looks whole.
    const making = await mkdtemp(join(place, 'making-'));
    await make(making);
    await rename(making, folder);
    return folder;
  };
  return {
    once(name, make) {
      const folder = made.get(name) ?? find(name, make);
      made.set(name, folder);
      return folder;
    },
  };
}

/** The port of the app in a place: what a profile stores belongs to it. */
export async function portOf(place: string): Promise<number> {
  const file = join(place, 'port');
  if (await isThere(file)) return Number(await readFile(file, 'utf8'));
  const port = await freePort();
  await mkdir(place, { recursive: true });
  await writeFile(file, String(port));
  return port;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
