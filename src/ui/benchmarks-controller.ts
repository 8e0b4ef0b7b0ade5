import type { ReactiveControllerHost } from 'lit';
import type { BenchmarksStore } from './benchmarks-store.ts';
import { benchmarksContext } from './context.ts';
import { StoreController } from './store-controller.ts';

/** Renders its host again whenever results or the run of this page change. */
export class BenchmarksController extends StoreController<BenchmarksStore> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, benchmarksContext);
  }
}
