import { afterEach, describe, expect, test, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { Stored } from './blobs.ts';
import { createFileSpool, type SpoolFolder } from './fileSpool.ts';

const PIECES = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4, 5)];
const bytesOf = (lent: readonly Stored[]) =>
  Promise.all(lent.map(async (each) => [...new Uint8Array(each instanceof Blob ? await each.arrayBuffer() : each)]));

/** A folder in memory, on a disk that takes so many bytes a file. */
function folderOf(roomBytes = Number.POSITIVE_INFINITY) {
  const files = new Map<string, number[]>();
  const open = { handles: 0 };
  let made = 0;
  const folder: SpoolFolder = {
    async getFileHandle(name) {
      made += 1;
      const content: number[] = [];
      files.set(name, content);
      return {
        async createSyncAccessHandle() {
          open.handles += 1;
          return {
            write(bytes, { at }) {
              const taken = bytes.subarray(0, Math.max(0, roomBytes - at));
              content.splice(at, taken.length, ...taken);
              return taken.length;
            },
            truncate: (sizeBytes) => void content.splice(sizeBytes),
            close: () => void open.handles--,
          };
        },
        getFile: async () => new Blob([Uint8Array.from(content)]),
      };
    },
    async removeEntry(name) {
      files.delete(name);
    },
  };
  const held = () => [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return { folder, files, made: () => made, held, openHandles: () => open.handles };
}

afterEach(() => vi.useRealTimers());

describe('bytes on their way into the store', () => {
  test('go through a file that is emptied, used again, and gone a little later', async () => {
    vi.useFakeTimers();
    const { folder, files, made, held, openHandles } = folderOf();
    const spool = createFileSpool(async () => folder);
    const told = await spool.through(PIECES, async (blobs) => {
      expect(held()).toBe(5);
      return bytesOf(blobs);
    });
    expect(told).toEqual([[1, 2, 3], [], [4, 5]]);
    expect([held(), made()]).toEqual([0, 1]);
    await expect(spool.through(PIECES, () => Promise.reject(new SillError('aborted', 'stopped')))).rejects.toMatchObject({
      code: 'aborted',
    });
    expect([held(), made()]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([files.size, openHandles()]).toEqual([0, 0]);
    expect(await spool.through([Uint8Array.of(6)], bytesOf)).toEqual([[6]]);
    expect(made()).toBe(2);
  });

  test('that come at the same time have a file each', async () => {
    const { folder, made } = folderOf();
    const spool = createFileSpool(async () => folder);
    const outer = await spool.through([Uint8Array.of(1)], async (lent) => [
      await spool.through([Uint8Array.of(2)], bytesOf),
      await bytesOf(lent),
    ]);
    expect([outer, made()]).toEqual([[[[2]], [[1]]], 2]);
  });

  test('are not taken from a file that is not what was written', async () => {
    const { folder } = folderOf();
    const stale: SpoolFolder = {
      ...folder,
      getFileHandle: async (name, options) => ({ ...(await folder.getFileHandle(name, options)), getFile: async () => new Blob(['old']) }),
    };
    expect(await createFileSpool(async () => stale).through(PIECES, bytesOf)).toEqual([[1, 2, 3], [], [4, 5]]);
  });

  test('take that way alone: what is no array of bytes is lent as it is, and has no file made for it', async () => {
    const { folder, made } = folderOf();
    const spool = createFileSpool(async () => folder);
    const [blob, buffer] = [new Blob(['abc']), new ArrayBuffer(2)];
    expect(await spool.through([blob, buffer], async (lent) => [lent[0] === blob, lent[1] === buffer])).toEqual([true, true]);
    expect(made()).toBe(0);
    expect(await spool.through([blob, Uint8Array.of(7), buffer], bytesOf)).toEqual([[97, 98, 99], [7], [0, 0]]);
    expect(made()).toBe(1);
  });

  test('stay in memory where there is no folder, and where the disk is full', async () => {
    const none = createFileSpool(() => Promise.reject(new DOMException('', 'SecurityError')));
    expect(await none.through(PIECES, bytesOf)).toEqual([[1, 2, 3], [], [4, 5]]);
    const { folder, files } = folderOf(4);
    expect(await createFileSpool(async () => folder).through(PIECES, bytesOf)).toEqual([[1, 2, 3], [], [4, 5]]);
    expect(files.size).toBe(0);
  });

  test('stay in memory from then on where the store takes no files', async () => {
    const { folder, made, held } = folderOf();
    const spool = createFileSpool(async () => folder);
    let tries = 0;
    const picky = async (blobs: readonly Stored[]) => {
      tries += 1;
      if (held() > 0) throw new SillError('storage_unavailable', 'no files here');
      return bytesOf(blobs);
    };
    expect(await spool.through(PIECES, picky)).toEqual([[1, 2, 3], [], [4, 5]]);
    expect(await spool.through(PIECES, picky)).toEqual([[1, 2, 3], [], [4, 5]]);
    expect([tries, made()]).toEqual([3, 1]);
    // A store that fails with either is told of.
    const failing = createFileSpool(async () => folderOf().folder);
    await expect(failing.through(PIECES, () => Promise.reject(new SillError('storage_unavailable', 'gone')))).rejects.toThrow('gone');
  });
});
