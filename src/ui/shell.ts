import type { ErrorData } from '../core/errors.ts';

/** What the page knows beside the engine: given to the views by the composition root, replaced as a whole when something changes. */
export interface AppShell {
  /** Served over plain http from another machine: the browser withholds what inference and storage need. */
  readonly insecure: boolean;
  /** Nobody was here before, as far as the page can tell before there is an engine. */
  readonly firstVisit: boolean;
  /** `stored` once the app and the model runtime are on the device, `ready` once a model that it can run is there too. */
  readonly offline: 'unsupported' | 'preparing' | 'stored' | 'ready';
  /** Of the model runtime; absent while nobody has looked. */
  readonly runtimeMissingBytes?: number;
  /** A new version of the app is downloaded and waits. */
  readonly updateWaiting: boolean;
  /** Lets the waiting version take over, which reloads the page. */
  applyUpdate(): void;
  /** How the engine stands to what is stored, as far as it concerns a person. */
  readonly storage: 'usable' | 'blocked' | 'outdated' | 'erased';
  /** Why the engine could not be started. */
  readonly failure?: ErrorData;
}

export const INITIAL_SHELL: AppShell = {
  insecure: false,
  firstVisit: false,
  offline: 'preparing',
  updateWaiting: false,
  applyUpdate: () => undefined,
  storage: 'usable',
};
