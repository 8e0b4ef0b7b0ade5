import { messageTree } from '../../core/chat/messageTree.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { ChatState } from './chat-state.ts';
import type { Streaming } from './streaming.ts';

/** Keeps what this tab knows as what is stored, whoever wrote it. */
export class Reading {
  readonly #state: ChatState;
  readonly #streaming: Streaming;

  constructor(state: ChatState, streaming: Streaming) {
    this.#state = state;
    this.#streaming = streaming;
  }

  /** Reads what was said, where that is not known: until then titles alone are searched. */
  readonly unknownTexts = oneAtATime(async () => {
    const { shelf, state } = this.#state;
    if (!shelf.texts.isRead && state === 'open') await this.#state.quietly(() => this.#allTexts());
  });

  async all(): Promise<void> {
    const state = this.#state;
    const heads = await state.keeper.heads();
    if (state.keeper.isLocked) return state.shut();
    const { isRead } = state.shelf.texts;
    state.shelf.clear();
    state.shelf.put(heads);
    state.state = 'open';
    if (isRead) void this.unknownTexts();
    await this.#streaming.saveRest();
    if (state.shelf.has(state.sight.head?.id ?? '')) await this.open();
    else if (state.sight.messages.length > 0) state.look(undefined);
    state.changed();
  }

  /** Somebody else wrote: these conversations, or all. */
  async follow(ids: readonly string[] | undefined): Promise<void> {
    if (!ids) return this.all();
    const { sight, shelf } = this.#state;
    await this.heads(ids);
    await this.texts(ids);
    const id = sight.head?.id;
    if (!id || !ids.includes(id)) return;
    sight.isGone = !shelf.has(id) && sight.messages.length > 0;
    if (!sight.isGone) await this.open();
  }

  async heads(ids: readonly string[]): Promise<void> {
    const { keeper, shelf } = this.#state;
    const heads = await keeper.heads(ids);
    if (keeper.isLocked) return this.#state.shut();
    shelf.delete(ids);
    shelf.put(heads);
    this.#state.changed();
  }

  /** What was said in these, where that of the others is known. */
  async texts(ids: readonly string[]): Promise<void> {
    const { keeper, shelf } = this.#state;
    if (!shelf.texts.isRead) return;
    shelf.texts.replace(await keeper.messages(ids), ids);
    this.#state.changed();
  }

  /** The conversation in sight. Where it is looked at stays, unless that is not known. */
  async open(): Promise<void> {
    const { keeper, shelf, sight } = this.#state;
    const id = sight.head?.id;
    const kept = id === undefined ? undefined : shelf.get(id);
    if (id === undefined || !kept) return;
    const stored = (await keeper.messages([id])).map(({ message }) => message);
    if (sight.head?.id !== id) return;
    const run = this.#streaming.answers.of(id);
    const messages = sight.joined(run ? [...stored, run.message] : stored);
    // What was said elsewhere after what is looked at is looked at, too.
    const leaf = messageTree(messages).newestLeaf(sight.head?.leaf) ?? kept.head.leaf;
    this.#state.look({ ...kept.head, ...(leaf === undefined ? {} : { leaf }) }, messages);
    for (const message of messages)
      if (message.answer?.state === 'writing' && message.id !== run?.message.id) this.#streaming.follow(id, message.id);
  }

  async #allTexts(): Promise<void> {
    const { keeper, shelf } = this.#state;
    await shelf.texts.fill(await keeper.messages());
    this.#state.changed();
  }
}
