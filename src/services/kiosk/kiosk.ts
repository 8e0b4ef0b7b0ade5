import * as v from 'valibot';
import { SillError } from '../../core/errors.ts';
import { type Moment, mostMs } from '../../core/kiosk/asleep.ts';
import { type Tries, triesAtStart, tryBegun, tryRight, waitLeftMs } from '../../core/kiosk/backOff.ts';
import {
  isHeld,
  isLocked,
  type KioskSeal,
  type Lock,
  type LockEvent,
  lockedBy,
  lockOf,
  nextLock,
  type OwnLock,
  OwnLockSchema,
  screenHeld,
} from '../../core/kiosk/lock.ts';
import { equalBytes, PIN_ITERATIONS, type PinHash, PinHashSchema, pinHashOf, pinParts } from '../../core/kiosk/pin.ts';
import type { KioskScreen } from '../../core/kiosk/rules.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Pins } from '../../ports/pins.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { KioskReport } from '../../protocol/kiosk.ts';
import { KIOSK_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import { operatorRules, restoreHeld } from '../operator.ts';

const OWN_KEY = 'kiosk-lock';
const PIN_KEY = 'kiosk-pin';
const TRIES_KEY = 'kiosk-tries';
const count = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);

/** Staff that went away without a word leaves a locked device. */
const STAFF_MS = 10 * 60_000;

export interface Kiosk {
  report(): Promise<Omit<KioskReport, 'sessions'>>;
  /** Changes nothing where it is locked already. @param pin of the staff; absent leaves the one that is set */
  lock(by: OwnLock['by'], screen: KioskScreen, pin?: string): Promise<void>;
  /** As the policy file has it, salted anew. */
  pinHash(pin: string): Promise<PinHash>;
  /** Changes nothing where a lock is known. */
  restore(seal: KioskSeal): Promise<void>;
  /** @throws SillError `forbidden` with `retryAfterMs` | `storage_unavailable`: a try that cannot be counted is none */
  unlock(pin: string): Promise<void>;
  relock(): Promise<void>;
  /** @throws SillError `forbidden` */
  leave(): Promise<void>;
  /**
   * For what is the staff's.
   * @param by `page`: nobody did anything for it, so that the staff's time runs on
   * @throws SillError `forbidden` while it is locked
   */
  assertOpen(by?: 'person' | 'page'): Promise<void>;
  /** What everybody's chat begins with, while the device shows one. */
  instructions(): Promise<{ readonly locked: boolean; readonly text?: string }>;
}

export interface KioskDeps {
  readonly settings: SettingsStore;
  readonly pins: Pins;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
}

export function createKiosk({ settings, pins, locks, clock, hub }: KioskDeps): Kiosk {
  /** Asked by most requests, so it is kept until somebody changes it. */
  let known: Promise<Lock> | undefined;
  /** When the staff did something last, while it is there. */
  let staffAt: Moment | undefined;
  const moment = (): Moment => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.now() });
  const staffLeftMs = (): number => (staffAt === undefined ? 0 : Math.max(0, STAFF_MS - mostMs(staffAt, moment())));
  let tries: Tries | undefined;
  hub.listen(({ type }) => {
    if (type === 'kiosk') known = undefined;
  });

  const read = async (): Promise<Lock> => {
    const [{ held }, own] = await Promise.all([operatorRules(settings), settings.get(OWN_KEY)]);
    const parsed = v.safeParse(OwnLockSchema, own);
    return lockOf(held, parsed.success ? parsed.output : undefined);
  };
  const current = async (): Promise<Lock> => {
    const reading = known ?? read();
    known = reading;
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    const lock = await reading;
    if (staffLeftMs() === 0) staffAt = undefined;
    return staffAt === undefined ? lock : nextLock(lock, { type: 'staff' });
  };
  const apply = async (event: LockEvent): Promise<void> => {
    const before = await current();
    const after = nextLock(before, event);
    if (after.own !== before.own) await (after.own ? settings.set(OWN_KEY, after.own) : settings.delete(OWN_KEY));
    staffAt = after.staff ? moment() : undefined;
    hub.tell({ type: 'kiosk' });
  };

  /** The operator's first: it is the way in where the one of the device was forgotten. */
  const pinOf = async ({ policy }: Lock): Promise<PinHash | undefined> => {
    if (policy?.pin) return policy.pin;
    const stored = v.safeParse(PinHashSchema, await settings.get(PIN_KEY));
    return stored.success ? stored.output : undefined;
  };
  const readTries = async (): Promise<Tries> => {
    tries ??= triesAtStart(v.parse(count, await settings.get(TRIES_KEY)), clock.monotonicMs());
    return tries;
  };

  const tooEarly = (retryAfterMs: number, isWrong: boolean): SillError =>
    new SillError(
      'forbidden',
      `${isWrong ? 'The PIN is not right.' : 'Too many PINs were not right.'} ${retryAfterMs > 0 ? `Wait ${Math.ceil(retryAfterMs / 1000)} s before the next try.` : 'Try again.'}`,
      { details: { reason: isWrong ? 'wrong-pin' : 'too-early', retryAfterMs } },
    );

  const checkPin = async (hash: PinHash, pin: string): Promise<void> => {
    const before = await readTries();
    const waitMs = waitLeftMs(before, clock.monotonicMs());
    if (waitMs > 0) throw tooEarly(waitMs, false);
    // Counted before it is looked at: a tab that is closed meanwhile gains nothing.
    const begun = tryBegun(before, clock.monotonicMs());
    await settings.set(TRIES_KEY, begun.failures);
    tries = begun;
    const parts = pinParts(hash);
    const isRight = parts !== undefined && equalBytes(await pins.derive(pin, parts.salt, parts.iterations), parts.hash);
    if (!isRight) throw tooEarly(waitLeftMs(begun, clock.monotonicMs()), true);
    tries = tryRight(clock.monotonicMs());
    await settings.set(TRIES_KEY, 0);
  };

  const pinHash = async (pin: string): Promise<PinHash> => {
    const salt = pins.salt();
    return pinHashOf({ iterations: PIN_ITERATIONS, salt, hash: await pins.derive(pin, salt, PIN_ITERATIONS) });
  };

  return {
    async report() {
      const lock = await current();
      const [by, screen, pin, { failures, openAtMs }] = [lockedBy(lock), screenHeld(lock), await pinOf(lock), await readTries()];
      const { policy, own } = lock;
      const seal: KioskSeal = { ...(policy ? { policy } : {}), ...(own ? { own } : {}), ...(pin === undefined ? {} : { pin }), failures };
      return {
        locked: isLocked(lock),
        ...(by ? { by } : {}),
        ...(screen ? { screen } : {}),
        hasPin: pin !== undefined,
        ...(lock.staff && staffAt !== undefined ? { staffLeftMs: staffLeftMs() } : {}),
        retryAfterMs: isHeld(lock) ? waitLeftMs({ failures, openAtMs }, clock.monotonicMs()) : 0,
        ...(isHeld(lock) ? { seal } : {}),
      };
    },
    lock: (by, screen, pin) =>
      locks.hold(KIOSK_LOCK, async () => {
        if (isLocked(await current())) return;
        if (pin !== undefined) await settings.set(PIN_KEY, await pinHash(pin));
        await apply({ type: 'enter', by, screen });
      }),
    pinHash,
    restore: (seal) =>
      locks.hold(KIOSK_LOCK, async () => {
        if (isHeld(await current())) return;
        // The tries first: cut off in the middle, it is not lighter to guess.
        await settings.set(TRIES_KEY, seal.failures);
        tries = undefined;
        if (seal.pin !== undefined) await settings.set(PIN_KEY, seal.pin);
        if (seal.own) await settings.set(OWN_KEY, seal.own);
        if (seal.policy) await restoreHeld(settings, seal.policy);
        hub.tell({ type: 'kiosk' });
      }),
    unlock: (pin) =>
      locks.hold(KIOSK_LOCK, async () => {
        const lock = await current();
        if (!isLocked(lock)) return;
        const hash = await pinOf(lock);
        if (hash) await checkPin(hash, pin);
        else if (lock.policy) {
          throw new SillError(
            'forbidden',
            'The operator of this site locked this device without a PIN. Add one to sill.policy.json, see docs/operate.md.',
            { details: { reason: 'no-pin' } },
          );
        }
        await apply({ type: 'staff' });
      }),
    relock: () => apply({ type: 'relock' }),
    async leave() {
      const lock = await current();
      if (isLocked(lock)) throw locked();
      if (lock.policy && !lock.own) {
        throw new SillError('forbidden', 'The operator of this site locked this device: sill.policy.json holds it to that.', {
          details: { reason: 'policy' },
        });
      }
      await apply({ type: 'leave' });
    },
    async assertOpen(by = 'person') {
      const lock = await current();
      if (isLocked(lock)) throw locked();
      // Whoever works is there.
      if (lock.staff && by === 'person') staffAt = moment();
    },
    async instructions() {
      const lock = await current();
      const text = screenHeld(lock)?.instructions;
      return { locked: isLocked(lock), ...(text === undefined ? {} : { text }) };
    },
  };
}

const locked = (): SillError =>
  new SillError('forbidden', 'This device is locked: nothing on it can be changed until its staff gives the PIN.', {
    details: { reason: 'locked' },
  });
