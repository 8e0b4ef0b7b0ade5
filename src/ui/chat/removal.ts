import { msg, str } from '@lit/localize';
import type { ReactiveControllerHost } from 'lit';
import { Undo } from '../elements/undo.ts';
import { formatNumber, plural } from '../format.ts';
import type { ChatAddress } from './chat-address.ts';
import type { ChatStore } from './chat-store.ts';

/** Conversations that are deleted, and brought back as long as the offer stands. */
export class Removal {
  readonly #undo: Undo;
  readonly #address: ChatAddress;
  readonly #focusTalk: () => Promise<void>;

  constructor(host: ReactiveControllerHost & HTMLElement, address: ChatAddress, focusTalk: () => Promise<void>) {
    this.#undo = new Undo(host);
    this.#address = address;
    this.#focusTalk = focusTalk;
  }

  /** What was deleted is not to be read any more, nor to come back. */
  withdraw(): void {
    this.#undo.withdraw();
  }

  /** The focus goes to the conversation that takes the place of one in sight. */
  async remove(store: ChatStore, ids: readonly string[]): Promise<void> {
    const isInSight = ids.includes(store.sight.head?.id ?? '');
    const title = store.shelf.get(ids[0] ?? '')?.head.title;
    if (isInSight) this.#address.clear();
    const removed = await store.collection.remove(ids);
    if (isInSight) await this.#focusTalk();
    if (!removed) return;
    this.#undo.offer(
      () =>
        plural(
          ids.length,
          msg(str`Deleted: ${title || msg('Without a title')}`),
          msg(str`Deleted: ${formatNumber(ids.length)} conversations`),
        ),
      async () => {
        if (!(await store.collection.add(removed.heads, removed.messages)) && store.error) throw store.error;
        const [first] = removed.heads;
        if (first && isInSight) this.#address.show(first.id);
        if (isInSight) await this.#focusTalk();
      },
    );
  }
}
