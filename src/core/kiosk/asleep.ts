/** What both clocks of a device say at one moment. */
export interface Moment {
  /** Where browsers take it from, it stands still while the device sleeps. */
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * By how much the clock of the wall went further than the other one: the device slept for so long, or somebody set its clock. Less than none where that was
 * set back.
 */
export const jumpMs = (before: Moment, now: Moment): number => now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs);

/** How long it is from one moment to the other at the most, whatever happened to the clocks. */
export const mostMs = (before: Moment, now: Moment): number => now.monotonicMs - before.monotonicMs + Math.abs(jumpMs(before, now));
