import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { toSillError } from '../../core/errors.ts';
import { jumpMs, type Moment } from '../../core/kiosk/asleep.ts';
import type { KioskScreen } from '../../core/kiosk/rules.ts';
import { idleMsOf, nextVisit, type Visit, type VisitEvent, visitLeftMs } from '../../core/kiosk/visit.ts';
import type { SessionEnd } from '../../protocol/kiosk.ts';
import { holdVisit } from './hold-visit.ts';
import type { KioskHealth } from './kiosk-health.ts';
import { watchPageTraces } from './page-traces.ts';

/** Finer than a person reads a countdown. */
const TICK_MS = 500;

export interface VisitsOptions {
  /** How long nobody has to touch anything. */
  readonly pace: () => Pick<KioskScreen, 'idleSeconds'>;
  readonly isBusy: () => boolean;
  readonly health: () => Pick<KioskHealth, 'fault' | 'deleted' | 'failed'>;
  /** It was locked just now, by whoever was here: what is in the clipboard is theirs. */
  readonly isFresh: () => boolean;
  /** What the page noted is known over reloads. */
  readonly lasting?: boolean;
  /** Deletes what the engine has of them. Absent where nothing may be deleted yet: whoever says so calls `wipe` when it may. */
  readonly endSession: () => (() => Promise<SessionEnd>) | undefined;
  readonly onStep?: (before: Visit['phase'], event: VisitEvent) => void;
  /** Nothing of them is left. @returns whether the page goes away now, so that nobody is invited to it */
  readonly onWiped: (end: SessionEnd) => boolean | Promise<boolean>;
  /** The next one may come. */
  readonly onReady?: (end: SessionEnd) => void;
}

/** Persons at a device, one after the other: how long each has, and that all that they left is deleted before the next one comes. */
export class VisitsController implements ReactiveController {
  /** A page that was loaded under somebody, or crashed: what they left is found by nobody. */
  visit: Visit = { phase: 'wiping' };
  /** Persons whose visit is over since the page began, whoever was here before it among them. */
  ended = 0;
  readonly #host: ReactiveControllerHost;
  readonly #options: VisitsOptions;
  #isWiping = false;
  #release: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #traces: ReturnType<typeof watchPageTraces> | undefined;
  #before: Moment = momentNow();
  /** Added to a clock that stands still while the device sleeps. */
  #sleptMs = 0;

  constructor(host: ReactiveControllerHost, options: VisitsOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  get phase(): Visit['phase'] {
    return this.visit.phase;
  }

  /** Until everything is deleted; 0 where nobody is there. */
  get leftMs(): number {
    return visitLeftMs(this.visit, this.#options.pace(), this.#nowMs) ?? 0;
  }

  hostConnected(): void {
    this.#traces = watchPageTraces({ lasting: this.#options.lasting ?? false });
    this.#timer = setInterval(this.#tick, TICK_MS);
    // Out of sight a page ticks once a minute.
    document.addEventListener('visibilitychange', this.#tick);
    void this.wipe();
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#tick);
    this.#traces?.end();
    this.#release?.();
  }

  step(event: VisitEvent): void {
    const now = momentNow();
    const jumpedMs = jumpMs(this.#before, now);
    this.#before = now;
    // Nobody knows who is there now. Nor where the clock was set, be it back; then one who stayed begins anew, which is less than what the next one would read.
    if (Math.abs(jumpedMs) >= idleMsOf(this.#options.pace())) this.#do({ type: 'again' });
    // Less is how exactly clocks are read.
    if (jumpedMs > TICK_MS) this.#sleptMs += jumpedMs;
    this.#do(event);
  }

  #do(event: VisitEvent): void {
    const before = this.visit;
    const { phase } = this.#take(event);
    if (before.phase === 'attract' && phase === 'here') this.#release = holdVisit();
    this.#options.onStep?.(before.phase, event);
    if (phase === 'wiping' && before.phase !== 'wiping') void this.wipe();
    // The countdown.
    if (phase !== before.phase || phase === 'warning' || this.#options.health().fault) this.#host.requestUpdate();
  }

  /** Deletes what is left of the last one, if there is an engine that can. */
  async wipe(): Promise<void> {
    const endSession = this.#options.endSession();
    if (!endSession || this.#isWiping || this.phase !== 'wiping') return;
    this.#isWiping = true;
    try {
      // With its element goes what it was doing.
      await this.#host.updateComplete;
      const end = await endSession();
      await this.#traces?.erase({ clipboard: !this.#options.isFresh() || this.ended > 0 });
      const leaves = await this.#options.onWiped(end);
      this.#options.health().deleted();
      if (leaves) return;
      this.ended += 1;
      this.#release?.();
      this.#take({ type: 'wiped' });
      this.#options.onReady?.(end);
      this.#host.requestUpdate();
    } catch (reason) {
      // What cannot be deleted keeps the next person out.
      this.#options.health().failed(toSillError(reason).code, () => void this.wipe());
    } finally {
      this.#isWiping = false;
    }
  }

  readonly #tick = (): void => this.step({ type: 'tick', busy: this.#options.isBusy() });

  get #nowMs(): number {
    return performance.now() + this.#sleptMs;
  }

  #take(event: VisitEvent): Visit {
    this.visit = nextVisit(this.visit, event, this.#options.pace(), this.#nowMs);
    return this.visit;
  }
}

const momentNow = (): Moment => ({ monotonicMs: performance.now(), wallMs: Date.now() });
