import type { ReactiveControllerHost } from 'lit';
import { modelsContext } from './context.ts';
import type { ModelsStore } from './models-store.ts';
import { StoreController } from './store-controller.ts';

/** Renders its host again whenever the shared models change. */
export class ModelsController extends StoreController<ModelsStore> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, modelsContext);
  }

  /** As people know it; its id until it is known. */
  nameOf(id: string): string {
    return this.store?.list?.models.find((model) => model.id === id)?.name ?? id;
  }
}
