import { ContextConsumer } from '@lit/context';
import type { ReactiveControllerHost } from 'lit';
import { type SillError, toSillError } from '../core/errors.ts';
import type { Sill } from '../protocol/sill.ts';
import { sillContext } from './context.ts';

type Host = ReactiveControllerHost & HTMLElement;

/** What a person asks of the engine in a view, and why the last of it came to nothing. */
export class Attempts {
  failure: SillError | undefined;
  readonly #host: Host;
  readonly #sill: ContextConsumer<typeof sillContext, Host>;

  constructor(host: Host) {
    this.#host = host;
    this.#sill = new ContextConsumer(host, { context: sillContext, subscribe: true });
  }

  /** Never rejects: what went wrong is in `failure`, until the next. */
  async make(work: (sill: Sill) => Promise<void>): Promise<void> {
    try {
      if (this.#sill.value) await work(this.#sill.value);
      this.failure = undefined;
    } catch (error) {
      this.failure = toSillError(error);
    }
    this.#host.requestUpdate();
  }

  forget(): void {
    this.failure = undefined;
    this.#host.requestUpdate();
  }
}
