import { msg } from '@lit/localize';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { toSillError } from '../../core/errors.ts';
import { errorWords } from '../errors.ts';

const SECOND_MS = 1000;

/** A PIN that is tried, whichever form asks for it: why it was refused, and how long it is until the next try. */
export class PinTrying implements ReactiveController {
  checking = false;
  /** In words; empty where nothing was refused. */
  problem = '';
  readonly #host: ReactiveControllerHost;
  /** When it may be tried, by `performance.now()`. */
  #openAtMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get waitSeconds(): number {
    return Math.max(0, Math.ceil((this.#openAtMs - performance.now()) / SECOND_MS));
  }

  /** As the engine said just now. */
  wait(retryAfterMs: number): void {
    this.#openAtMs = performance.now() + retryAfterMs;
    this.#host.requestUpdate();
  }

  /** Nothing is tried before its time. */
  async try(unlock: () => Promise<unknown>): Promise<void> {
    if (this.checking || this.waitSeconds > 0) return;
    this.checking = true;
    this.problem = '';
    this.#host.requestUpdate();
    try {
      await unlock();
    } catch (reason) {
      this.problem = refusal(reason);
      this.wait(waitOf(reason));
    } finally {
      this.checking = false;
      this.#host.requestUpdate();
    }
  }

  hostUpdated(): void {
    // The countdown, for as long as there is one.
    if (this.waitSeconds > 0) this.#timer ??= setInterval(() => this.#host.requestUpdate(), SECOND_MS);
    else this.hostDisconnected();
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function waitOf(reason: unknown): number {
  const { retryAfterMs } = toSillError(reason).details;
  return typeof retryAfterMs === 'number' ? retryAfterMs : 0;
}

function refusal(reason: unknown): string {
  const error = toSillError(reason);
  const { reason: why } = error.details;
  if (error.code !== 'forbidden') return `${errorWords(error).title}. ${msg('The PIN cannot be checked now.')}`;
  if (why === 'no-pin') return msg('The operator of this site locked this device without a PIN: sill.policy.json alone opens it.');
  // How long is told by the button, second by second.
  if (why === 'too-early') return msg('Too many wrong PINs. Turning the device off does not shorten the wait.');
  return waitOf(reason) === 0 ? msg('The PIN is not right.') : msg('The PIN is not right. Each further wrong one costs twice the time.');
}
