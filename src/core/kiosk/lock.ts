import * as v from 'valibot';
import { PinHashSchema } from './pin.ts';
import { type KioskRules, KioskRulesSchema, type KioskScreen, KioskScreenSchema, screenOf } from './rules.ts';

export const LOCKED_HERE_BY = ['address', 'setting'] as const;
export type LockedBy = 'policy' | (typeof LOCKED_HERE_BY)[number];

/** What is kept on the device of a lock that was put on there. */
export const OwnLockSchema = v.object({ by: v.picklist(LOCKED_HERE_BY), screen: KioskScreenSchema });
export type OwnLock = v.InferOutput<typeof OwnLockSchema>;

/** What a page keeps of a lock outside of the database, for the day on which that is gone. Without the PIN itself, as in the database. */
export const KioskSealSchema = v.object({
  policy: v.exactOptional(KioskRulesSchema),
  own: v.exactOptional(OwnLockSchema),
  pin: v.exactOptional(PinHashSchema),
  failures: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
export type KioskSeal = v.InferOutput<typeof KioskSealSchema>;

/** Who keeps this device to what. */
export interface Lock {
  /** As the operator's file said when it was last read. */
  readonly policy?: KioskRules;
  /** Put on at the device. */
  readonly own?: OwnLock;
  /** Somebody with the PIN is at the device. Never kept: a start begins locked. */
  readonly staff: boolean;
}

export type LockEvent =
  | { readonly type: 'policy'; readonly rules: KioskRules | undefined }
  | { readonly type: 'enter'; readonly by: OwnLock['by']; readonly screen: KioskScreen }
  /** The PIN was right, or there is none. */
  | { readonly type: 'staff' }
  /** The staff is done or went away. */
  | { readonly type: 'relock' }
  /** Takes off what was put on at the device. */
  | { readonly type: 'leave' };

export const isHeld = ({ policy, own }: Lock): boolean => policy !== undefined || own !== undefined;

/** What changes something on the device is refused. */
export const isLocked = (lock: Lock): boolean => isHeld(lock) && !lock.staff;

/** The operator's word comes first. */
export const lockedBy = ({ policy, own }: Lock): LockedBy | undefined => (policy ? 'policy' : own?.by);

/** The one thing that the device shows; absent where it keeps its views. */
export const screenHeld = ({ policy, own }: Lock): KioskScreen | undefined => (policy && screenOf(policy)) ?? own?.screen;

/** As after a start. */
export const lockOf = (policy: KioskRules | undefined, own: OwnLock | undefined): Lock => ({
  ...(policy ? { policy } : {}),
  ...(own ? { own } : {}),
  staff: false,
});

/** A locked device is opened by the staff, or by the operator's file where nothing was put on at the device: by nothing else. */
export function nextLock(lock: Lock, event: LockEvent): Lock {
  switch (event.type) {
    case 'policy': {
      const next = lockOf(event.rules, lock.own);
      return { ...next, staff: lock.staff && isHeld(next) };
    }
    case 'enter':
      // An address can be typed: it leads in, and changes nothing of what holds.
      return isLocked(lock) ? lock : lockOf(lock.policy, { by: event.by, screen: event.screen });
    case 'staff':
      return { ...lock, staff: isHeld(lock) };
    case 'relock':
      return { ...lock, staff: false };
    case 'leave':
      return lock.staff ? { ...lockOf(lock.policy, undefined), staff: lock.policy !== undefined } : lock;
  }
}
