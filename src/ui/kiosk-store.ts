import * as v from 'valibot';
import { type SillError, toSillError } from '../core/errors.ts';
import { KioskSealSchema } from '../core/kiosk/lock.ts';
import { KIOSK_PARAMS, type KioskScreen, KioskScreenSchema, kioskOfAddress } from '../core/kiosk/rules.ts';
import type { KioskReport } from '../protocol/kiosk.ts';
import type { Sill } from '../protocol/sill.ts';
import { isInUse } from './in-use.ts';
import { BEFORE_KEY } from './kiosk/kiosk-keys.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** Not beside the choices of the views: those travel in the copy of one's own data. Goes with everything that is erased. */
const KEY = 'sill-kiosk';
const MirrorSchema = v.object({ screen: v.optional(KioskScreenSchema), seal: KioskSealSchema });

/** Timers stand still while the device sleeps: the staff's time is looked at so often, lest they are gone for a night and their views are not. */
const LOOK_MS = 30_000;

/** What is asked of the engine here. */
type Asked = Pick<Sill, 'watch' | 'kiosk'> & Parameters<typeof isInUse>[0];

/**
 * Who keeps this device to what, as the engine last told; until it tells, as it was when the page was last open. A page that begins without an
 * engine, or never gets one, shows no view that a locked device does not have.
 *
 * @fires change
 */
export class KioskStore extends EventTarget {
  report: KioskReport | undefined;
  /** The address asks for a kiosk that cannot be. */
  error: SillError | undefined;
  /** What the address asks for on a device that is in use: a person says whether it is to be. */
  question: KioskScreen | undefined;
  /** The lock was put on while this page was open: whoever was here is its owner, and no person of a kiosk. */
  isNew = false;
  /** The staff was here, locked it again or went away: what the page holds is theirs, and of the person before them. */
  followsStaff = false;
  #asked: KioskScreen | undefined;
  readonly #before = readMirror();
  #sill: Asked | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    try {
      this.#asked = kioskOfAddress(new URLSearchParams(location.search));
    } catch (error) {
      this.error = toSillError(error);
    }
  }

  /** What the page shows in place of its views. */
  get screen(): KioskScreen | undefined {
    if (this.report) return this.report.locked ? this.report.screen : undefined;
    return this.#before?.screen ?? this.#asked;
  }

  /** The device is a kiosk, and not only asked to be one. */
  get isHeld(): boolean {
    return this.report?.locked ?? this.#before !== undefined;
  }

  /** The device is locked and keeps its views. */
  get holdsViews(): boolean {
    return this.isHeld && this.screen === undefined;
  }

  /** Of a device that keeps its views: as the operator's file says. */
  get pace(): Pick<KioskScreen, 'idleSeconds'> {
    const { idleSeconds } = (this.report ? this.report.seal : this.#before?.seal)?.policy ?? {};
    return idleSeconds === undefined ? {} : { idleSeconds };
  }

  /** It was locked when the page began: whoever was here before may have left something. */
  get beganLocked(): boolean {
    return this.#before !== undefined;
  }

  /** What changes something on the device is refused, so that it is not offered. */
  get locked(): boolean {
    return this.report?.locked ?? (this.#before !== undefined || this.#asked !== undefined);
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Asked): () => void {
    this.#sill = sill;
    const stop = sill.watch(({ type }) => {
      if (type === 'kiosk') void this.refresh();
    });
    void this.refresh();
    return () => {
      clearTimeout(this.#timer);
      stop();
    };
  }

  readonly refresh = oneAtATime(async () => {
    try {
      let report = await this.#sill?.kiosk.status();
      // Only as the page begins: a lock that is taken off later is taken off.
      if (report && !this.report && !report.by && this.#before) report = await this.#sill?.kiosk.restore(this.#before.seal);
      const asked = this.#asked;
      if (this.#sill && report && asked && !report.locked && report.staffLeftMs === undefined) {
        // A link that somebody else sent is not to lock a person out of what is theirs.
        if (await isInUse(this.#sill)) this.question = asked;
        else report = await this.#sill.kiosk.lock({ screen: asked, by: 'address' });
      }
      if (report) this.#take(report);
    } catch {
      // Whoever asks for the task says why; until then what was known holds.
    }
  });

  /** @throws SillError `forbidden` with `retryAfterMs` */
  async unlock(pin: string): Promise<void> {
    const report = await this.#sill?.kiosk.unlock(pin);
    if (report) this.#take(report);
  }

  async relock(): Promise<void> {
    const report = await this.#sill?.kiosk.relock();
    if (report) this.#take(report);
  }

  /** @throws SillError `forbidden` */
  async leave(): Promise<void> {
    const report = await this.#sill?.kiosk.leave();
    this.#forgetAddress();
    if (report) this.#take(report);
  }

  /** To what the address asked for. @throws SillError */
  async answer(isWanted: boolean): Promise<void> {
    const screen = this.question;
    const report = isWanted && screen ? await this.#sill?.kiosk.lock({ screen, by: 'address' }) : this.report;
    if (!isWanted) this.#forgetAddress();
    this.question = undefined;
    if (report) this.#take(report);
  }

  /** Else it would lead back in, or ask again. */
  #forgetAddress(): void {
    this.#asked = undefined;
    const url = new URL(location.href);
    for (const name of KIOSK_PARAMS) url.searchParams.delete(name);
    history.replaceState(null, '', url);
  }

  #take(report: KioskReport): void {
    if (report.locked) this.question = undefined;
    // The staff was here, and a person before them.
    if (report.staffLeftMs !== undefined) this.isNew = false;
    else if (report.locked && !this.report?.by) this.isNew = this.#before === undefined;
    this.followsStaff = report.locked && (this.followsStaff || this.report?.staffLeftMs !== undefined);
    this.report = report;
    this.error = undefined;
    writeMirror(report);
    clearTimeout(this.#timer);
    // Nobody tells when the staff has gone.
    if (report.staffLeftMs !== undefined) this.#timer = setTimeout(() => void this.refresh(), Math.min(report.staffLeftMs + 100, LOOK_MS));
    this.dispatchEvent(new Event('change'));
  }
}

function readMirror(): v.InferOutput<typeof MirrorSchema> | undefined {
  try {
    const parsed = v.safeParse(MirrorSchema, JSON.parse(localStorage.getItem(KEY) ?? ''));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Refused storage, or nothing there.
    return undefined;
  }
}

function writeMirror({ screen, seal }: KioskReport): void {
  try {
    if (seal) localStorage.setItem(KEY, JSON.stringify({ screen, seal }));
    else {
      localStorage.removeItem(KEY);
      localStorage.removeItem(BEFORE_KEY);
    }
  } catch {
    // Refused: then the engine's word is waited for.
  }
}
