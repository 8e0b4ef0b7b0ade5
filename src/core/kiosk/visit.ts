import { DEFAULT_IDLE_SECONDS, type KioskScreen } from './rules.ts';

/** A person at the device, from their first touch until everything of theirs is deleted. */
export type Visit =
  | { readonly phase: 'attract' }
  | { readonly phase: 'here'; readonly touchedAtMs: number }
  /** Time is nearly up. */
  | { readonly phase: 'warning'; readonly touchedAtMs: number }
  /** What they left is being deleted. */
  | { readonly phase: 'wiping' };

export type VisitEvent =
  | { readonly type: 'touch' }
  /** `busy`: an answer is being written, which somebody may be reading. */
  | { readonly type: 'tick'; readonly busy: boolean }
  | { readonly type: 'again' }
  | { readonly type: 'wiped' };

const MOST_WARNING_MS = 20_000;
/** An answer that never ends does not keep the device from the next person. */
const MOST_BUSY_FACTOR = 5;

export const idleMsOf = ({ idleSeconds = DEFAULT_IDLE_SECONDS }: Pick<KioskScreen, 'idleSeconds'>): number => idleSeconds * 1000;
export const warningMsOf = (screen: Pick<KioskScreen, 'idleSeconds'>): number => Math.min(MOST_WARNING_MS, idleMsOf(screen) / 3);

/** @param nowMs monotonic */
export function nextVisit(visit: Visit, event: VisitEvent, screen: Pick<KioskScreen, 'idleSeconds'>, nowMs: number): Visit {
  if (visit.phase === 'wiping') return event.type === 'wiped' ? { phase: 'attract' } : visit;
  switch (event.type) {
    case 'touch':
      return { phase: 'here', touchedAtMs: nowMs };
    case 'again':
      return visit.phase === 'attract' ? visit : { phase: 'wiping' };
    case 'wiped':
      return visit;
    case 'tick': {
      if (visit.phase === 'attract') return visit;
      const restMs = nowMs - visit.touchedAtMs;
      const idleMs = idleMsOf(screen);
      if (event.busy && restMs < idleMs * MOST_BUSY_FACTOR) return { phase: 'here', touchedAtMs: visit.touchedAtMs };
      if (restMs >= idleMs) {
        // Whoever reads an answer that took longer than that is warned like everybody.
        const warned = visit.phase === 'warning' || restMs >= idleMs * MOST_BUSY_FACTOR;
        return warned ? { phase: 'wiping' } : { phase: 'warning', touchedAtMs: nowMs - idleMs + warningMsOf(screen) };
      }
      return { phase: restMs >= idleMs - warningMsOf(screen) ? 'warning' : 'here', touchedAtMs: visit.touchedAtMs };
    }
  }
}

/** Until everything is deleted, in milliseconds; absent where nobody is there. */
export const visitLeftMs = (visit: Visit, screen: Pick<KioskScreen, 'idleSeconds'>, nowMs: number): number | undefined =>
  visit.phase === 'here' || visit.phase === 'warning' ? Math.max(0, visit.touchedAtMs + idleMsOf(screen) - nowMs) : undefined;
