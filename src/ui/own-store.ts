import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Sill } from '../protocol/sill.ts';
import { sillContext } from './context.ts';

interface Connectable extends EventTarget {
  /** Begins to follow what it tells of. Returns the way to stop. */
  connect(): () => void;
}

/** A store that one view has for itself: it follows while the view is shown, and renders it at each change. */
export class OwnStore<Store extends Connectable> implements ReactiveController {
  #store: Store | undefined;
  #disconnect: (() => void) | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, make: (sill: Sill) => Store) {
    host.addController(this);
    new ContextConsumer(host, {
      context: sillContext,
      subscribe: true,
      callback: (sill) => {
        this.#disconnect?.();
        this.#store = sill && make(sill);
        this.#store?.addEventListener('change', () => host.requestUpdate());
        this.#disconnect = this.#store?.connect();
        host.requestUpdate();
      },
    });
  }

  get store(): Store | undefined {
    return this.#store;
  }

  hostDisconnected(): void {
    this.#disconnect?.();
    this.#disconnect = undefined;
  }
}
