import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { isHeld, isLocked, type Lock, type LockEvent, lockedBy, lockOf, nextLock, OwnLockSchema, screenHeld } from './lock.ts';
import { KIOSK_TASKS, type KioskRules } from './rules.ts';

const OPEN = lockOf(undefined, undefined);
const screen = fc.record({ task: fc.constantFrom(...KIOSK_TASKS), idleSeconds: fc.integer({ min: 15, max: 3600 }) });
const rules: fc.Arbitrary<KioskRules> = fc.oneof(fc.constant({}), screen);
const entering: fc.Arbitrary<LockEvent> = fc.record({
  type: fc.constant('enter' as const),
  by: fc.constantFrom('address' as const, 'setting' as const),
  screen,
});
const policy: fc.Arbitrary<LockEvent> = fc.record({ type: fc.constant('policy' as const), rules: fc.option(rules, { nil: undefined }) });
const plain = (type: 'staff' | 'relock' | 'leave'): fc.Arbitrary<LockEvent> => fc.constant({ type });
const anything = fc.oneof(entering, policy, plain('staff'), plain('relock'), plain('leave'));
const after = (events: readonly LockEvent[], from: Lock = OPEN): Lock => events.reduce(nextLock, from);

describe('a kiosk', () => {
  it('that was locked at the device is opened by nothing but the PIN', () => {
    const withoutPin = fc.array(fc.oneof(entering, policy, plain('relock'), plain('leave')));
    fc.assert(
      fc.property(entering, withoutPin, (first, events) => {
        expect(isLocked(after([first, ...events]))).toBe(true);
      }),
    );
  });

  it('that the operator locked is opened by the PIN or by the operator', () => {
    const others = fc.array(fc.oneof(entering, plain('relock'), plain('leave')));
    fc.assert(
      fc.property(rules, others, (held, events) => {
        const locked = after(events, lockOf(held, undefined));
        expect(isLocked(locked)).toBe(true);
        expect(lockedBy(locked)).toBe('policy');
        expect(isLocked(nextLock(locked, { type: 'policy', rules: undefined }))).toBe(false);
      }),
    );
  });

  it('keeps its task whatever address is typed', () => {
    fc.assert(
      fc.property(fc.array(anything), entering, (events, typed) => {
        const lock = after(events);
        fc.pre(isLocked(lock));
        expect(nextLock(lock, typed)).toEqual(lock);
      }),
    );
  });

  it('is locked again by each start, with the same task', () => {
    fc.assert(
      fc.property(fc.array(anything), (events) => {
        const lock = after(events);
        fc.pre(isHeld(lock));
        const kept = v.parse(v.optional(OwnLockSchema), JSON.parse(JSON.stringify(lock.own ?? null)) ?? undefined);
        const started = lockOf(lock.policy, kept);
        expect(isLocked(started)).toBe(true);
        expect(screenHeld(started)).toEqual(screenHeld(lock));
      }),
    );
  });

  it('is left by the staff, but for what the operator holds it to', () => {
    const chat = { task: 'chat' } as const;
    const own = after([{ type: 'enter', by: 'setting', screen: chat }, { type: 'staff' }, { type: 'leave' }]);
    expect(own).toEqual(OPEN);
    const held = after([{ type: 'staff' }, { type: 'leave' }, { type: 'relock' }], lockOf(chat, undefined));
    expect(isLocked(held)).toBe(true);
  });
});
