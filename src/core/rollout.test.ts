import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parseDigest } from './ids.ts';
import { cohortFraction, percentageAt, RolloutSchema, rolloutVerdict } from './rollout.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const share = fc.integer({ min: 0, max: 100 });
const at = (iso: string) => Date.parse(iso);

const PHASED = {
  id: 'r1',
  phases: [
    { fromIso: '2026-01-02T00:00:00Z', percentage: 50 },
    { fromIso: '2026-01-01T00:00:00Z', percentage: 10 },
    { fromIso: '2026-01-03T00:00:00Z', percentage: 100 },
  ],
};

describe('a rollout', () => {
  test('whose percentage is raised only adds devices', () => {
    fc.assert(
      fc.property(fraction, share, share, (cohort, a, b) => {
        const has = (percentage: number) => rolloutVerdict({ id: 'r', percentage }, cohort, 0).included;
        return !has(Math.min(a, b)) || has(Math.max(a, b));
      }),
    );
  });

  test('of 100 percent reaches everybody and of 0 nobody', () => {
    fc.assert(
      fc.property(
        fraction,
        (cohort) =>
          rolloutVerdict({ id: 'r', percentage: 100 }, cohort, 0).included &&
          !rolloutVerdict({ id: 'r', percentage: 0 }, cohort, 0).included,
      ),
    );
  });

  test('reaches about as many devices as its percentage says', () => {
    const cohorts = Array.from({ length: 1000 }, (_, i) => i / 1000);
    expect(cohorts.filter((cohort) => rolloutVerdict({ id: 'r', percentage: 25 }, cohort, 0).included).length).toBe(250);
  });

  test('by phases is at the percentage of the phase that began last, in whatever order they are written', () => {
    expect(percentageAt(PHASED, at('2025-12-31T23:59:59Z'))).toBe(0);
    expect(percentageAt(PHASED, at('2026-01-01T00:00:00Z'))).toBe(10);
    expect(percentageAt(PHASED, at('2026-01-02T12:00:00Z'))).toBe(50);
    expect(percentageAt(PHASED, at('2027-01-01T00:00:00Z'))).toBe(100);
  });

  test('says when a planned phase will reach the device', () => {
    expect(rolloutVerdict(PHASED, 0.7, at('2026-01-01T06:00:00Z'))).toEqual({
      included: false,
      paused: false,
      percentage: 10,
      expectedAtMs: at('2026-01-03T00:00:00Z'),
    });
    expect(rolloutVerdict({ id: 'r', percentage: 10 }, 0.7, 0)).toEqual({ included: false, paused: false, percentage: 10 });
  });

  test('that is paused reaches nobody', () => {
    expect(rolloutVerdict({ id: 'r', percentage: 100, paused: true }, 0, 0)).toMatchObject({ included: false, paused: true });
  });

  test.each([
    { id: 'r', percentage: 101 },
    { id: 'r', phases: [] },
    { id: 'r', phases: [{ fromIso: 'soon', percentage: 1 }] },
    { id: 'r', phases: [{ fromIso: '2026-13-45T00:00:00Z', percentage: 1 }] },
    { id: '', percentage: 5 },
    { id: 'r' },
  ])('that makes no sense is refused (%j)', (data) => {
    expect(v.safeParse(RolloutSchema, data).success).toBe(false);
  });
});

describe('a cohort', () => {
  test('is the first 32 bits of the digest', () => {
    expect(cohortFraction(parseDigest(`sha256:80000000${'f'.repeat(56)}`))).toBe(0.5);
    expect(cohortFraction(parseDigest(`sha256:ffffffff${'f'.repeat(56)}`))).toBeLessThan(1);
  });
});
