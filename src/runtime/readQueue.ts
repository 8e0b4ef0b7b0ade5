/** Of one read. A gigabyte in pieces of 8, 16, 32 and 64 MiB: 772, 650, 767 and 657 ms, medians of five on two quiet cores; in pieces of 1 MiB over twice that. */
const PIECE_BYTES = 16 * 2 ** 20;

/** Places of what all realms count together. */
const POSTED = 0;
const CLAIMED = 1;
const DONE = 2;
const FAILED = 3;
const COUNTERS = 4;
/** File, first byte, bytes, address in the heap. */
const JOB = 4;

/** Pieces of files to be read into a shared heap: written by one realm, carried out by others, without a message between them. */
export interface ReadQueue {
  readonly counters: Int32Array<SharedArrayBuffer>;
  readonly jobs: Float64Array<SharedArrayBuffer>;
}

/** @param tensors how many will be asked for, of `sizes` bytes of files in all */
export function createReadQueue(tensors: number, sizes: number): ReadQueue {
  const capacity = tensors + Math.ceil(sizes / PIECE_BYTES);
  return {
    counters: new Int32Array(new SharedArrayBuffer(COUNTERS * Int32Array.BYTES_PER_ELEMENT)),
    jobs: new Float64Array(new SharedArrayBuffer(capacity * JOB * Float64Array.BYTES_PER_ELEMENT)),
  };
}

/** Has bytes `begin` to `end` of a file written to `address`. False where the queue is full. */
export function post({ counters, jobs }: ReadQueue, file: number, begin: number, end: number, address: number): boolean {
  const first = Atomics.load(counters, POSTED);
  const pieces = Math.ceil((end - begin) / PIECE_BYTES);
  if ((first + pieces) * JOB > jobs.length) return false;
  for (let piece = 0; piece < pieces; piece++) {
    const at = begin + piece * PIECE_BYTES;
    jobs.set([file, at, Math.min(PIECE_BYTES, end - at), address + at - begin], (first + piece) * JOB);
  }
  Atomics.store(counters, POSTED, first + pieces);
  Atomics.notify(counters, POSTED);
  return true;
}

/** Waits until all that was posted is there. False where a piece could not be read, or none came for `patienceMs`. */
export function waitForAll({ counters }: ReadQueue, patienceMs: number): boolean {
  for (;;) {
    const done = Atomics.load(counters, DONE);
    if (Atomics.load(counters, FAILED) > 0) return false;
    if (done >= Atomics.load(counters, POSTED)) return true;
    if (Atomics.wait(counters, DONE, done, patienceMs) === 'timed-out') return false;
  }
}

/** Carries out what is posted, for as long as this realm lives. */
export async function carryOut(
  { counters, jobs }: ReadQueue,
  read: (file: number, begin: number, bytes: number, address: number) => Promise<void>,
): Promise<never> {
  for (;;) {
    const job = Atomics.add(counters, CLAIMED, 1);
    for (let posted = Atomics.load(counters, POSTED); posted <= job; posted = Atomics.load(counters, POSTED)) {
      Atomics.wait(counters, POSTED, posted);
    }
    const [file = 0, begin = 0, bytes = 0, address = 0] = jobs.subarray(job * JOB, (job + 1) * JOB);
    try {
      await read(file, begin, bytes, address);
    } catch {
      // A file of a Blob may be gone. Whoever waits reads it once more and learns the reason.
      Atomics.add(counters, FAILED, 1);
    }
    Atomics.add(counters, DONE, 1);
    Atomics.notify(counters, DONE);
  }
}
