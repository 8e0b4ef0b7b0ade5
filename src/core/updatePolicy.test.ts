import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { isOpen, UpdatePolicySchema, waitReason } from './updatePolicy.ts';

const at = (weekday: number, time: string) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { weekday, minutes: hours * 60 + minutes };
};
const [SUNDAY, MONDAY, TUESDAY] = [0, 1, 2];

describe('a window', () => {
  test.each([
    ['08:59', false],
    ['09:00', true],
    ['16:59', true],
    ['17:00', false],
  ])('by day is open from its first minute to before its last (%s)', (time, open) => {
    expect(isOpen({ days: [MONDAY], from: '09:00', to: '17:00' }, at(MONDAY, time))).toBe(open);
    expect(isOpen({ days: [MONDAY], from: '09:00', to: '17:00' }, at(TUESDAY, time))).toBe(false);
  });
  test.each([
    [SUNDAY, '23:30', false],
    [MONDAY, '01:00', false],
    [MONDAY, '21:59', false],
    [MONDAY, '22:00', true],
    [TUESDAY, '03:59', true],
    [TUESDAY, '04:00', false],
    [TUESDAY, '22:30', false],
  ])('over midnight belongs to the day on which it begins (%i %s)', (day, time, open) => {
    expect(isOpen({ days: [MONDAY], from: '22:00', to: '04:00' }, at(day, time))).toBe(open);
  });
  test('on Saturday runs into Sunday', () => {
    expect(isOpen({ days: [6], from: '23:00', to: '01:00' }, at(SUNDAY, '00:30'))).toBe(true);
  });
  test('with equal ends lasts from there for a day', () => {
    expect(isOpen({ days: [MONDAY], from: '00:00', to: '00:00' }, at(MONDAY, '12:00'))).toBe(true);
    expect(isOpen({ days: [MONDAY], from: '00:00', to: '00:00' }, at(TUESDAY, '00:00'))).toBe(false);
  });
  test('is open in both of the hours that the end of summer time repeats: only the wall counts', () => {
    const night = { days: [SUNDAY], from: '02:00', to: '03:00' };
    // On 2026-10-25 in Berlin 02:30 comes twice, an hour apart.
    const wallOf = (iso: string) => {
      const parts = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' }).format(
        new Date(iso),
      );
      return at(SUNDAY, parts);
    };
    expect(isOpen(night, wallOf('2026-10-25T00:30:00Z'))).toBe(true);
    expect(isOpen(night, wallOf('2026-10-25T01:30:00Z'))).toBe(true);
    expect(isOpen(night, wallOf('2026-10-25T02:30:00Z'))).toBe(false);
  });
});

describe('an automatic update waits', () => {
  const moment = { wall: at(MONDAY, '12:00'), idleMs: 10 * 60_000 };
  const policy = (data: object) => v.parse(UpdatePolicySchema, data);
  test('for ever where updates are off or only told', () => {
    expect(waitReason(policy({ mode: 'off' }), moment)).toEqual({ kind: 'policy-off' });
    expect(waitReason(policy({ mode: 'notify' }), moment)).toEqual({ kind: 'policy-notify' });
  });
  test('until nobody has asked for anything for long enough', () => {
    expect(waitReason(policy({ mode: 'idle', idleMinutes: 10 }), moment)).toBeUndefined();
    expect(waitReason(policy({ mode: 'idle', idleMinutes: 11 }), moment)).toEqual({ kind: 'not-idle', idleMinutes: 11 });
  });
  test('while an answer is under way, however short the wait that is asked for', () => {
    expect(waitReason(policy({ mode: 'idle', idleMinutes: 0 }), { ...moment, idleMs: 0 })).toMatchObject({ kind: 'not-idle' });
  });
  test('until its window opens', () => {
    const days = [MONDAY];
    expect(waitReason(policy({ mode: 'window', days, from: '11:00', to: '13:00' }), moment)).toBeUndefined();
    expect(waitReason(policy({ mode: 'window', days, from: '13:00', to: '14:00' }), moment)).toEqual({
      kind: 'outside-window',
      days,
      from: '13:00',
      to: '14:00',
    });
  });
});

test.each([
  { mode: 'sometimes' },
  { mode: 'window', days: [], from: '01:00', to: '02:00' },
  { mode: 'window', days: [7], from: '01:00', to: '02:00' },
  { mode: 'window', days: [1], from: '24:00', to: '02:00' },
  { mode: 'idle', idleMinutes: -1 },
])('a policy that makes no sense is refused (%j)', (data) => {
  expect(v.safeParse(UpdatePolicySchema, data).success).toBe(false);
});
