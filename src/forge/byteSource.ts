import { release } from '../core/releasedBuffer.ts';

/** Reads a part of a file. Synchronous, as a worker and Node can both be. */
export interface ByteSource {
  readonly sizeBytes: number;
  read(offsetBytes: number, lengthBytes: number): Uint8Array;
}

/**
 * For a reader that is done with bytes when it asks for the next: each read gives back the memory of the one before. A collector leaves up to 64 MiB
 * of them in each worker.
 * @param source gives each read a buffer of its own
 */
export function passing(source: ByteSource): ByteSource {
  let before: Uint8Array | undefined;
  return {
    sizeBytes: source.sizeBytes,
    read(offsetBytes, lengthBytes) {
      if (before) release(before);
      before = source.read(offsetBytes, lengthBytes);
      return before;
    },
  };
}
