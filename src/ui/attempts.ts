import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type SillError, toSillError } from '../core/errors.ts';
import type { Sill } from '../protocol/sill.ts';
import { sillContext } from './context.ts';

type Host = ReactiveControllerHost & HTMLElement;

/** What a person asks of the engine in a view, and why the last of it came to nothing. */
export class Attempts implements ReactiveController {
  readonly #host: Host;
  readonly #sill: ContextConsumer<typeof sillContext, Host>;
  #failed: SillError | undefined;
  #unread: SillError | undefined;
  #stop: (() => void) | undefined;

  /** @param follow begins to follow what an engine tells of, and returns the way to stop */
  constructor(host: Host, follow?: (sill: Sill) => () => void) {
    this.#host = host;
    host.addController(this);
    this.#sill = new ContextConsumer(host, {
      context: sillContext,
      subscribe: true,
      callback: (sill) => {
        this.#stop?.();
        this.#stop = sill && follow?.(sill);
      },
    });
  }

  get failure(): SillError | undefined {
    return this.#failed ?? this.#unread;
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Never rejects: what went wrong is in `failure`, until the next. */
  async make(work: (sill: Sill) => Promise<void>): Promise<void> {
    this.#failed = await this.#faultOf(work);
    this.#host.requestUpdate();
  }

  /** As `make`, of what the view asks for by itself: that it came says nothing of why something else did not. */
  async read(work: (sill: Sill) => Promise<void>): Promise<void> {
    this.#unread = await this.#faultOf(work);
    this.#host.requestUpdate();
  }

  forget(): void {
    this.#failed = undefined;
    this.#host.requestUpdate();
  }

  async #faultOf(work: (sill: Sill) => Promise<void>): Promise<SillError | undefined> {
    try {
      if (this.#sill.value) await work(this.#sill.value);
      return undefined;
    } catch (error) {
      return toSillError(error);
    }
  }
}
