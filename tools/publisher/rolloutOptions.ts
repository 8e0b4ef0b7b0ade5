import type { OfferData } from '../../src/core/tuf/offers.ts';
import { PublisherError } from './publisherError.ts';

type Rollout = NonNullable<OfferData['rollout']>;

function percent(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  // Signed JSON has no fractions.
  if (value <= 100) return value;
  throw new PublisherError('usage', `A percentage is a whole number from 0 to 100. It was "${text}".`);
}

/** `2026-12-01T00:00:00Z=10,2026-12-08T00:00:00Z=100`. */
function phases(text: string): Extract<Rollout, { phases: unknown }>['phases'] {
  return text.split(',').map((part) => {
    const [time = '', share = ''] = part.trim().split('=');
    const fromIso = /^\d{4}-\d\d-\d\d$/.test(time) ? `${time}T00:00:00Z` : time;
    if (Number.isNaN(Date.parse(fromIso))) {
      throw new PublisherError('usage', `Phases are written as 2026-12-01=10,2026-12-08T06:00:00Z=100. It was "${text}".`);
    }
    return { fromIso, percentage: percent(share) };
  });
}

export interface RolloutWishes {
  readonly percentage: string | undefined;
  readonly phases: string | undefined;
  readonly paused?: boolean;
}

/**
 * The rollout that the options ask for, from the one that there is; undefined for "everybody". The id stays with the revision, so
 * that a raised percentage only adds devices.
 */
export function rolloutFrom(wishes: RolloutWishes, before: Rollout | undefined, id: string): Rollout | undefined {
  if (wishes.percentage !== undefined && wishes.phases !== undefined) {
    throw new PublisherError('usage', 'Give --percentage or --phases, not both.');
  }
  const paused = wishes.paused ?? before?.paused ?? false;
  const rolloutId = before?.id ?? id;
  const pause = paused ? { paused } : {};
  if (wishes.phases !== undefined) return { id: rolloutId, phases: phases(wishes.phases), ...pause };
  if (wishes.percentage !== undefined) return { id: rolloutId, percentage: percent(wishes.percentage), ...pause };
  if (!before) return paused ? { id: rolloutId, percentage: 100, paused } : undefined;
  const { paused: _, ...kept } = before;
  return { ...kept, ...pause };
}
