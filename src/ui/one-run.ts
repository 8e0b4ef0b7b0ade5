import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { Activity } from './activity.ts';

/** One piece of work of a view at a time: whether it runs, how it ended, and a way to stop it, which leaving the view does too. */
export abstract class OneRun implements ReactiveController {
  status: 'idle' | 'running' | 'done' | 'stopped' | 'failed' = 'idle';
  error: SillError | undefined;
  readonly #host: ReactiveControllerHost;
  #abort: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get running(): boolean {
    return this.status === 'running';
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Never rejects: what went wrong is in `error`. */
  protected async during(activity: Activity, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.become('running');
    try {
      await activity.during(() => work(abort.signal));
      this.status = 'done';
    } catch (error) {
      if (isAbort(error)) this.onStop();
      else {
        this.status = 'failed';
        this.error = toSillError(error);
      }
    } finally {
      this.draw();
    }
  }

  protected onStop(): void {
    this.status = 'stopped';
  }

  protected become(status: 'idle' | 'running'): void {
    this.status = status;
    this.error = undefined;
    this.draw();
  }

  protected draw(): void {
    this.#host.requestUpdate();
  }
}
