import { fstatSync, readSync } from 'node:fs';
import type { ByteSource } from '../../src/forge/byteSource.ts';

/** A stretch of an open file; to its end, where no size is given. */
export function filePart(file: number, start = 0, sizeBytes = fstatSync(file).size - start): ByteSource {
  return {
    sizeBytes,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let read = 0; read < length; ) {
        const count = readSync(file, bytes, read, length - read, start + offset + read);
        if (count === 0) throw new Error(`${length} bytes at ${start + offset} lie beyond the end of the file`);
        read += count;
      }
      return bytes;
    },
  };
}
