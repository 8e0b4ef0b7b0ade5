import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ceiling, ceilingAfterOutOfMemory, memoryBudget } from './memoryBudget.ts';

const GIB = 2 ** 30;
const DAY_MS = 24 * 3_600_000;

describe('the memory that models may take together', () => {
  it('is half of what the browser says that the device has, and a guess where it says nothing', () => {
    expect(memoryBudget({ deviceBytes: 8 * GIB }, 0)).toEqual({ bytes: 4 * GIB, reason: 'device', isFirm: false });
    expect(memoryBudget({}, 0)).toEqual({ bytes: 2 * GIB, reason: 'unknown-device', isFirm: false });
  });

  it('is what somebody set, more or less than the guess', () => {
    expect(memoryBudget({ deviceBytes: 2 * GIB, chosenBytes: 3 * GIB }, 0)).toEqual({ bytes: 3 * GIB, reason: 'chosen', isFirm: true });
  });

  it('is less for a day after memory ran out, whatever was set, and refuses nobody for that alone', () => {
    const ceiling = ceilingAfterOutOfMemory(2 * GIB, undefined, 1000);
    const budget = memoryBudget({ deviceBytes: 8 * GIB, chosenBytes: 6 * GIB, ceiling }, 1000 + DAY_MS - 1);
    expect(budget).toEqual({ bytes: Math.floor(1.6 * GIB), reason: 'out-of-memory', isFirm: false });
    expect(memoryBudget({ deviceBytes: 8 * GIB, ceiling }, 1000 + DAY_MS).reason).toBe('device');
    expect(memoryBudget({ deviceBytes: 8 * GIB, ceiling }, 999).reason).toBe('device');
  });

  it('never rises by running out of memory again, and never falls so low that nothing could run', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8 * GIB), { minLength: 1 }), (helds) => {
        let ceiling: Ceiling | undefined;
        for (const [i, held] of helds.entries()) {
          const next = ceilingAfterOutOfMemory(held, ceiling, i);
          expect(next.bytes).toBeLessThanOrEqual(Math.min(ceiling?.bytes ?? Number.POSITIVE_INFINITY, Math.max(held, GIB / 4)));
          expect(next.bytes).toBeGreaterThanOrEqual(GIB / 4);
          ceiling = next;
        }
      }),
    );
  });
});
