import { ContextConsumer } from '@lit/context';
import type { ReactiveControllerHost } from 'lit';
import { appContext } from './context.ts';
import { KioskController } from './kiosk-controller.ts';
import { ModelsController } from './models-controller.ts';

/**
 * Whether somebody is to be told what this is: no model is on this device, whatever it is for. Before the engine says so, as far as the page can tell,
 * since its script takes longer to come than all that a view needs, and what a newcomer reads meanwhile stays where it is.
 */
export class Newcomer {
  readonly #models: ModelsController;
  readonly #kiosk: KioskController;
  readonly #shell: ContextConsumer<typeof appContext, ReactiveControllerHost & HTMLElement>;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#models = new ModelsController(host);
    this.#kiosk = new KioskController(host);
    this.#shell = new ContextConsumer(host, { context: appContext, subscribe: true });
  }

  get isHere(): boolean {
    if (this.#kiosk.locked) return false;
    const models = this.#models.store?.list?.models;
    return models ? !models.some(({ installed }) => installed) : this.#shell.value?.firstVisit === true;
  }
}
