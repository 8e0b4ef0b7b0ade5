import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type SillError, toSillError } from '../../core/errors.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import { sillContext } from '../context.ts';

/** Events come in bursts; a report reads every key of the database. */
const SETTLE_MS = 150;

/** What is stored, read again whenever something that is stored changes, in any tab. */
export class StorageController implements ReactiveController {
  report: StorageReport | undefined;
  error: SillError | undefined;
  readonly #host: ReactiveControllerHost & HTMLElement;
  #sill: Sill | undefined;
  #stop: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
    new ContextConsumer(host, {
      context: sillContext,
      subscribe: true,
      callback: (sill) => {
        this.#sill = sill;
        this.#follow();
      },
    });
  }

  hostConnected(): void {
    this.#follow();
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
  }

  async refresh(): Promise<void> {
    try {
      this.report = await this.#sill?.storage();
      this.error = undefined;
    } catch (reason) {
      this.error = toSillError(reason);
    }
    this.#host.requestUpdate();
  }

  #follow(): void {
    this.#stop?.();
    this.#stop = this.#sill?.watch((event) => {
      // Neither says that anything is stored elsewise.
      if (event.type === 'install' || event.type === 'log') return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh(), SETTLE_MS);
    });
    if (this.#sill) void this.refresh();
  }
}
