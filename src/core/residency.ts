import type { ModelId } from './ids.ts';

/** A model in memory, or on its way there. */
export interface Resident {
  readonly id: ModelId;
  readonly bytes: number;
  /** A request is under way on it: it stays. */
  readonly inUse: boolean;
  /** On any clock. */
  readonly lastUsedMs: number;
  /** Somebody wants it to stay for ever: it goes after all others. */
  readonly kept: boolean;
}

export type Admission =
  /** Once these are unloaded, in this order. */
  | { readonly verdict: 'fits'; readonly unload: readonly ModelId[] }
  /** Until these have answered. */
  | { readonly verdict: 'wait'; readonly on: readonly ModelId[] }
  /** Not even alone. */
  | { readonly verdict: 'never' };

/**
 * Whether so many bytes find room beside what is in memory. Of idle models the one goes first that was used longest ago, and none for nothing.
 * @param isFirm somebody set the budget. One that was guessed or learned is no reason to refuse a model that is alone: the device itself says no better
 */
export function admit(
  bytes: number,
  residents: readonly Resident[],
  budget: { readonly bytes: number; readonly isFirm: boolean },
): Admission {
  if (budget.isFirm && bytes > budget.bytes) return { verdict: 'never' };
  const fitsBeside = (others: readonly Resident[]) => others.length === 0 || sumOf(others) + bytes <= budget.bytes;
  const idle = residents.filter(({ inUse }) => !inUse).sort(byUse);
  const busy = residents.filter(({ inUse }) => inUse);
  if (fitsBeside(busy)) return { verdict: 'fits', unload: fewest(idle, busy, fitsBeside) };
  return { verdict: 'wait', on: fewest([...busy].sort(byUse), [], fitsBeside) };
}

const sumOf = (residents: readonly Resident[]): number => residents.reduce((sum, { bytes }) => sum + bytes, 0);
const byUse = (a: Resident, b: Resident): number => Number(a.kept) - Number(b.kept) || a.lastUsedMs - b.lastUsedMs;

/** From the front as many as it takes, without those that it would have worked without. */
function fewest(line: readonly Resident[], staying: readonly Resident[], fits: (left: readonly Resident[]) => boolean): ModelId[] {
  let count = 0;
  while (count < line.length && !fits([...staying, ...line.slice(count)])) count += 1;
  let going = line.slice(0, count);
  for (const each of [...going].reverse()) {
    const without = going.filter((other) => other !== each);
    if (fits([...staying, ...line.filter((other) => !without.includes(other))])) going = without;
  }
  return going.map(({ id }) => id);
}
