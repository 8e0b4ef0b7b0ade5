import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Keeps the screen on while its host is shown. A browser takes the lock away whenever the page is hidden: then it is asked for again. */
export class WakeLock implements ReactiveController {
  #sentinel: WakeLockSentinel | undefined;

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#acquire);
    void this.#acquire();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#acquire);
    void this.#sentinel?.release();
    this.#sentinel = undefined;
  }

  readonly #acquire = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || (this.#sentinel && !this.#sentinel.released)) return;
    try {
      this.#sentinel = await navigator.wakeLock?.request('screen');
    } catch {
      // A battery that is low, or a browser that has none: the screen's own time is the operator's to set.
    }
  };
}
