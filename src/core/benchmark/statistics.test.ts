import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf } from './difference.ts';
import { quantile, slopeOf, spreadOf, summarise } from './statistics.ts';
import { studentQuantile } from './studentT.ts';

const speeds = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('a summary', () => {
  it('of known numbers is as numpy and llama-bench give it', () => {
    const summary = summarise([4, 1, 3, 2]);
    expect(summary).toMatchObject({ count: 4, mean: 2.5, median: 2.5, min: 1, max: 4 });
    // numpy.std(ddof=1), numpy.percentile(..., 90) and 99.
    expect(summary?.sd).toBeCloseTo(1.2909944, 6);
    expect(summary?.p90).toBeCloseTo(3.7, 12);
    expect(summary?.p99).toBeCloseTo(3.97, 12);
  });

  it('keeps its figures in their order, whatever was measured', () => {
    fc.assert(
      fc.property(speeds, (samples) => {
        const { min, median, p90, p99, max, mean, sd } = summarise(samples) ?? expect.fail();
        expect(min).toBeLessThanOrEqual(median);
        expect(median).toBeLessThanOrEqual(p90);
        expect(p90).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
        expect(mean).toBeGreaterThanOrEqual(min * (1 - 1e-9));
        expect(mean).toBeLessThanOrEqual(max * (1 + 1e-9));
        expect(sd).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('does not depend on the order of the samples', () => {
    fc.assert(
      fc.property(speeds, (samples) => {
        expect(summarise(samples.toReversed())?.p90).toBe(summarise(samples)?.p90);
      }),
    );
  });

  it('of one sample spreads by nothing, and there is none of no or of broken samples', () => {
    expect(summarise([7])).toMatchObject({ mean: 7, sd: 0, p99: 7 });
    expect(summarise([])).toBeUndefined();
    expect(summarise([1, Number.NaN])).toBeUndefined();
    expect(summarise([1, Number.POSITIVE_INFINITY])).toBeUndefined();
  });

  it('tells the spread as a share of the mean', () => {
    expect(spreadOf({ mean: 200, sd: 20 })).toBeCloseTo(0.1);
    expect(spreadOf({ mean: 0, sd: 0 })).toBe(0);
  });

  it('interpolates between neighbours', () => {
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([10], 0.9)).toBe(10);
  });
});

describe('a slope', () => {
  it('is that of the line on which the points lie', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 }), (m, b) => {
        expect(slopeOf([0, 1, 2, 5].map((x) => [x, m * x + b]))).toBeCloseTo(m, 6);
      }),
    );
  });

  it('is unknown of a single moment', () => {
    expect(slopeOf([[1, 5]])).toBeUndefined();
    expect(
      slopeOf([
        [1, 5],
        [1, 9],
      ]),
    ).toBeUndefined();
  });
});

describe("Student's t", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 4, 2.776],
    [0.95, 10, 1.812],
    [0.995, 30, 2.75],
    [0.975, 100, 1.984],
  ])('below which %f lies at %i degrees is that of the tables', (share, degrees, value) => {
    expect(studentQuantile(share, degrees)).toBeCloseTo(value, 3);
  });

  it('comes close to the normal distribution with many degrees, and lies between the tables with a fraction', () => {
    expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.95996, 4);
    expect(studentQuantile(0.975, 4.5)).toBeLessThan(studentQuantile(0.975, 4));
    expect(studentQuantile(0.975, 4.5)).toBeGreaterThan(studentQuantile(0.975, 5));
  });
});

describe('a difference', () => {
  it('that lies within the noise is none', () => {
    const difference = differenceOf({ count: 5, mean: 100, sd: 10 }, { count: 5, mean: 104, sd: 10 });
    expect(difference?.ratio).toBeCloseTo(1.04);
    expect(difference?.significant).toBe(false);
  });

  it('that stands out of the noise is one, with its interval around it', () => {
    const difference = differenceOf({ count: 5, mean: 100, sd: 2 }, { count: 5, mean: 110, sd: 2 }) ?? expect.fail();
    expect(difference.significant).toBe(true);
    expect(difference.low).toBeGreaterThan(1);
    expect(difference.low).toBeLessThan(difference.ratio);
    expect(difference.high).toBeGreaterThan(difference.ratio);
    // Welch's interval of the plain difference, 10 ± 2.92, lies near it.
    expect(difference.low).toBeCloseTo(1.071, 2);
    expect(difference.high).toBeCloseTo(1.13, 2);
  });

  const sampled = fc.record({
    count: fc.integer({ min: 2, max: 50 }),
    mean: fc.double({ min: 1, max: 1000, noNaN: true }),
    sd: fc.double({ min: 0.01, max: 100, noNaN: true }),
  });

  it('says the same whichever of both comes first', () => {
    fc.assert(
      fc.property(sampled, sampled, (a, b) => {
        const [there, back] = [differenceOf(a, b) ?? expect.fail(), differenceOf(b, a) ?? expect.fail()];
        expect(there.significant).toBe(back.significant);
        expect(there.low * back.high).toBeCloseTo(1, 6);
        expect(there.ratio * back.ratio).toBeCloseTo(1, 6);
      }),
      {
        examples: [
          [
            { count: 2, mean: 1, sd: 0.01 },
            { count: 2, mean: 1, sd: 79 },
          ],
        ],
      },
    );
  });

  it('of a result with itself is none', () => {
    fc.assert(fc.property(sampled, (a) => differenceOf(a, a)?.significant === false));
  });

  it('cannot be told of what was measured once', () => {
    expect(differenceOf({ count: 1, mean: 1, sd: 0 }, { count: 5, mean: 2, sd: 1 })).toBeUndefined();
    expect(differenceOf({ count: 5, mean: 0, sd: 0 }, { count: 5, mean: 2, sd: 1 })).toBeUndefined();
  });

  it('without any noise is what it is', () => {
    expect(differenceOf({ count: 2, mean: 10, sd: 0 }, { count: 2, mean: 20, sd: 0 })).toEqual({
      ratio: 2,
      low: 2,
      high: 2,
      significant: true,
    });
  });
});
