import { type Context, ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its host again whenever a store that all views share changes. */
export class StoreController<Store extends EventTarget> implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #onChange = (): void => this.#host.requestUpdate();
  #store: Store | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, context: Context<unknown, Store>) {
    this.#host = host;
    host.addController(this);
    new ContextConsumer(host, {
      context,
      callback: (store) => {
        this.#store?.removeEventListener('change', this.#onChange);
        this.#store = store;
        store.addEventListener('change', this.#onChange);
        host.requestUpdate();
      },
    });
  }

  get store(): Store | undefined {
    return this.#store;
  }

  hostConnected(): void {
    this.#store?.addEventListener('change', this.#onChange);
  }

  hostDisconnected(): void {
    this.#store?.removeEventListener('change', this.#onChange);
  }
}
