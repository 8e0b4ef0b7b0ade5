import * as v from 'valibot';
import { type KioskSeal, KioskSealSchema, LOCKED_HERE_BY, type LockedBy } from '../core/kiosk/lock.ts';
import { PinSchema } from '../core/kiosk/pin.ts';
import { type KioskScreen, KioskScreenSchema, type KioskWish } from '../core/kiosk/rules.ts';
import type { MemoryFigures, Restart } from '../core/kiosk/watchdog.ts';
import { method } from './contract.ts';

export type { KioskScreen, KioskSeal, LockedBy, MemoryFigures, Restart };

/** Who keeps this device to what. */
export interface KioskReport {
  /** What changes something on the device is refused. */
  readonly locked: boolean;
  /** Absent where nobody holds it to anything. Present while the staff is there, too. */
  readonly by?: LockedBy;
  /** The one thing that it shows while it is locked. */
  readonly screen?: KioskScreen;
  /** Without one the operator's file alone opens what it locks, and anybody what was locked at the device. */
  readonly hasPin: boolean;
  /** The staff is there, for so long without doing anything. */
  readonly staffLeftMs?: number;
  /** Until a PIN may be tried again. */
  readonly retryAfterMs: number;
  /** That ended since it was set up. */
  readonly sessions: number;
  /** Where it is held: for `restore`, in an engine that knows nothing any more. */
  readonly seal?: KioskSeal;
}

/** What came of the end of a session. */
export interface SessionEnd {
  readonly sessions: number;
  /** Of the workers that hold models, in bytes, and of the page where it told. */
  readonly memory: MemoryFigures;
  /** `worker`: was done. `page`: is for the page to do now. */
  readonly restart?: Restart;
}

const nothing = v.strictObject({});
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The part of the engine's contract that is about kiosks. */
export const kioskContract = {
  'kiosk.status': method<never, KioskReport>()(nothing),
  /** Without `pin` the one that is set holds, if any. Changes nothing where the device is locked already. */
  'kiosk.lock': method<never, KioskReport>()(
    v.object({ by: v.picklist(LOCKED_HERE_BY), screen: KioskScreenSchema, pin: v.exactOptional(PinSchema) }),
  ),
  /** As the policy file has a PIN. */
  'kiosk.pinHash': method<never, string>()(v.object({ pin: PinSchema })),
  'kiosk.restore': method<never, KioskReport>()(v.object({ seal: KioskSealSchema })),
  'kiosk.unlock': method<never, KioskReport>()(v.object({ pin: v.optional(v.pipe(v.string(), v.maxLength(1000)), '') })),
  /** The staff is done. */
  'kiosk.relock': method<never, KioskReport>()(nothing),
  /** Takes off what was put on at the device. */
  'kiosk.leave': method<never, KioskReport>()(nothing),
  'kiosk.endSession': method<never, SessionEnd>()(v.object({ pageBytes: v.exactOptional(bytes) })),
};

/** The public surface's part: `sill.kiosk`. */
export interface SillKiosk {
  /** Whether the device is locked, by whom, and to what. */
  status(): Promise<KioskReport>;
  /**
   * Locks the device to one task: settings and models cannot be changed until somebody gives the PIN. Changes nothing where it is locked already.
   * @param request `pin`: without one that which was set before holds, or anybody may unlock it; `by`: where the wish came from
   * @throws SillError `invalid_request`
   */
  lock(request: { readonly screen: KioskWish; readonly pin?: string; readonly by?: 'address' | 'setting' }): Promise<KioskReport>;
  /**
   * What stands in the policy file for a PIN: salted anew each time. Nothing on this device changes.
   * @throws SillError `invalid_request` where it is too short or too long
   */
  pinHash(pin: string): Promise<string>;
  /** Puts a lock on again that went with the database. Changes nothing where the engine knows of one. */
  restore(seal: KioskSeal): Promise<KioskReport>;
  /** Lets the staff in, until they say `relock` or do nothing for a while. @throws SillError `forbidden` with `retryAfterMs` where the PIN is wrong or it is too early for another try */
  unlock(pin?: string): Promise<KioskReport>;
  /** The staff is done. */
  relock(): Promise<KioskReport>;
  /** Takes the lock off for good. @throws SillError `forbidden` where the device is locked, or held by the operator's file */
  leave(): Promise<KioskReport>;
  /**
   * Deletes what the last person left: what models remember of prompts, and whatever else keeps a part of a session. Restarts models whose
   * memory has grown.
   * @param options `pageBytes`: memory of the page in bytes, where the browser tells it
   * @throws SillError `storage_unavailable`: then not everything is gone
   */
  endSession(options?: { readonly pageBytes?: number }): Promise<SessionEnd>;
}
