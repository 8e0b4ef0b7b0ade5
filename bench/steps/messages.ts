import type { StepShape } from '../gigabyte/shape.ts';

/** What one more token costs behind a cache of some length. */
export interface StepTimes {
  /** `in place` or `copied`. */
  readonly way: string;
  readonly cached: number;
  readonly stepMs: readonly number[];
}

export interface Measured {
  readonly steps: readonly StepTimes[];
  /** Of 512 tokens, by the way in which the cache lies. */
  readonly prefillMs: Readonly<Record<string, readonly number[]>>;
  readonly loadMs: number;
  readonly agrees: boolean;
}

export interface StepSetup {
  readonly shape: StepShape;
  readonly lengths: readonly number[];
  readonly runs: number;
}

declare global {
  var steps: { measure(setup: StepSetup): Promise<Measured> } | undefined;
}
