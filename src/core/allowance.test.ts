import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAllowance } from './allowance.ts';

const DAY_MS = 86_400_000;

describe('what a guest may use', () => {
  it('never lets more requests through than a minute and a full bucket hold, whatever the pauses', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 400 }),
        (perMinute, pauses) => {
          const allowance = createAllowance();
          let nowMs = 1000;
          let passed = 0;
          for (const pauseMs of pauses) {
            nowMs += pauseMs;
            if (allowance.takeRequest(nowMs, perMinute) === undefined) passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(perMinute + ((nowMs - 1000) * perMinute) / 60_000 + 1e-6);
        },
      ),
    );
  });

  it('says when to come again, and keeps its word', () => {
    const allowance = createAllowance();
    expect(allowance.takeRequest(0, 2)).toBeUndefined();
    expect(allowance.takeRequest(0, 2)).toBeUndefined();
    const seconds = allowance.takeRequest(0, 2);
    expect(seconds).toBe(30);
    expect(allowance.takeRequest(30_000, 2)).toBeUndefined();
  });

  it('never gives more tokens of a day than there are, however many answers are written at once', () => {
    const answers = fc.array(fc.record({ wanted: fc.integer({ min: 1, max: 500 }), share: fc.double({ min: 0, max: 1, noNaN: true }) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), answers, (perDay, requests) => {
        const allowance = createAllowance();
        const open: Array<{ reserved: number; used: number }> = [];
        for (const { wanted, share } of requests) {
          const reserved = allowance.reserve(5, perDay, wanted);
          if (reserved > 0) open.push({ reserved, used: Math.floor(reserved * share) });
          if (share > 0.5) {
            const first = open.shift();
            if (first) allowance.settle(5, first.reserved, first.used);
          }
        }
        for (const { reserved, used } of open) allowance.settle(5, reserved, used);
        expect(allowance.spent(5).tokens).toBeLessThanOrEqual(perDay);
      }),
    );
  });

  it('begins anew the next day, and goes on from what was kept on the same one', () => {
    const kept = { day: 1, tokens: 90, requests: 0 };
    expect(createAllowance(kept).reserve(DAY_MS + 5, 100, 50)).toBe(10);
    expect(createAllowance(kept).reserve(2 * DAY_MS, 100, 50)).toBe(50);
  });
});
