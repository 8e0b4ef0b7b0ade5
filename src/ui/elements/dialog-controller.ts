import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Whether the dialog of an element is open. Web Awesome's dialog goes by itself too, by Escape or by its own button, and tells when it is gone;
 * components within it tell the same of themselves, in events that pass through it.
 */
export class DialogController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #onGone: () => void;
  #isOpen = false;

  /** @param onGone once nothing of it is drawn, and the focus is back where it was */
  constructor(host: ReactiveControllerHost, onGone: () => void = () => undefined) {
    this.#host = host;
    this.#onGone = onGone;
    host.addController(this);
  }

  hostConnected(): void {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  readonly open = (): void => this.#set(true);

  readonly close = (): void => this.#set(false);

  /** For `wa-after-hide`. */
  readonly onHidden = (event: Event): void => {
    if (event.target !== event.currentTarget) return;
    this.close();
    this.#onGone();
  };

  #set(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#host.requestUpdate();
  }
}
