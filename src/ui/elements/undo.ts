import { ContextConsumer } from '@lit/context';
import type { ReactiveControllerHost } from 'lit';
import { parted } from '../../core/parted.ts';
import { noticesContext } from '../context.ts';
import type { Offer } from '../notices/notices-store.ts';

export interface Removal {
  readonly atATime: number;
  readonly save: (ids: readonly string[]) => Promise<Blob>;
  /** @returns how many there were */
  readonly remove: (ids: readonly string[]) => Promise<number>;
  readonly bring: (copy: Blob) => Promise<unknown>;
  readonly words: (count: number) => string;
}

/**
 * The one way to do something that can be put back: it is done at once, then offered back for some seconds, at the top of the page, by Control+Z
 * and in the command palette. Nobody is asked first. Where bytes would have to be fetched again, or an erasure is final, `sill-confirm-dialog` asks.
 */
export class Undo {
  readonly #notices: ContextConsumer<typeof noticesContext, ReactiveControllerHost & HTMLElement>;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    // Known before it is needed: the element may be gone together with what it removed.
    this.#notices = new ContextConsumer(host, { context: noticesContext });
  }

  /** Once it is done. */
  offer(words: Offer['words'], undo: Offer['undo']): void {
    this.#notices.value?.offerUndo({ words, undo, by: this });
  }

  /**
   * Removes what is saved to files first, and brought back by them.
   * @param atATime so many in one file: one of more might be larger than one that is read back
   */
  async remove(ids: readonly string[], { atATime, save, remove, bring, words }: Removal): Promise<void> {
    const copies: Blob[] = [];
    for (const part of parted(ids, atATime)) copies.push(await save(part));
    const count = await remove(ids);
    // What is being measured stays, as does what another tab removed.
    if (count === 0) return;
    this.offer(
      () => words(count),
      async () => {
        for (const copy of copies) await bring(copy);
      },
    );
  }

  /** What was offered here is not to be put back, or not to be seen, any more. */
  withdraw(): void {
    this.#notices.value?.withdraw(this);
  }
}
