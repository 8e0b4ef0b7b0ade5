import { SillError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** So long the reader of one turn may keep the model waiting, in all, where others wait for their turn. */
export const PATIENCE_MS = 5000;
/** Of one whose client has every place: one of them is for the others. */
export const PATIENCE_WITH_ALL_PLACES_MS = 1000;

/** What one turn knows of whoever reads its answer. */
export interface Reading {
  /** Lets the reader take a piece, and counts how long that keeps the turn waiting. */
  give(take: () => Promise<void>): Promise<void>;
  /** Aborted when the turn is to be given up because the reader is behind. Its piece is still on its way to it. */
  readonly late: AbortSignal;
  /**
   * For work in parts, between two of them: ends the turn where somebody waits who would go first. The work is run again in another turn, and goes on.
   * @throws SillError `aborted`, which is to be let through
   */
  giveWay(): void;
}

export interface Watched extends Reading {
  /** How long it kept the turn waiting, in all; undefined where it does not at the moment. */
  behindMs(): number | undefined;
  giveUp(): void;
  /** Settles as the last piece that was given did. */
  readonly taken: Promise<void>;
}

/**
 * @param onWait a reader is behind from now on, maybe for no longer than a moment
 * @param isAwaited whether somebody waits who would go before this turn
 */
export function createReading(clock: Clock, onWait: () => void, isAwaited: () => boolean): Watched {
  const late = new AbortController();
  let taken = Promise.resolve();
  let waiting = 0;
  let sinceMs = 0;
  let totalMs = 0;
  return {
    async give(take) {
      if (waiting === 0) sinceMs = clock.monotonicMs();
      waiting += 1;
      onWait();
      try {
        taken = take();
        await taken;
      } finally {
        waiting -= 1;
        if (waiting === 0) totalMs += clock.monotonicMs() - sinceMs;
      }
    },
    late: late.signal,
    behindMs: () => (waiting > 0 ? totalMs + clock.monotonicMs() - sinceMs : undefined),
    giveUp: () => late.abort(),
    giveWay() {
      if (!isAwaited()) return;
      late.abort();
      throw new SillError('aborted', 'The turn was given to others who wait.');
    },
    get taken() {
      return taken;
    },
  };
}
