import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Hears events of what the whole page has one of, as the window or a choice that was made, while its host is in the page. For stores that a
 * context lends see `StoreController`.
 */
export class EventsController implements ReactiveController {
  readonly #target: EventTarget;
  readonly #types: readonly string[];
  readonly #listener: (event: Event) => void;

  /** @param listener renders the host again where it is not given */
  constructor(
    host: ReactiveControllerHost,
    target: EventTarget,
    types: readonly string[] = ['change'],
    listener: (event: Event) => void = () => host.requestUpdate(),
  ) {
    this.#target = target;
    this.#types = types;
    this.#listener = listener;
    host.addController(this);
  }

  hostConnected(): void {
    for (const type of this.#types) this.#target.addEventListener(type, this.#listener);
  }

  hostDisconnected(): void {
    for (const type of this.#types) this.#target.removeEventListener(type, this.#listener);
  }
}
