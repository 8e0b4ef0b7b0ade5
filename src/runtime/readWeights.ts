import { carryOut } from './readQueue.ts';
import type { ReaderSetup } from './weightReaders.ts';

/**
 * What a read fills at a time, over and over. Of a gigabyte, in milliseconds: 600 so, 900 by a `FileReaderSync`, whose every answer is new memory,
 * and 1,050 by a stream that brings memory of its own (medians, two quiet cores; 256 KiB and 4 MiB as 1 MiB).
 */
const BUFFER_BYTES = 2 ** 20;

/** Reads pieces of files into the heap until the worker is ended. */
export function readWeights({ files, queue, memory }: ReaderSetup): Promise<never> {
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  return carryOut(queue, async (file, begin, bytes, address) => {
    const blob = files[file];
    if (!blob) throw new RangeError(`there is no file ${file}`);
    const reader = blob
      .slice(begin, begin + bytes)
      .stream()
      .getReader({ mode: 'byob' });
    let at = address;
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      // What was cancelled gives nothing back.
      buffer = value?.buffer ?? new ArrayBuffer(BUFFER_BYTES);
      if (done) break;
      // The heap as it is now: it grows.
      new Uint8Array(memory.buffer, at, value.byteLength).set(value);
      at += value.byteLength;
    }
    if (at !== address + bytes) throw new RangeError(`the file ended ${address + bytes - at} bytes too soon`);
  });
}
