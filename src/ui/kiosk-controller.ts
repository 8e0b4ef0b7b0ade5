import type { ReactiveControllerHost } from 'lit';
import { kioskContext } from './context.ts';
import type { KioskStore } from './kiosk-store.ts';
import { StoreController } from './store-controller.ts';

/** Renders its host again whenever the device is locked or opened. */
export class KioskController extends StoreController<KioskStore> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, kioskContext);
  }

  /** What changes something on the device is not to be offered. */
  get locked(): boolean {
    return this.store?.locked ?? false;
  }
}
