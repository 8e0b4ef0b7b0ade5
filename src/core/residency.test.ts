import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModelId } from './ids.ts';
import { admit, type Resident } from './residency.ts';

const model = (name: string, bytes: number, lastUsedMs: number, change: Partial<Resident> = {}): Resident => ({
  id: parseModelId(name),
  bytes,
  lastUsedMs,
  inUse: false,
  kept: false,
  ...change,
});
const LIMIT = { bytes: 100, isFirm: true };

describe('a model that is to be loaded', () => {
  it('has nobody unloaded where there is room', () => {
    expect(admit(40, [model('a', 60, 1)], LIMIT)).toEqual({ verdict: 'fits', unload: [] });
  });

  it('takes the place of the one that was used longest ago, and of no more than it takes', () => {
    const residents = [model('new', 30, 3), model('old', 30, 1), model('middle', 30, 2)];
    expect(admit(40, residents, LIMIT)).toEqual({ verdict: 'fits', unload: ['old'] });
    expect(admit(50, residents, LIMIT)).toEqual({ verdict: 'fits', unload: ['old', 'middle'] });
  });

  it('spares a small one where the next in line makes all the room', () => {
    expect(admit(50, [model('small', 10, 1), model('large', 80, 2)], LIMIT)).toEqual({ verdict: 'fits', unload: ['large'] });
  });

  it('takes the place of one that was to stay for ever only after all others', () => {
    expect(admit(50, [model('kept', 50, 1, { kept: true }), model('new', 50, 9)], LIMIT)).toEqual({ verdict: 'fits', unload: ['new'] });
    expect(admit(60, [model('kept', 50, 1, { kept: true })], LIMIT)).toEqual({ verdict: 'fits', unload: ['kept'] });
  });

  it('waits for one that answers, and unloads nobody meanwhile', () => {
    const residents = [model('answering', 70, 1, { inUse: true }), model('idle', 20, 2)];
    expect(admit(50, residents, LIMIT)).toEqual({ verdict: 'wait', on: ['answering'] });
  });

  it('is refused where it is larger than what somebody set, and loaded alone where the figure is a guess', () => {
    expect(admit(101, [], LIMIT)).toEqual({ verdict: 'never' });
    const guess = { bytes: 100, isFirm: false };
    expect(admit(101, [], guess)).toEqual({ verdict: 'fits', unload: [] });
    expect(admit(101, [model('a', 1, 1)], guess)).toEqual({ verdict: 'fits', unload: ['a'] });
    expect(admit(101, [model('a', 1, 1, { inUse: true })], guess)).toEqual({ verdict: 'wait', on: ['a'] });
  });

  it('always fits then, never ends an answer, and nobody goes for nothing', () => {
    const resident = fc.record({ bytes: fc.integer({ min: 1, max: 60 }), lastUsedMs: fc.nat(20), inUse: fc.boolean(), kept: fc.boolean() });
    fc.assert(
      fc.property(fc.array(resident, { maxLength: 8 }), fc.integer({ min: 1, max: 120 }), fc.boolean(), (made, bytes, isFirm) => {
        const residents = made.map((each, i) => ({ ...each, id: parseModelId(`m${i}`) }));
        const fits = (left: readonly Resident[]) => left.length === 0 || left.reduce((sum, each) => sum + each.bytes, bytes) <= LIMIT.bytes;
        const without = (ids: readonly string[]) => residents.filter(({ id }) => !ids.includes(id));
        const admission = admit(bytes, residents, { ...LIMIT, isFirm });
        expect(admission.verdict === 'never').toBe(isFirm && bytes > LIMIT.bytes);
        if (admission.verdict === 'never') return;
        const going = admission.verdict === 'fits' ? admission.unload : admission.on;
        const inUse = going.map((id) => residents.find((each) => each.id === id)?.inUse);
        expect(inUse.every((used) => used === (admission.verdict === 'wait'))).toBe(true);
        const idle = admission.verdict === 'wait' ? residents.filter((each) => !each.inUse).map(({ id }) => id) : [];
        expect(fits(without([...going, ...idle]))).toBe(true);
        for (const spared of going) expect(fits(without([...going.filter((id) => id !== spared), ...idle]))).toBe(false);
      }),
    );
  });
});
