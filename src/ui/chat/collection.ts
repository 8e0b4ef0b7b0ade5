import type { Head, Message } from '../../core/chat/conversation.ts';
import type { ChatState } from './chat-state.ts';
import type { KeptMessage } from './keeper.ts';
import type { Reading } from './reading.ts';
import type { Streaming } from './streaming.ts';
import type { Writer } from './writer.ts';

/** What was deleted together, for as long as it can be brought back. */
export interface Removed {
  readonly heads: readonly Head[];
  readonly messages: readonly KeptMessage[];
}

/** Whole conversations: deleted, brought back, brought in from a file, and taken out into one. */
export class Collection {
  readonly #state: ChatState;
  readonly #streaming: Streaming;
  readonly #reading: Reading;
  readonly #writer: Writer;

  constructor(state: ChatState, streaming: Streaming, reading: Reading, writer: Writer) {
    this.#state = state;
    this.#streaming = streaming;
    this.#reading = reading;
    this.#writer = writer;
  }

  /** @returns what is gone, which `add` brings back; nothing where it could not be deleted */
  async remove(ids: readonly string[]): Promise<Removed | undefined> {
    const state = this.#state;
    let removed: Removed | undefined;
    await state.guarded(async () => {
      for (const id of ids) this.#streaming.answers.stop(id);
      const messages = await state.keeper.messages(ids);
      const heads = this.#headsOf(ids);
      await this.#writer.write({ removed: ids });
      removed = { heads, messages };
      state.shelf.delete(ids);
      if (ids.includes(state.sight.head?.id ?? '')) state.look(undefined);
    });
    return removed;
  }

  /** Conversations that are new here, and messages of those and of others that are here. False where they could not be stored. */
  add(heads: readonly Head[], messages: readonly KeptMessage[]): Promise<boolean> {
    return this.#state.guarded(async () => {
      const added = heads.filter(({ id }) => !this.#state.shelf.has(id)).map((head) => ({ head, version: 0 }));
      await this.#writer.write({ heads: added, messages });
      await this.#reading.texts(heads.map(({ id }) => id));
    });
  }

  /** The one in sight as it is here, after another tab deleted it. */
  async keep(): Promise<void> {
    const { sight } = this.#state;
    const { head } = sight;
    if (!head) return;
    await this.add(
      [head],
      sight.messages.map((message) => ({ conversation: head.id, message })),
    );
    sight.isGone = false;
    this.#state.changed();
  }

  /** These or all, for an export. */
  async whole(ids?: readonly string[]): Promise<ReadonlyArray<{ readonly head: Head; readonly messages: readonly Message[] }>> {
    const messages = await this.#state.keeper.messages(ids);
    const heads = ids ? this.#headsOf(ids) : this.#state.shelf.list;
    const said = new Map(heads.map(({ id }): [string, Message[]] => [id, []]));
    for (const { conversation, message } of messages) said.get(conversation)?.push(message);
    return heads.map((head) => ({ head, messages: said.get(head.id) ?? [] }));
  }

  #headsOf(ids: readonly string[]): Head[] {
    return ids.flatMap((id) => this.#state.shelf.get(id)?.head ?? []);
  }
}
