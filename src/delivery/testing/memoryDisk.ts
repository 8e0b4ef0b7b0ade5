import type { OpenDiskFile } from '../../ports/files.ts';

/** A disk for `DiskFile`s in memory. */
export interface MemoryDisk {
  readonly open: OpenDiskFile;
  /** Of the files that were not removed, in the order in which they were opened: what was written to each. */
  readonly sizes: number[];
}

/** @param roomBytes of each file */
export function createMemoryDisk(roomBytes = Number.POSITIVE_INFINITY): MemoryDisk {
  const files = new Set<Uint8Array<ArrayBuffer>[]>();
  const sizeOf = (written: readonly Uint8Array[]) => written.reduce((sum, { length }) => sum + length, 0);
  return {
    get sizes() {
      return [...files].map(sizeOf);
    },
    async open() {
      const written: Uint8Array<ArrayBuffer>[] = [];
      files.add(written);
      return {
        write(bytes) {
          if (sizeOf(written) + bytes.length > roomBytes) throw new DOMException('full', 'QuotaExceededError');
          written.push(bytes.slice());
        },
        close: async () => new Blob(written),
        remove: async () => void files.delete(written),
      };
    },
  };
}
