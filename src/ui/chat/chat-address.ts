import type { ReactiveControllerHost } from 'lit';
import { RouteParams } from '../route-params.ts';
import type { ChatStore } from './chat-store.ts';

/** What the view does where the address asks for nothing, or for something new. */
interface Deeds {
  /** As by the button. */
  readonly anew: (store: ChatStore) => void;
  /** A conversation with whoever answers usually. */
  readonly begin: (store: ChatStore) => void;
  /** Another one is in sight. */
  readonly opened: () => void;
}

/** Holds the conversation in sight and the address to each other. */
export class ChatAddress {
  readonly #params: RouteParams;
  readonly #deeds: Deeds;
  /** The model for which the address asked a new conversation. */
  #begunWith = '';

  constructor(host: ReactiveControllerHost, deeds: Deeds) {
    this.#params = new RouteParams(host, 'chat');
    this.#deeds = deeds;
  }

  /** @param isInFront another view's address is not this one's to change */
  follow(store: ChatStore, isInFront: boolean): void {
    if (this.#params.get('new')) {
      queueMicrotask(() => this.#deeds.anew(store));
      return;
    }
    const asked = this.#params.get('conversation');
    const model = this.#params.get('model');
    if (asked && asked !== store.sight.head?.id && store.shelf.has(asked)) {
      void store.open(asked);
      this.#deeds.opened();
    } else if (model && !asked && model !== this.#begunWith) {
      if (store.sight.head?.model !== model || store.shelf.has(store.sight.head.id)) store.begin(model);
    } else if (!store.sight.head) this.#deeds.begin(store);
    // Once: whoever then picks another model has it, and the address follows.
    const now = store.sight.head?.model ?? '';
    this.#begunWith = model && !asked ? now : '';
    if (model && !asked && now !== model) queueMicrotask(() => this.#params.set({ model: now }));
    // A conversation has an address once something was said in it.
    const own = store.sight.head?.id ?? '';
    if (own !== asked && store.shelf.has(own) && isInFront) queueMicrotask(() => this.show(own));
  }

  show(conversation: string): void {
    this.#params.set({ conversation, model: '' });
  }

  /** The address asks for a new one once: not again with each change that is drawn. */
  clear(): void {
    this.#params.set({ conversation: '', new: '', model: '' });
  }
}
