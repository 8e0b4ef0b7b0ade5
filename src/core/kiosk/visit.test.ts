import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idleMsOf, nextVisit, type Visit, type VisitEvent, visitLeftMs, warningMsOf } from './visit.ts';

const SCREEN = { idleSeconds: 60 };
const IDLE_MS = idleMsOf(SCREEN);
const run = (steps: ReadonlyArray<readonly [atMs: number, event: VisitEvent]>, from: Visit = { phase: 'attract' }): Visit =>
  steps.reduce<Visit>((visit, [atMs, event]) => nextVisit(visit, event, SCREEN, atMs), from);
const TOUCH = { type: 'touch' } as const;
const QUIET = { type: 'tick', busy: false } as const;
const BUSY = { type: 'tick', busy: true } as const;

describe('a visit', () => {
  it('begins with a touch, is warned before its end, and goes on with another touch', () => {
    expect(run([[0, QUIET]]).phase).toBe('attract');
    expect(run([[0, TOUCH]]).phase).toBe('here');
    const warned = run([
      [0, TOUCH],
      [IDLE_MS - warningMsOf(SCREEN), QUIET],
    ]);
    expect(warned.phase).toBe('warning');
    expect(visitLeftMs(warned, SCREEN, IDLE_MS - 1000)).toBe(1000);
    expect(run([[IDLE_MS - 10, TOUCH]], warned)).toEqual({ phase: 'here', touchedAtMs: IDLE_MS - 10 });
    expect(run([[IDLE_MS, QUIET]], warned).phase).toBe('wiping');
  });

  it('ends when somebody begins again, and the next begins when all is deleted', () => {
    const ending = run([
      [0, TOUCH],
      [1, { type: 'again' }],
    ]);
    expect(ending.phase).toBe('wiping');
    expect(run([[2, TOUCH]], ending).phase).toBe('wiping');
    expect(run([[3, { type: 'wiped' }]], ending).phase).toBe('attract');
  });

  it('does not end under an answer, and whoever reads it is warned as well', () => {
    const reading = run([
      [0, TOUCH],
      [IDLE_MS + 5000, BUSY],
    ]);
    expect(reading.phase).toBe('here');
    const warned = run([[IDLE_MS + 6000, QUIET]], reading);
    expect(warned.phase).toBe('warning');
    expect(visitLeftMs(warned, SCREEN, IDLE_MS + 6000)).toBe(warningMsOf(SCREEN));
  });

  it('of somebody who went away ends, whatever is computed', () => {
    const everySecond = Array.from({ length: 6 * 60 }, (_, i) => [i * 1000, BUSY] as const);
    expect(run([[0, TOUCH], ...everySecond]).phase).toBe('wiping');
  });

  it('never ends without a warning', () => {
    const event: fc.Arbitrary<VisitEvent> = fc.oneof(
      fc.constant(TOUCH),
      fc.constant(QUIET),
      fc.constant(BUSY),
      fc.constant<VisitEvent>({ type: 'wiped' }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000 }), event)), (steps) => {
        let nowMs = 0;
        let visit: Visit = { phase: 'attract' };
        for (const [waitMs, next] of steps) {
          nowMs += waitMs;
          const before = visit;
          visit = nextVisit(visit, next, SCREEN, nowMs);
          if (visit.phase === 'wiping' && before.phase !== 'wiping') {
            const gone = 'touchedAtMs' in before && nowMs - before.touchedAtMs >= 5 * IDLE_MS;
            expect(before.phase === 'warning' || gone).toBe(true);
          }
        }
      }),
    );
  });
});
