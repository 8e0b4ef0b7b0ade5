import { SillError } from '../core/errors.ts';
import type { Stored } from './blobs.ts';

/** An array of bytes is what a Blob is made of; a buffer is stored as it is. */
export type ToStore = Stored | Uint8Array<ArrayBuffer>;

/** Takes bytes that are on their way into the database out of memory. */
export interface Spool {
  /**
   * Lends `use` a Blob in place of each array of bytes until it has ended.
   * @throws what `use` throws
   */
  through<T>(pieces: readonly ToStore[], use: (lent: readonly Stored[]) => Promise<T>): Promise<T>;
}

/** A folder of the origin's private file system, as a worker sees it (https://fs.spec.whatwg.org/). */
export interface SpoolFolder {
  getFileHandle(name: string, options: { create: true }): Promise<SpoolFile>;
  removeEntry(name: string): Promise<void>;
}

interface SpoolFile {
  createSyncAccessHandle(): Promise<{ write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number; close(): void }>;
  getFile(): Promise<Blob>;
}

/**
 * Through files, whose Blobs have no bytes in memory. Those of a Blob that is made of bytes lie in the browser's process and once more in ours until the collector
 * of its realm has come for the object, for whom it weighs nothing: a worker that stores a model front to back hardly makes garbage, and both kept all that it
 * had stored. 600 MiB into the database in pieces of 5 MiB, Chromium 156: 1,207 MiB above idle and 3.9 s; so 17 MiB and 3.5 s.
 *
 * Where there are no such files (private windows), or the store does not take them, it lends Blobs of bytes.
 */
export function createFileSpool(openFolder: () => Promise<SpoolFolder | undefined> = openSpool): Spool {
  let works = true;
  return {
    async through<T>(pieces: readonly ToStore[], use: (lent: readonly Stored[]) => Promise<T>) {
      const bytes = pieces.filter((piece) => piece instanceof Uint8Array);
      const lend = (blobs?: ReadonlyMap<Uint8Array, Blob>): Promise<T> =>
        use(pieces.map((piece) => (piece instanceof Uint8Array ? (blobs?.get(piece) ?? new Blob([piece])) : piece)));
      if (bytes.length === 0 || !works) return lend();
      // What is wrong with a disk is told by whoever stores, in words for a person.
      const written = await write(await openFolder().catch(() => undefined), bytes).catch(() => undefined);
      if (!written) return lend();
      try {
        return await lend(written.blobs);
      } catch (reason) {
        if (!(reason instanceof SillError && reason.code === 'storage_unavailable')) throw reason;
      } finally {
        await written.remove();
      }
      const result = await lend();
      works = false;
      return result;
    },
  };
}

/** In the origin's private file system. Nothing in it is worth keeping once the worker that wrote it is gone. */
const FOLDER = 'sill-spool';

async function openSpool(): Promise<SpoolFolder | undefined> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  return isWorkers(folder) ? folder : undefined;
}

/** A page's lends no access to a file at once. */
const isWorkers = (_folder: FileSystemDirectoryHandle): _folder is FileSystemDirectoryHandle & SpoolFolder =>
  'createSyncAccessHandle' in FileSystemFileHandle.prototype;

/**
 * Removes what workers left that were ended in the middle. Where the browser has no such folder, or somebody still writes to it, nothing is done; whoever
 * is about to store from it stores from memory.
 */
export async function clearSpool(): Promise<void> {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(FOLDER, { recursive: true });
  } catch {
    // There is none: nothing was ever written, or it is gone already.
  }
}

async function write(folder: SpoolFolder | undefined, pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>) {
  if (!folder) return undefined;
  const name = crypto.randomUUID();
  // What stays is removed with the folder, by the next engine.
  const remove = () => folder.removeEntry(name).catch(() => undefined);
  try {
    const handle = await folder.getFileHandle(name, { create: true });
    const places = writeAll(await handle.createSyncAccessHandle(), pieces);
    const file = await handle.getFile();
    return { blobs: new Map([...places].map(([bytes, [start, end]]) => [bytes, file.slice(start, end)])), remove };
  } catch (reason) {
    await remove();
    throw reason;
  }
}

/** @returns where each piece lies */
function writeAll(
  access: Awaited<ReturnType<SpoolFile['createSyncAccessHandle']>>,
  pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>,
): Map<Uint8Array, readonly [start: number, end: number]> {
  const places = new Map<Uint8Array, readonly [start: number, end: number]>();
  let end = 0;
  try {
    for (const bytes of pieces) {
      const start = end;
      end += access.write(bytes, { at: start });
      if (end < start + bytes.length) throw new DOMException('Less was written than was given.', 'QuotaExceededError');
      places.set(bytes, [start, end]);
    }
    return places;
  } finally {
    access.close();
  }
}
