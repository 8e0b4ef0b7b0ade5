import { release } from './lazyBytes.ts';
import { carryOut } from './readQueue.ts';
import type { ReaderSetup } from './weightReaders.ts';

/** Of workers only, so that other environments do not know it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Reads pieces of files into the heap until the worker is ended. */
export function readWeights({ files, queue, memory }: ReaderSetup): never {
  const reader = new FileReaderSync();
  return carryOut(queue, (file, begin, bytes, address) => {
    const blob = files[file];
    if (!blob) throw new RangeError(`there is no file ${file}`);
    const piece = reader.readAsArrayBuffer(blob.slice(begin, begin + bytes));
    // The heap as it is now: it grows.
    new Uint8Array(memory.buffer, address, bytes).set(new Uint8Array(piece));
    release(piece);
  });
}
