import { TokenBucket } from '../core/tokenBucket.ts';

/** One speed for everything that is received, changed while it runs. */
export interface Throttle {
  setLimit(bytesPerSecond: number | undefined): void;
  /** Received bytes in portions that are small enough for the speed, each when it may be used. */
  portions(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/** So that progress goes on to be told, and a change is felt, while a large read is paid for. */
const PORTIONS_PER_SECOND = 8;

export function createThrottle(now: () => number): Throttle {
  let bucket: TokenBucket | undefined;
  const wake = new Set<() => void>();

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void) => () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        wake.delete(onTime);
        end();
      };
      const onTime = settle(resolve);
      const onAbort = settle(() => reject(signal.reason));
      const timer = setTimeout(onTime, ms);
      wake.add(onTime);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });

  return {
    setLimit(bytesPerSecond) {
      if (bytesPerSecond === bucket?.bytesPerSecond) return;
      bucket = bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, now());
      // What waits by the old speed has waited long enough.
      for (const go of [...wake]) go();
    },
    async *portions(bytes, signal) {
      for (let from = 0; from < bytes.length; ) {
        if (!bucket) {
          yield from === 0 ? bytes : bytes.subarray(from);
          return;
        }
        const size = Math.min(bytes.length - from, Math.ceil(bucket.bytesPerSecond / PORTIONS_PER_SECOND));
        const waitMs = bucket.take(size, now());
        if (waitMs > 0) await pause(waitMs, signal);
        yield bytes.subarray(from, from + size);
        from += size;
      }
    },
  };
}
