import { heapOf, type OrtModule } from './heapRuntime.ts';
import { LazyBytes } from './lazyBytes.ts';
import { createReadQueue, post, type ReadQueue, waitForAll } from './readQueue.ts';

/** One reads while the other copies; this realm waits. On two busy cores three and four were no faster (30 loads of a gigabyte). */
const READERS = 2;
/** Of the files together: below this the workers cost more than they save. */
export const WORTHWHILE_BYTES = 64 * 2 ** 20;
/** Of one piece, and of a worker's start: a slow disk needs a second. */
const PATIENCE_MS = 10_000;

/** What a worker that reads weights is told. */
export interface ReaderSetup {
  readonly files: readonly Blob[];
  readonly queue: ReadQueue;
  readonly memory: WebAssembly.Memory;
}

/** Workers that read files into the heap of a runtime while this realm stands in it and can wait for nothing. */
export interface WeightReaders {
  readonly weights: ReadonlyArray<{ readonly path: string; readonly data: LazyBytes }>;
  readonly count: number;
  /** Whether all that the runtime was promised was there before it went on. If not, what it made of it is not to be used. */
  isSound(): boolean;
  end(): void;
}

/** Starts as many workers as are of use; none without isolation, where memory is not shared between workers, nor for small files. */
export function spawnReaders(files: ReadonlyArray<{ readonly blob: Blob }>, spawn: () => Worker): Worker[] {
  const sizeBytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
  const isWorthwhile = crossOriginIsolated && sizeBytes >= WORTHWHILE_BYTES && canFillBuffers();
  return isWorthwhile ? Array.from({ length: READERS }, spawn) : [];
}

/** Whether a Blob is read into memory that is given, as the workers do: not in every browser. */
function canFillBuffers(): boolean {
  try {
    new Blob().stream().getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param memory shared
 * @param tensors how often the runtime will ask for weights before it uses any
 * @param workers of `spawnReaders`. They are ended with what is returned, and when this rejects
 */
export async function startWeightReaders(
  module: OrtModule,
  memory: WebAssembly.Memory,
  files: ReadonlyArray<{ readonly path: string; readonly blob: Blob }>,
  tensors: number,
  workers: readonly Worker[],
): Promise<WeightReaders> {
  const queue = createReadQueue(
    tensors,
    files.reduce((sum, { blob }) => sum + blob.size, 0),
  );
  const end = () => {
    for (const worker of workers) worker.terminate();
  };
  const setup: ReaderSetup = { files: files.map(({ blob }) => blob), queue, memory };
  // One that is not there when the runtime begins never comes: this realm's loop stands still then.
  await Promise.all(workers.map((worker) => ready(worker, setup))).catch((reason: unknown) => {
    end();
    throw reason;
  });
  let asked = 0;
  let isSound = true;

  const promise = (file: number, begin: number, end: number, address: number): boolean => {
    if (asked >= tensors || !post(queue, file, begin, end, address)) return false;
    asked += 1;
    if (asked === tensors) isSound = waitForAll(queue, PATIENCE_MS);
    return true;
  };
  return {
    weights: files.map(({ path, blob }, file) => ({ path, data: new PromisedBytes(module, blob, file, promise) })),
    count: workers.length,
    isSound: () => isSound && (asked === 0 || asked === tensors),
    end,
  };
}

function ready(worker: Worker, setup: ReaderSetup): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not start')), PATIENCE_MS);
    worker.addEventListener(
      'message',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
    worker.addEventListener('error', (event) => reject(new Error(event.message)), { once: true });
    worker.postMessage(setup);
  });
}

/**
 * Bytes that are on their way into the heap when the glue believes to copy them. The glue copies by `HEAPU8.set(data.subarray(begin, end), address)`,
 * and only there is it said where a tensor belongs, so that this one call is answered by us.
 */
class PromisedBytes extends LazyBytes {
  constructor(
    private readonly module: OrtModule,
    blob: Blob,
    private readonly file: number,
    private readonly promise: (file: number, begin: number, end: number, address: number) => boolean,
  ) {
    super(blob);
  }

  override subarray(begin = 0, end = this.byteLength): Uint8Array<ArrayBuffer> {
    const placeholder = new Uint8Array(0);
    // Of the heap as it is now.
    heapOf(this.module);
    const heap = this.module.HEAPU8;
    const set: Uint8Array['set'] = (source, address = 0) => {
      Reflect.deleteProperty(heap, 'set');
      if (source !== placeholder) heap.set(source, address);
      else if (!this.promise(this.file, begin, end, address)) heap.set(super.subarray(begin, end), address);
    };
    Object.defineProperty(heap, 'set', { value: set, configurable: true });
    return placeholder;
  }
}
