import { BLOCK_TOKENS } from '../core/prefill.ts';
import { guarded } from './failures.ts';

/** Shorter ones change nothing for whoever waits for the end of a step. */
const WORTH_TELLING_MS = 1000;
/** By how much a longer one has to be longer to be told again. */
const WORTH_TELLING_AGAIN = 1.2;

/** What is known of how long a step of this worker takes: nothing can be cut within one. */
export interface Steps {
  /** @param tokens that a text model evaluated in it */
  note(tookMs: number, tokens?: number): void;
  /** Tells the longest to be expected, in ms, as often as that grows, and each time that a long one ended. */
  watch(tell: (longestMs: number) => void): void;
}

export function createSteps(): Steps {
  const watchers = new Set<(longestMs: number) => void>();
  let longestMs = 0;
  let fastestTokenMs = Number.POSITIVE_INFINITY;
  let toldMs = 0;

  return {
    note(tookMs, tokens = 0) {
      longestMs = Math.max(longestMs, tookMs);
      if (tokens > 0) fastestTokenMs = Math.min(fastestTokenMs, tookMs / tokens);
      // A whole block takes no longer than its tokens one by one, or two by two; the first is expected before it was seen.
      const expectedMs = Math.max(longestMs, Number.isFinite(fastestTokenMs) ? fastestTokenMs * BLOCK_TOKENS : 0);
      const isLonger = expectedMs > toldMs * WORTH_TELLING_AGAIN && expectedMs >= WORTH_TELLING_MS;
      if (!isLonger && tookMs < WORTH_TELLING_MS) return;
      toldMs = expectedMs;
      for (const tell of watchers) tell(expectedMs);
    },
    watch(tell) {
      watchers.add(tell);
      if (toldMs > 0) tell(toldMs);
    },
  };
}

/** Of this worker: it has one model. */
export const steps = createSteps();

/** As `guarded`, of what is a step: a call that was told to stop hears of it behind its end. */
export async function stepping<T>(doing: string, step: () => Promise<T>, tokens?: number): Promise<T> {
  const beganMs = performance.now();
  try {
    return await guarded(doing, step);
  } finally {
    steps.note(performance.now() - beganMs, tokens);
  }
}
