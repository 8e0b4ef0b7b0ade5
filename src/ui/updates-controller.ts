import type { ReactiveControllerHost } from 'lit';
import { updatesContext } from './context.ts';
import { StoreController } from './store-controller.ts';
import type { UpdatesStore } from './updates-store.ts';

/** Renders its host again whenever what is offered, or what becomes of it, changes. */
export class UpdatesController extends StoreController<UpdatesStore> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, updatesContext);
  }
}
