import * as v from 'valibot';

/** Why it is as large as it is; translated in `ui/`. */
export type BudgetReason = 'device' | 'unknown-device' | 'out-of-memory' | 'chosen';

/** What all models in memory may take together. */
export interface MemoryBudget {
  readonly bytes: number;
  readonly reason: BudgetReason;
  /** Somebody set it: what is larger is refused. Otherwise it is a guess, and a model that is alone may try. */
  readonly isFirm: boolean;
}

/** Learned when memory ran out. */
export const CeilingSchema = v.object({ bytes: v.number(), atMs: v.number() });
export interface Ceiling extends Readonly<v.InferOutput<typeof CeilingSchema>> {}

const MIB = 2 ** 20;
/** The browser, its other tabs and other programs want the rest; from there on `core/fit` warns of a single model, too. */
const DEVICE_SHARE = 0.5;
/** Firefox and Safari tell nothing. Half of the 4 GiB that phones and tablets of today have at least. */
const UNKNOWN_DEVICE_BYTES = 2048 * MIB;
/** Of what was held when memory ran out: with as much again it would run out again. */
const CEILING_SHARE = 0.8;
/** Memory that ran out below this was taken by somebody else. */
const LEAST_CEILING_BYTES = 256 * MIB;
/** Another program may have been the reason, and it ends with the day. */
const CEILING_HOLDS_MS = 24 * 3_600_000;

/**
 * A browser tells how much memory a device has, roughly, or nothing; it never tells how much is free. So the budget begins as a share of that, and
 * is corrected by what happens.
 * @param grounds `deviceBytes` as the browser tells it; `chosenBytes` by a person or an operator
 */
export function memoryBudget(
  grounds: { readonly deviceBytes?: number | undefined; readonly chosenBytes?: number | undefined; readonly ceiling?: Ceiling | undefined },
  nowMs: number,
): MemoryBudget {
  const { deviceBytes, chosenBytes } = grounds;
  const begun: MemoryBudget =
    chosenBytes !== undefined
      ? { bytes: chosenBytes, reason: 'chosen', isFirm: true }
      : deviceBytes !== undefined
        ? { bytes: deviceBytes * DEVICE_SHARE, reason: 'device', isFirm: false }
        : { bytes: UNKNOWN_DEVICE_BYTES, reason: 'unknown-device', isFirm: false };
  const ceiling = currentCeiling(grounds.ceiling, nowMs);
  return ceiling && ceiling.bytes < begun.bytes ? { bytes: ceiling.bytes, reason: 'out-of-memory', isFirm: false } : begun;
}

/** @param heldBytes by all models together, the one included that found no more */
export function ceilingAfterOutOfMemory(heldBytes: number, before: Ceiling | undefined, nowMs: number): Ceiling {
  const learned = Math.max(LEAST_CEILING_BYTES, Math.floor(heldBytes * CEILING_SHARE));
  const known = currentCeiling(before, nowMs)?.bytes ?? Number.POSITIVE_INFINITY;
  return { bytes: Math.min(learned, known), atMs: nowMs };
}

/** Nothing of long ago, nor of a clock that was set back since. */
function currentCeiling(ceiling: Ceiling | undefined, nowMs: number): Ceiling | undefined {
  const ageMs = ceiling === undefined ? -1 : nowMs - ceiling.atMs;
  return ageMs >= 0 && ageMs < CEILING_HOLDS_MS ? ceiling : undefined;
}
