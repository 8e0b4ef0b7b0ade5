import { SillError } from '../core/errors.ts';
import type { Digests, Downloader, DownloadJob, DownloadProgress, Fetcher } from '../ports/delivery.ts';
import type { ChunkStore } from '../ports/store.ts';
import { createPacedReport } from './pacedReport.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { type FileState, type TransferEnvironment, transfer } from './transfer.ts';
import { type FileTransfer, type Piece, planTransfers } from './transferPlan.ts';

export interface DownloaderOptions {
  readonly fetcher: Fetcher;
  readonly chunks: ChunkStore;
  readonly digests: Digests;
  /** Shared with whatever else this device receives at the same time. */
  readonly throttle?: Throttle;
  /** Requests at once; a browser opens at most six to one HTTP/1.1 server, and the app needs one for itself. */
  readonly parallel?: number;
  readonly stallMs?: number;
  /** Resolves after so long, or rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number;
}

const PARALLEL = 4;
const STALL_MS = 20_000;
const PROGRESS_EVERY_MS = 100;

/** Fetches missing chunks over HTTP, several requests at once, each chunk verified before it is stored. */
export function createDownloader(options: DownloaderOptions): Downloader {
  const { fetcher, chunks, digests, parallel = PARALLEL, stallMs = STALL_MS } = options;
  const { sleep = pause, random = Math.random, now = () => performance.now() } = options;
  const { throttle = createThrottle(now) } = options;

  const work = async (job: DownloadJob, signal: AbortSignal, onProgress: (progress: DownloadProgress) => void): Promise<void> => {
    const sizes = new Map(job.files.flatMap((file) => file.chunks.map((chunk) => [chunk.digest, chunk.sizeBytes] as const)));
    const missing = new Set(await chunks.missing([...sizes.keys()]));
    let totalBytes = 0;
    let storedBytes = 0;
    let receivedBytes = 0;
    for (const [digest, sizeBytes] of sizes) {
      totalBytes += sizeBytes;
      if (!missing.has(digest)) storedBytes += sizeBytes;
    }
    const progress = createPacedReport(
      () => {
        if (!signal.aborted) onProgress({ storedBytes, totalBytes, receivedBytes });
      },
      PROGRESS_EVERY_MS,
      now,
    );
    const environment: TransferEnvironment = {
      ...{ fetcher, digests, stallMs, sleep, random, throttle, signal },
      async keep(piece, bytes) {
        await chunks.put(piece.digest, bytes);
        storedBytes += piece.sizeBytes;
        progress.changed();
      },
      received(bytes) {
        receivedBytes += bytes;
        progress.changed();
      },
    };
    progress.tell();
    try {
      await transferAll(planTransfers(job, missing, parallel), parallel, environment);
    } finally {
      progress.stop();
    }
    progress.tell();
  };

  return {
    setLimit: (bytesPerSecond) => throttle.setLimit(bytesPerSecond),
    async download(job, { signal, onProgress = () => {} }) {
      const stop = new AbortController();
      const cancelled = () =>
        new SillError('aborted', 'The download was cancelled. What was downloaded is kept.', { cause: signal?.reason });
      if (signal?.aborted) throw cancelled();
      let onAbort = () => {};
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => {
          const reason = cancelled();
          stop.abort(reason);
          // At once, whatever is being written: a chunk that still lands is verified and does no harm.
          reject(reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      });
      try {
        await Promise.race([work(job, stop.signal, onProgress), aborted]);
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

interface Task {
  readonly file: FileTransfer;
  readonly state: FileState;
  readonly pieces: readonly Piece[];
  /** Held back until the file's first answer shows whether the server gives ranges; without them one request brings the whole file. */
  readonly rest: ReadonlyArray<readonly Piece[]>;
}

/** Runs the transfers, so many at once; the first failure stops the others, and is thrown when they have ended. */
async function transferAll(files: readonly FileTransfer[], parallel: number, environment: TransferEnvironment): Promise<void> {
  environment.signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(environment.signal.reason);
  environment.signal.addEventListener('abort', onAbort, { once: true });
  const queue: Task[] = files.flatMap((file) => {
    const [pieces, ...rest] = file.segments;
    return pieces ? [{ file, state: {}, pieces, rest }] : [];
  });
  try {
    await new Promise<void>((resolve, reject) => {
      /** Requests that bring bytes, and those of which something is still to be stored as well. */
      let receiving = 0;
      let open = 0;
      let failure: { readonly reason: unknown } | undefined;
      const next = () => {
        if (failure) return open === 0 ? reject(failure.reason) : undefined;
        while (receiving < parallel && open < 2 * parallel) {
          const task = queue.shift();
          if (!task) return open === 0 ? resolve() : undefined;
          run(task);
        }
      };
      const run = ({ file, state, pieces, rest }: Task) => {
        let held = rest;
        let isReceiving = true;
        receiving += 1;
        open += 1;
        // The line must not wait for the disk: the next request begins while the last pieces of this one are stored.
        const onReceived = () => {
          if (isReceiving) receiving -= 1;
          isReceiving = false;
          next();
        };
        const ended = () => {
          open -= 1;
          onReceived();
        };
        const failed = (reason: unknown) => {
          failure ??= { reason };
          stop.abort(reason);
          ended();
        };
        transfer(file, pieces, {
          onReceived,
          ...environment,
          state,
          signal: stop.signal,
          onRanges() {
            queue.unshift(...held.map((segment) => ({ file, state, pieces: segment, rest: [] })));
            held = [];
            next();
          },
          takeRest() {
            const taken = held.flat();
            held = [];
            return taken;
          },
        }).then(ended, failed);
      };
      next();
    });
  } finally {
    environment.signal.removeEventListener('abort', onAbort);
  }
}

export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
