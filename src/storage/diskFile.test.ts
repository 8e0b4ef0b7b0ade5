import { expect, it } from 'vitest';
import { createDiskFiles } from './diskFile.ts';
import type { SpoolFolder } from './fileSpool.ts';

/** A folder that is as strict as a browser's: what is open cannot be removed, and what is closed is not written to. */
function createFolder({ takesBytes = Number.POSITIVE_INFINITY, locks = true } = {}) {
  const files = new Map<string, number[]>();
  const open = new Set<string>();
  const folder: SpoolFolder = {
    async getFileHandle(name) {
      const bytes: number[] = [];
      files.set(name, bytes);
      return {
        async createSyncAccessHandle() {
          if (!locks) throw new DOMException('in use', 'NoModificationAllowedError');
          open.add(name);
          return {
            write(given, { at }) {
              if (!open.has(name)) throw new DOMException('closed', 'InvalidStateError');
              const taken = given.subarray(0, Math.max(0, takesBytes - at));
              bytes.splice(at, taken.length, ...taken);
              return taken.length;
            },
            truncate: () => undefined,
            close: () => void open.delete(name),
          };
        },
        getFile: async () => new Blob([Uint8Array.from(bytes)]),
      };
    },
    async removeEntry(name) {
      if (open.has(name)) throw new DOMException('open', 'NoModificationAllowedError');
      files.delete(name);
    },
  };
  return { folder, files };
}

const bytesOf = async (blob: Blob | undefined) => [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))];

it('a file holds what was written, front to back, until it is removed', async () => {
  const { folder, files } = createFolder();
  const file = await createDiskFiles(async () => folder)();
  file?.write(Uint8Array.of(1, 2, 3));
  file?.write(Uint8Array.of(4));
  expect(await bytesOf(await file?.close())).toEqual([1, 2, 3, 4]);
  expect(files.size).toBe(1);
  await file?.remove();
  expect(files.size).toBe(0);
});

it('one that was not ended is removed all the same', async () => {
  const { folder, files } = createFolder();
  const file = await createDiskFiles(async () => folder)();
  file?.write(Uint8Array.of(1));
  await file?.remove();
  expect(files.size).toBe(0);
});

it('what a full disk took a part of is no part of it', async () => {
  const { folder } = createFolder({ takesBytes: 3 });
  const file = await createDiskFiles(async () => folder)();
  file?.write(Uint8Array.of(1, 2));
  expect(() => file?.write(Uint8Array.of(3, 4))).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
  expect(await bytesOf(await file?.close())).toEqual([1, 2]);
});

it('there is none where the browser lends none, and none is left behind there', async () => {
  expect(await createDiskFiles(async () => undefined)()).toBeUndefined();
  const { folder, files } = createFolder({ locks: false });
  expect(await createDiskFiles(async () => folder)()).toBeUndefined();
  expect(files.size).toBe(0);
});
