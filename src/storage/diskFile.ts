import type { DiskFile, OpenDiskFile } from '../ports/files.ts';
import { createFile, openSpool, type SpoolFolder } from './fileSpool.ts';

/**
 * Files beside those of the spool, and gone with them when the next engine starts. A Blob that is made of bytes lies in the browser's process until nobody has
 * it any more (`createFileSpool`), and a model's file is gigabytes.
 */
export const createDiskFiles =
  (openFolder: () => Promise<SpoolFolder | undefined> = openSpool): OpenDiskFile =>
  async () => {
    try {
      const folder = await openFolder();
      return folder && (await openDiskFile(folder));
    } catch {
      // No room for a name, or a browser that forbids it: whoever asks does without.
      return undefined;
    }
  };

async function openDiskFile(folder: SpoolFolder): Promise<DiskFile> {
  const { file, access, drop } = await createFile(folder);
  let sizeBytes = 0;
  return {
    write(bytes) {
      if (access.write(bytes, { at: sizeBytes }) < bytes.length)
        throw new DOMException('Less was written than was given.', 'QuotaExceededError');
      sizeBytes += bytes.length;
    },
    async close() {
      access.close();
      return (await file.getFile()).slice(0, sizeBytes);
    },
    async remove() {
      // Also one that was not ended: what is open cannot be removed. Closing it again does nothing.
      access.close();
      await drop();
    },
  };
}
