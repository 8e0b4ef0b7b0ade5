/** Slips of the finger. */
const FREE_FAILURES = 3;
const FIRST_WAIT_MS = 5000;
/** Ten thousand PINs take half a year at this pace, and a person who forgot theirs has not lost the day. */
const MOST_WAIT_MS = 30 * 60_000;

/** How long the next try has to wait after so many wrong ones in a row, in milliseconds. */
export const waitAfter = (failures: number): number =>
  failures < FREE_FAILURES ? 0 : Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES));

/**
 * Tries at a PIN. The count of failures is what is kept on the device; the wait runs by a clock that never goes back and begins anew with each
 * start of the app. No time of day is asked anywhere, so that a clock that was set back or forward, or a reload, shortens nothing.
 */
export interface Tries {
  readonly failures: number;
  /** By the monotonic clock of this run. */
  readonly openAtMs: number;
}

/** @param failures as they were kept @param nowMs monotonic */
export const triesAtStart = (failures: number, nowMs: number): Tries => ({ failures, openAtMs: nowMs + waitAfter(failures) });

export const waitLeftMs = ({ openAtMs }: Tries, nowMs: number): number => Math.max(0, openAtMs - nowMs);

/** To be kept before the PIN is looked at: a try that is cut off counts as a wrong one. */
export const tryBegun = ({ failures }: Tries, nowMs: number): Tries => triesAtStart(failures + 1, nowMs);

export const tryRight = (nowMs: number): Tries => triesAtStart(0, nowMs);
