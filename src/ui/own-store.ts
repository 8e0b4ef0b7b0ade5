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
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #make: (sill: Sill) => Store;
  readonly #sill: ContextConsumer<typeof sillContext, ReactiveControllerHost & HTMLElement>;

  constructor(host: ReactiveControllerHost & HTMLElement, make: (sill: Sill) => Store) {
    this.#host = host;
    this.#make = make;
    host.addController(this);
    this.#sill = new ContextConsumer(host, { context: sillContext, subscribe: true, callback: (sill) => this.#begin(sill) });
  }

  get store(): Store | undefined {
    return this.#store;
  }

  /** Begins anew, with nothing of what the one before knew. */
  renew(): void {
    this.#begin(this.#sill.value);
  }

  #begin(sill: Sill | undefined): void {
    this.#disconnect?.();
    this.#store = sill && this.#make(sill);
    this.#store?.addEventListener('change', () => this.#host.requestUpdate());
    this.#disconnect = this.#store?.connect();
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#disconnect?.();
    this.#disconnect = undefined;
  }
}
