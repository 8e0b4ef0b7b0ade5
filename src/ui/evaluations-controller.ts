import type { ReactiveControllerHost } from 'lit';
import { evaluationsContext } from './context.ts';
import type { EvaluationsStore } from './evaluations-store.ts';
import { StoreController } from './store-controller.ts';

/** Renders its host again whenever suites, runs or the run of this page change. */
export class EvaluationsController extends StoreController<EvaluationsStore> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, evaluationsContext);
  }
}
