import { getLogNormalScore } from 'lighthouse/shared/statistics.js';

/** What of Chromium's trace is read here; times in microseconds, `tdur` those of the thread's own processor. */
export interface ThreadEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly tdur?: number;
}

/** A task counts with what it takes beyond this (https://web.dev/articles/tbt). */
const LONG_TASK_MS = 50;
/** As Lighthouse 12 weighs Total Blocking Time. */
const CURVES = { mobile: { p10: 200, median: 600 }, desktop: { p10: 150, median: 350 } } as const;
/** How much slower than this one Lighthouse takes the device to be. */
const SLOWDOWN = { mobile: 4, desktop: 1 } as const;
export type Preset = keyof typeof CURVES;

/**
 * Total Blocking Time by the processor's time of the page's main thread, in milliseconds from the first paint on. Lighthouse goes by the clock, and a task that
 * had to wait for a processor counts the waiting, four times over.
 */
export function ownBlockingMs(events: readonly ThreadEvent[], preset: Preset): number {
  const paint = events.find(({ name }) => name === 'firstContentfulPaint');
  if (!paint) return Number.NaN;
  return events
    .filter(({ name, pid, tid, ts }) => name === 'RunTask' && pid === paint.pid && tid === paint.tid && ts >= paint.ts)
    .reduce((sum, { tdur = 0 }) => sum + Math.max(0, (SLOWDOWN[preset] * tdur) / 1000 - LONG_TASK_MS), 0);
}

interface Weighed {
  readonly id: string;
  readonly weight: number;
  readonly score: number;
}

/** Lighthouse's score of performance, with the time that the page was held up by its own doing. */
export function ownPerformance(audits: readonly Weighed[], blockingMs: number, preset: Preset): number {
  const scoreOf = ({ id, score }: Weighed) => (id === 'total-blocking-time' ? getLogNormalScore(CURVES[preset], blockingMs) : score);
  const weight = audits.reduce((sum, each) => sum + each.weight, 0);
  return Math.round((100 * audits.reduce((sum, each) => sum + each.weight * scoreOf(each), 0)) / weight) / 100;
}
