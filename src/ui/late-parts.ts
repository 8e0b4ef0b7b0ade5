import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type SillError, toSillError } from '../core/errors.ts';

/** Parts of a view that are of no use before there is a model or a result: loaded once there is. */
export class LateParts implements ReactiveController {
  /** Why they are not there. */
  error: SillError | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #load: () => Promise<unknown>;
  #loading: Promise<void> | undefined;

  constructor(host: ReactiveControllerHost, load: () => Promise<unknown>) {
    this.#host = host;
    this.#load = load;
    host.addController(this);
  }

  hostConnected(): void {}

  /** Resolves once they are there, or cannot be: then `error` says why. */
  need(): Promise<void> {
    this.#loading ??= this.#load().then(
      () => undefined,
      (reason: unknown) => {
        this.error = toSillError(reason);
        this.#host.requestUpdate();
      },
    );
    return this.#loading;
  }
}
