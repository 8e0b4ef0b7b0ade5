import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Follows something while its host is in the page. For stores that a context lends see `StoreController`. */
export class FollowController implements ReactiveController {
  readonly #begin: () => () => void;
  #stop: (() => void) | undefined;

  /** @param begin begins to follow, and returns the way to stop */
  constructor(host: ReactiveControllerHost, begin: () => () => void) {
    this.#begin = begin;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = this.#begin();
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** Hears events of what the whole page has one of, as the window or a choice that was made. */
export class EventsController extends FollowController {
  /** @param listener renders the host again where it is not given */
  constructor(
    host: ReactiveControllerHost,
    target: EventTarget,
    types: readonly string[] = ['change'],
    listener: (event: Event) => void = () => host.requestUpdate(),
  ) {
    super(host, () => {
      for (const type of types) target.addEventListener(type, listener);
      return () => {
        for (const type of types) target.removeEventListener(type, listener);
      };
    });
  }
}
