import { ContextConsumer } from '@lit/context';
import type { ReactiveControllerHost } from 'lit';
import { noticesContext } from '../context.ts';
import type { Offer } from '../notices/notices-store.ts';

/**
 * The one way to do something that can be put back: it is done at once, then offered back for some seconds, at the top of the page, by Control+Z
 * and in the command palette. Nobody is asked first. Where bytes would have to be fetched again, or an erasure is final, `sill-confirm-dialog` asks.
 */
export class Undo {
  readonly #notices: ContextConsumer<typeof noticesContext, ReactiveControllerHost & HTMLElement>;
  #withdraw: (() => void) | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    // Known before it is needed: the element may be gone together with what it removed.
    this.#notices = new ContextConsumer(host, { context: noticesContext });
  }

  /** Once it is done. */
  offer(words: Offer['words'], undo: Offer['undo']): void {
    this.#withdraw = this.#notices.value?.offerUndo({ words, undo });
  }

  /** What was offered last is not to be put back, or not to be seen, any more. */
  withdraw(): void {
    this.#withdraw?.();
    this.#withdraw = undefined;
  }
}
