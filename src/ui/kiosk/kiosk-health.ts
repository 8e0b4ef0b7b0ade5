import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type ErrorCode, toSillError } from '../../core/errors.ts';
import { type FaultCode, faultOf, type KioskView, lookAfterMs, NOTHING_SEEN, reasonOf, remedyOf } from '../../core/kiosk/recovery.ts';

/** Outlives the reload that it counts. */
const TRIES_KEY = 'sill-kiosk-tries';
/** While everything is well. */
const WELL_MS = 60_000;

/** Looks whether the task can be done, again and again while it cannot, and mends what a page can mend. */
export class KioskHealth implements ReactiveController {
  fault: FaultCode | undefined;
  /** Why, where something failed. */
  reason: ErrorCode | undefined;
  /** When it looks again, by `performance.now()`. */
  nextLookMs = 0;
  readonly #host: ReactiveControllerHost;
  readonly #look: () => Promise<KioskView>;
  #tries = readTries();
  #answerError: ErrorCode | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  /** Deletes again what could not be deleted. */
  #retry: (() => void) | undefined;
  /** Nothing of anybody is left: until then a look that finds everything well says nothing of that. */
  #isClean = false;

  constructor(host: ReactiveControllerHost, look: () => Promise<KioskView>) {
    this.#host = host;
    this.#look = look;
    host.addController(this);
  }

  hostConnected(): void {
    this.#running = true;
    this.look();
  }

  hostDisconnected(): void {
    this.#running = false;
    this.#retry = undefined;
    clearTimeout(this.#timer);
  }

  /** Of an answer to a person: undefined once one went well. */
  answered(error: ErrorCode | undefined): void {
    if (error === this.#answerError) return;
    this.#answerError = error;
    this.look();
  }

  /** What cannot be deleted keeps the next person out, however well all else is. @param retry is called when it is time */
  failed(reason: ErrorCode, retry: () => void): void {
    this.#isClean = false;
    if (!this.#running) return;
    this.#retry = retry;
    // Without an engine nothing is wrong with the disk.
    this.#take(reason === 'worker_lost' ? 'E1' : 'S1', reason);
  }

  /** Of the last person nothing is left. */
  deleted(): void {
    this.#isClean = true;
    if (!this.#retry) return;
    this.#retry = undefined;
    this.look();
  }

  look(): void {
    if (!this.#running || this.#retry) return;
    clearTimeout(this.#timer);
    void this.#run();
  }

  async #run(): Promise<void> {
    const seen = await this.#look().catch((reason: unknown): KioskView => ({ ...NOTHING_SEEN, error: toSillError(reason).code }));
    const view: KioskView = { ...seen, ...(this.#answerError === undefined ? {} : { answerError: this.#answerError }) };
    // Once told, it is looked at anew: the next answer shows whether it is mended.
    this.#answerError = undefined;
    if (this.#running && !this.#retry) this.#take(faultOf(view), reasonOf(view));
  }

  #take(fault: FaultCode | undefined, reason?: ErrorCode): void {
    const tries = this.#tries;
    // An engine that is just beginning, or moving to another tab, is none that cannot.
    if (fault !== 'E1' || tries > 0) {
      this.fault = fault;
      this.reason = reason;
    }
    clearTimeout(this.#timer);
    const waitMs = fault ? lookAfterMs(tries) : WELL_MS;
    // A page that was loaded anew to delete something goes on counting until it did.
    if (fault || this.#isClean) this.#tries = fault ? tries + 1 : 0;
    writeTries(this.#tries);
    this.nextLookMs = performance.now() + waitMs;
    this.#timer = setTimeout(() => this.#try(fault, tries), waitMs);
    this.#host.requestUpdate();
  }

  #try(fault: FaultCode | undefined, tries: number): void {
    if (fault && remedyOf(fault, tries) === 'reload') location.reload();
    else if (this.#retry) this.#retry();
    else this.look();
  }
}

function readTries(): number {
  try {
    return Number(sessionStorage.getItem(TRIES_KEY)) || 0;
  } catch {
    // Refused: each page counts for itself.
    return 0;
  }
}

function writeTries(tries: number): void {
  try {
    if (tries === 0) sessionStorage.removeItem(TRIES_KEY);
    else sessionStorage.setItem(TRIES_KEY, String(tries));
  } catch {
    // As above.
  }
}
