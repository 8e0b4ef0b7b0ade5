import type { CaseResult } from './evaluation.ts';
import type { GateReason } from './gateReason.ts';

/** Which kind of fault a candidate was refused for; translated in `ui/`. */
export type GateFailure =
  /** It could not be loaded. */
  | 'load'
  /** Its worker died while it ran, or the tab with it, as often as is forgiven. */
  | 'crash'
  | 'out-of-memory'
  | 'timeout'
  /** It loads and gives nothing, or scores that are no numbers. */
  | 'invalid-output'
  | 'evaluation'
  /** Clearly worse than the running revision in the same suite. */
  | 'worse'
  | 'slower';

/** Which check of a trial runs. `done` and `total` are cases of the suite. */
export type TrialStep =
  | { readonly check: 'loading' | 'smoke' }
  | { readonly check: 'suite' | 'comparing'; readonly done: number; readonly total: number };

/** What a trial of a revision showed. */
export interface GateResult {
  readonly passed: boolean;
  readonly failure?: GateFailure;
  /** With the figures, in English, for logs and scripts. */
  readonly reason?: string;
  /** The same as data, from which `ui/` words it; absent in what earlier versions of the app have stored. */
  readonly why?: GateReason;
  readonly candidate?: Measured;
  /** The running revision, over the same suite. */
  readonly active?: Measured;
  readonly tookMs: number;
}

export interface Measured {
  /** Weighted mean over the cases, 0 to 1; absent where nothing could be scored. */
  readonly score?: number;
  readonly decodeTokensPerSecond?: number;
  /** For the same inputs, of models that write no text. */
  readonly latencyMs?: number;
  /** Those that failed, for the record. */
  readonly failedCases?: readonly CaseResult[];
}

/** A suite's score may fall by this much: cases are few, and one close choice moves it. */
const SCORE_TOLERANCE = 0.05;
/** Timings of a shared device waver by a third; half the speed is no noise. */
const SPEED_SHARE = 0.5;
/** Answers that are this quick may take longer by any factor: nobody would notice, and their timings are mostly noise. */
const UNNOTICED_MS = 50;

/** Whether a candidate that passed its own suite is fit to take the place of the running revision. */
export function compareToActive(
  candidate: Measured,
  active: Measured,
  scoreTolerance = SCORE_TOLERANCE,
): { readonly failure: GateFailure; readonly why: GateReason } | undefined {
  if (candidate.score !== undefined && active.score !== undefined && candidate.score < active.score - scoreTolerance) {
    return { failure: 'worse', why: { code: 'lower-score', candidate: candidate.score, active: active.score } };
  }
  const [speed, runningSpeed] = [candidate.decodeTokensPerSecond, active.decodeTokensPerSecond];
  if (speed !== undefined && runningSpeed !== undefined && speed < runningSpeed * SPEED_SHARE) {
    return { failure: 'slower', why: { code: 'fewer-tokens', candidate: speed, active: runningSpeed } };
  }
  const [latencyMs, runningMs] = [candidate.latencyMs, active.latencyMs];
  if (latencyMs !== undefined && runningMs !== undefined && latencyMs > Math.max(runningMs / SPEED_SHARE, UNNOTICED_MS)) {
    return { failure: 'slower', why: { code: 'longer', candidate: latencyMs, active: runningMs } };
  }
  return undefined;
}
