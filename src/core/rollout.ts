import * as v from 'valibot';
import type { Digest } from './ids.ts';

/** Whole, since the canonical JSON that is signed has no fractions. */
const percentage = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100));

/** A moment as the publisher writes it, with its offset: `2026-11-22T09:00:00Z`. */
const moment = v.pipe(
  v.string(),
  v.isoTimestamp('expected a time such as 2026-11-22T09:00:00Z'),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'is not a time'),
);

/** A pause holds back every device that does not have the revision yet and takes it by itself. */
const paused = v.exactOptional(v.boolean());

/** Which share of the devices may have a revision: a fixed percentage, or one that changes at given times. */
export const RolloutSchema = v.union([
  v.strictObject({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(120)), percentage, paused }),
  v.strictObject({
    id: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
    phases: v.pipe(v.array(v.strictObject({ fromIso: moment, percentage })), v.minLength(1), v.maxLength(100)),
    paused,
  }),
]);

export type Rollout = v.InferOutput<typeof RolloutSchema>;

/** Whose SHA-256 decides the cohort. The device id never leaves the device. */
export const cohortText = (rolloutId: string, deviceId: string): string => `${rolloutId}:${deviceId}`;

/** First 32 bits of the digest of `cohortText`, as a fraction of 2^32: 0 up to, but not including, 1. */
export const cohortFraction = (digest: Digest): number =>
  Number.parseInt(digest.slice('sha256:'.length, 'sha256:'.length + 8), 16) / 2 ** 32;

/** Always below: a fraction never reaches 1, so that 100 percent is everybody. */
const includes = (share: number, fraction: number): boolean => fraction < share / 100;

/** The share at a moment: that of the phase that began last, 0 before the first. */
export function percentageAt(rollout: Rollout, nowMs: number): number {
  if ('percentage' in rollout) return rollout.percentage;
  return phasesOf(rollout.phases).findLast((phase) => phase.fromMs <= nowMs)?.percentage ?? 0;
}

export type RolloutVerdict =
  | { readonly included: true }
  | {
      readonly included: false;
      readonly paused: boolean;
      readonly percentage: number;
      /** When a phase that is planned already reaches this device. */
      readonly expectedAtMs?: number;
    };

/** Whether a device whose cohort is `fraction` may have the revision now. Without a rollout everybody may. */
export function rolloutVerdict(rollout: Rollout | undefined, fraction: number, nowMs: number): RolloutVerdict {
  if (!rollout) return { included: true };
  const percentage = percentageAt(rollout, nowMs);
  if (rollout.paused) return { included: false, paused: true, percentage };
  if (includes(percentage, fraction)) return { included: true };
  const phases = 'phases' in rollout ? phasesOf(rollout.phases) : [];
  const next = phases.find((phase) => phase.fromMs > nowMs && includes(phase.percentage, fraction));
  return { included: false, paused: false, percentage, ...(next ? { expectedAtMs: next.fromMs } : {}) };
}

function phasesOf(phases: ReadonlyArray<{ readonly fromIso: string; readonly percentage: number }>) {
  return phases.map(({ fromIso, percentage }) => ({ fromMs: Date.parse(fromIso), percentage })).sort((a, b) => a.fromMs - b.fromMs);
}
