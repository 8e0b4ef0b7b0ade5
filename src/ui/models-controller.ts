import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { modelsContext } from './context.ts';
import type { ModelsStore } from './models-store.ts';

/** Renders its host again whenever the shared models change. */
export class ModelsController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #onChange = (): void => this.#host.requestUpdate();
  #store: ModelsStore | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
    new ContextConsumer(host, {
      context: modelsContext,
      callback: (store) => {
        this.#store?.removeEventListener('change', this.#onChange);
        this.#store = store;
        store.addEventListener('change', this.#onChange);
        host.requestUpdate();
      },
    });
  }

  get store(): ModelsStore | undefined {
    return this.#store;
  }

  hostConnected(): void {
    this.#store?.addEventListener('change', this.#onChange);
  }

  hostDisconnected(): void {
    this.#store?.removeEventListener('change', this.#onChange);
  }
}
