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
  /** Whether Blobs that are lent from now on are of files. */
  readonly isUsed: boolean;
  /** From now on they are made of the bytes themselves: what was lent was not copied, or there is no room for it twice. */
  giveUp(): void;
}

/** A folder of the origin's private file system, as a worker sees it (https://fs.spec.whatwg.org/). */
export interface SpoolFolder {
  getFileHandle(name: string, options: { create: true }): Promise<SpoolFile>;
  removeEntry(name: string): Promise<void>;
}

interface SpoolFile {
  createSyncAccessHandle(): Promise<SpoolAccess>;
  getFile(): Promise<Blob>;
}

interface SpoolAccess {
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(sizeBytes: number): void;
  close(): void;
}

/** One is written while another is stored, over and over: to create, lock, close and remove one is a round trip to the browser's process each. */
const OPEN_MS = 1_000;

/**
 * Through files, whose Blobs have no bytes in memory. Those of a Blob that is made of bytes lie in the browser's process and once more in ours until the collector
 * of its realm has come for the object, for whom it weighs nothing: a worker that stores a model front to back hardly makes garbage, and both kept all that it
 * had stored. 600 MiB into the database in pieces of 5 MiB, Chromium 156: 1,207 MiB above idle and 3.9 s; so 17 MiB and 3.5 s.
 *
 * Where there are no such files, or the store does not take them or does not copy them (Chromium's private windows), it lends Blobs of bytes.
 */
export function createFileSpool(openFolder: () => Promise<SpoolFolder | undefined> = openSpool): Spool {
  let works = true;
  const idle: OpenFile[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closeIdle = (): void => {
    for (const file of idle.splice(0)) void file.remove();
  };
  const giveBack = (file: OpenFile): void => {
    if (works && file.empty()) idle.push(file);
    else void file.remove();
    clearTimeout(timer);
    timer = setTimeout(closeIdle, OPEN_MS);
  };
  /** Undefined where it cannot be: what is wrong with a disk is told by whoever stores, in words for a person. */
  const write = async (pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>) => {
    const file =
      idle.pop() ??
      (await openFolder()
        .then((folder) => folder && OpenFile.open(folder))
        .catch(() => undefined));
    const blobs = await file?.write(pieces).catch(() => undefined);
    if (blobs) return { blobs, done: () => file && giveBack(file) };
    await file?.remove();
    return undefined;
  };
  return {
    get isUsed() {
      return works;
    },
    giveUp() {
      works = false;
      // An open file has room that is counted, as much as it had at its largest and more.
      closeIdle();
    },
    async through<T>(pieces: readonly ToStore[], use: (lent: readonly Stored[]) => Promise<T>) {
      const bytes = pieces.filter((piece) => piece instanceof Uint8Array);
      const lend = (blobs?: ReadonlyMap<Uint8Array, Blob>): Promise<T> =>
        use(pieces.map((piece) => (piece instanceof Uint8Array ? (blobs?.get(piece) ?? new Blob([piece])) : piece)));
      const written = bytes.length > 0 && works ? await write(bytes) : undefined;
      if (!written) return lend();
      try {
        return await lend(written.blobs);
      } catch (reason) {
        if (!(reason instanceof SillError && reason.code === 'storage_unavailable')) throw reason;
      } finally {
        written.done();
      }
      const result = await lend();
      works = false;
      return result;
    },
  };
}

/** A new one, to be written, and how it is removed. What stays is removed with the folder, by the next engine. */
export async function createFile(folder: SpoolFolder): Promise<{ file: SpoolFile; access: SpoolAccess; drop: () => Promise<void> }> {
  const name = crypto.randomUUID();
  const drop = () => folder.removeEntry(name).catch(() => undefined);
  try {
    const file = await folder.getFileHandle(name, { create: true });
    return { file, access: await file.createSyncAccessHandle(), drop };
  } catch (reason) {
    await drop();
    throw reason;
  }
}

class OpenFile {
  private constructor(
    private readonly file: SpoolFile,
    private readonly access: SpoolAccess,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(folder: SpoolFolder): Promise<OpenFile> {
    const { file, access, drop } = await createFile(folder);
    return new OpenFile(file, access, drop);
  }

  /** @returns Blobs of them, until it is emptied */
  async write(pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>): Promise<Map<Uint8Array, Blob>> {
    const places = new Map<Uint8Array, readonly [start: number, end: number]>();
    let end = 0;
    for (const bytes of pieces) {
      const start = end;
      end += this.access.write(bytes, { at: start });
      if (end < start + bytes.length) throw new DOMException('Less was written than was given.', 'QuotaExceededError');
      places.set(bytes, [start, end]);
    }
    const file = await this.file.getFile();
    if (file.size !== end) throw new DOMException('The file is not what was written.', 'InvalidStateError');
    return new Map([...places].map(([bytes, [from, to]]) => [bytes, file.slice(from, to)]));
  }

  /** Gives the disk its room back. @returns false where it cannot be used again */
  empty(): boolean {
    try {
      this.access.truncate(0);
      return true;
    } catch {
      // A file that is not emptied must not be written into again: whatever it has more than that would be taken for stored bytes.
      return false;
    }
  }

  remove(): Promise<void> {
    this.access.close();
    return this.drop();
  }
}

/** Nothing in it is worth keeping once the worker that wrote it is gone. */
const FOLDER = 'sill-spool';

export async function openSpool(): Promise<SpoolFolder | undefined> {
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
