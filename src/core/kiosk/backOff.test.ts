import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tries, triesAtStart, tryBegun, tryRight, waitAfter, waitLeftMs } from './backOff.ts';

const HOUR_MS = 3_600_000;

describe('wrong PINs', () => {
  it('cost nothing at first, then more and more, and never more than half an hour', () => {
    expect([0, 1, 2, 3, 4, 5].map(waitAfter)).toEqual([0, 0, 0, 5000, 10_000, 20_000]);
    expect(waitAfter(1000)).toBe(HOUR_MS / 2);
  });

  it('are as many in a day as somebody may try, whatever is reloaded in between', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: HOUR_MS }), reload: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let kept = 0;
        let nowMs = 0;
        let spentMs = 0;
        let guesses = 0;
        let tries: Tries = triesAtStart(kept, nowMs);
        for (const { waitMs, reload } of steps) {
          nowMs += waitMs;
          spentMs += waitMs;
          if (reload) {
            // Each start counts from its own beginning.
            nowMs = 0;
            tries = triesAtStart(kept, nowMs);
          }
          if (waitLeftMs(tries, nowMs) > 0) continue;
          tries = tryBegun(tries, nowMs);
          kept = tries.failures;
          guesses += 1;
        }
        let costMs = 0;
        for (let failures = 0; failures < guesses; failures++) costMs += waitAfter(failures);
        expect(spentMs).toBeGreaterThanOrEqual(costMs);
      }),
    );
  });

  it('are forgotten by the right one', () => {
    const tired = Array.from({ length: 9 }).reduce<Tries>((tries) => tryBegun(tries, 0), triesAtStart(0, 0));
    expect(waitLeftMs(tired, 0)).toBeGreaterThan(0);
    expect(waitLeftMs(tryRight(5), 5)).toBe(0);
  });
});
