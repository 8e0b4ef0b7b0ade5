import type { Head, Message, Parameters } from '../../core/chat/conversation.ts';
import { messageTree } from '../../core/chat/messageTree.ts';
import { type SillError, toSillError } from '../../core/errors.ts';
import type { Sealing } from '../../ports/sealing.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { Answers } from './answers.ts';
import { Elsewhere } from './elsewhere.ts';
import { Keeper, type KeptMessage } from './keeper.ts';
import { Saying } from './saying.ts';
import { Shelf } from './shelf.ts';
import { Sight } from './sight.ts';
import { goneError, Writer } from './writer.ts';

/**
 * Conversations of this device as this tab knows them, and all that is done to them.
 *
 * @fires change
 */
export class ChatStore extends EventTarget {
  state: 'loading' | 'locked' | 'open' = 'loading';
  error: SillError | undefined;
  /** Deleted last, while it can be brought back. */
  removed: { readonly heads: readonly Head[]; readonly messages: readonly KeptMessage[] } | undefined;
  readonly keeper: Keeper;
  readonly answers: Answers;
  readonly saying: Saying;
  readonly shelf = new Shelf();
  readonly sight = new Sight();
  /** Answers that another tab is writing. */
  readonly #elsewhere = new Elsewhere();
  /** What could not be written because another tab set a passphrase: it is, once this one is unlocked. */
  #unsaved: KeptMessage[] = [];
  #frame: number | undefined;
  readonly #writer: Writer;
  readonly #sill: Sill;

  constructor(sill: Sill, sealing: Sealing, activity: Activity) {
    super();
    this.#sill = sill;
    this.keeper = new Keeper(sill.conversations, sealing);
    this.saying = new Saying(
      this.sight,
      () => this.answers,
      (change, messages, head) => this.#change(change, messages, { head }),
    );
    this.#writer = new Writer(this.keeper, this.shelf, () => this.#read());
    this.answers = new Answers({
      ...{ sill, activity },
      save: (conversation, message) => this.#saveAnswer(conversation, message),
      told: ({ conversation, message }) => this.#show(conversation, message),
      ended: ({ conversation, message }) => {
        if (this.shelf.texts.isRead) void this.#quietly(() => this.#readTexts([conversation]));
        this.#show(conversation, message);
      },
    });
  }

  connect(): () => void {
    const stop = this.#sill.watch((event) => {
      if (event.type === 'conversations' && event.by !== this.keeper.by) void this.#quietly(() => this.#follow(event.ids));
    });
    const save = (): void => {
      if (document.visibilityState === 'hidden') void this.answers.saveAll();
    };
    document.addEventListener('visibilitychange', save);
    void this.#guarded(() => this.#read());
    return () => {
      stop();
      document.removeEventListener('visibilitychange', save);
    };
  }

  /** Reads what was said, where that is not known: until then titles alone are searched. */
  readonly readTexts = oneAtATime(async () => {
    if (!this.shelf.texts.isRead && this.state === 'open') await this.#quietly(() => this.#readTexts());
  });

  /** True while it grows, here or in another tab. */
  isWriting({ id, answer }: Message): boolean {
    return answer?.state === 'writing' && (this.#elsewhere.has(id) || this.answers.of(this.sight.head?.id ?? '')?.message.id === id);
  }

  /** A conversation in which nothing was said: it is stored with its first message. */
  begin(model: string): void {
    const now = Date.now();
    this.#look({ id: crypto.randomUUID(), title: '', createdAtMs: now, updatedAtMs: now, model, system: '' });
  }

  async open(id: string): Promise<void> {
    const kept = this.shelf.get(id);
    if (!kept) return;
    this.#look(kept.head);
    await this.#guarded(() => this.#readOpen());
  }

  stop(): void {
    if (this.sight.head) this.answers.stop(this.sight.head.id);
  }

  /** The branch that begins with this message, where it was written at last. */
  async show(id: string): Promise<void> {
    const leaf = this.sight.tree.newestLeaf(id);
    if (leaf) await this.#change({ leaf });
  }

  /** Of the conversation in sight; of one in which nothing was said it is not stored yet. */
  async set(change: Partial<Pick<Head, 'title' | 'model' | 'system'>>): Promise<void> {
    await this.#change(change);
  }

  async setParameters(parameters: Parameters | undefined): Promise<void> {
    await this.#change(parameters ? { parameters } : {}, [], { without: parameters ? [] : ['parameters'] });
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#guarded(async () => {
      for (const id of ids) this.answers.stop(id);
      const messages = await this.keeper.messages(ids);
      const heads = ids.flatMap((id) => this.shelf.get(id)?.head ?? []);
      await this.#writer.write({ removed: ids });
      this.removed = { heads, messages };
      this.shelf.delete(ids);
      if (ids.includes(this.sight.head?.id ?? '')) this.#look(undefined);
    });
  }

  /** @returns the conversations that are back */
  async undo(): Promise<readonly string[]> {
    const { removed } = this;
    if (!removed) return [];
    this.removed = undefined;
    await this.add(removed.heads, removed.messages);
    return removed.heads.map(({ id }) => id);
  }

  /** Conversations that are new here, and messages of those and of others that are here. */
  add(heads: readonly Head[], messages: readonly KeptMessage[]): Promise<boolean> {
    return this.#guarded(async () => {
      const added = heads.filter(({ id }) => !this.shelf.has(id)).map((head) => ({ head, version: 0 }));
      await this.#writer.write({ heads: added, messages });
      if (this.shelf.texts.isRead) await this.#readTexts(heads.map(({ id }) => id));
    });
  }

  /** The one in sight as it is here, after another tab deleted it. */
  async keep(): Promise<void> {
    const { head } = this.sight;
    if (!head) return;
    await this.add(
      [head],
      this.sight.messages.map((message) => ({ conversation: head.id, message })),
    );
    this.sight.isGone = false;
    this.#changed();
  }

  lock(): void {
    this.keeper.lock();
    this.#shut();
  }

  /** False for a wrong passphrase. */
  async unlock(passphrase: string): Promise<boolean> {
    const unlocked = await this.keeper.unlock(passphrase);
    if (unlocked) await this.#guarded(() => this.#read());
    return unlocked;
  }

  /** Sets, changes, or with `undefined` removes it. @throws SillError `busy` | `quota_exceeded` */
  async setPassphrase(passphrase: string | undefined): Promise<void> {
    await this.keeper.setPassphrase(passphrase);
    await this.#guarded(() => this.#read());
  }

  /** The one way on without the passphrase. */
  async clear(): Promise<void> {
    await this.#guarded(async () => {
      await this.keeper.clear();
      this.#look(undefined);
      this.removed = undefined;
      await this.#read();
    });
  }

  /** Everything, for an export. */
  async whole(ids?: readonly string[]): Promise<ReadonlyArray<{ readonly head: Head; readonly messages: readonly Message[] }>> {
    const messages = await this.keeper.messages(ids);
    const heads = ids ? ids.flatMap((id) => this.shelf.get(id)?.head ?? []) : this.shelf.list;
    const said = new Map(heads.map(({ id }): [string, Message[]] => [id, []]));
    for (const { conversation, message } of messages) said.get(conversation)?.push(message);
    return heads.map((head) => ({ head, messages: said.get(head.id) ?? [] }));
  }

  /** Of the conversation in sight, unless another is named. Shown at once; false where it could not be stored. */
  async #change(
    change: Partial<Head>,
    messages: readonly Message[] = [],
    { head = this.sight.head, without = [] }: { readonly head?: Head | undefined; readonly without?: ReadonlyArray<keyof Head> } = {},
  ): Promise<boolean> {
    if (!head) return false;
    const changed = (before: Head): Head => {
      const next = { ...before, ...change };
      for (const key of without) delete next[key];
      return next;
    };
    if (this.sight.head?.id === head.id) {
      this.sight.head = changed(this.sight.head);
      this.sight.put(messages);
      this.#changed();
    }
    // Nothing was said: there is nothing to keep.
    if (!this.shelf.has(head.id) && messages.length === 0) return true;
    return this.#guarded(async () => {
      // It is kept whole, where the person says so, or not at all.
      if (this.sight.isGone && this.sight.head?.id === head.id) throw goneError();
      const kept = messages.map((message) => ({ conversation: head.id, message }));
      // Another tab may have changed it meanwhile: then this is done to what it became.
      for (let tries = 0; ; tries++) {
        const before = this.shelf.get(head.id) ?? { head, version: 0 };
        const next = { head: changed(before.head), version: before.version };
        if (tries === 0 || this.shelf.has(head.id)) {
          if (await this.#writer.write({ heads: [next], messages: kept }, tries < 5)) return;
        } else throw goneError();
        await this.#readHeads([head.id]);
      }
    });
  }

  async #saveAnswer(conversation: string, message: Message): Promise<void> {
    const own = { conversation, message };
    try {
      const outcome = await this.keeper.write({ messages: [own] });
      if (outcome === 'vault_changed') {
        this.#unsaved = [...this.#unsaved.filter(({ message: { id } }) => id !== message.id), own];
        await this.#read();
      }
      // Deleted by whoever looks at it: to be told where that is not here.
      if (outcome === 'gone' && this.sight.head?.id === conversation) {
        this.sight.isGone = true;
        this.answers.stop(conversation);
      }
    } catch (reason) {
      this.error = toSillError(reason);
    }
    this.#changed();
  }

  /** Somebody else wrote: these conversations, or all. */
  async #follow(ids: readonly string[] | undefined): Promise<void> {
    if (!ids) return this.#read();
    await this.#readHeads(ids);
    if (this.shelf.texts.isRead) await this.#readTexts(ids);
    const id = this.sight.head?.id;
    if (!id || !ids.includes(id)) return;
    this.sight.isGone = !this.shelf.has(id) && this.sight.messages.length > 0;
    if (!this.sight.isGone) await this.#readOpen();
  }

  async #read(): Promise<void> {
    const heads = await this.keeper.heads();
    if (this.keeper.isLocked) return this.#shut();
    const { isRead } = this.shelf.texts;
    this.shelf.clear();
    this.shelf.put(heads);
    this.state = 'open';
    if (isRead) void this.readTexts();
    if (this.#unsaved.length > 0) {
      const messages = this.#unsaved;
      this.#unsaved = [];
      await this.keeper.write({ messages });
    }
    if (this.shelf.has(this.sight.head?.id ?? '')) await this.#readOpen();
    else if (this.sight.messages.length > 0) this.#look(undefined);
    this.#changed();
  }

  #shut(): void {
    this.state = 'locked';
    this.shelf.clear();
    this.removed = undefined;
    this.#look(undefined);
  }

  async #readHeads(ids: readonly string[]): Promise<void> {
    const heads = await this.keeper.heads(ids);
    if (this.keeper.isLocked) return this.#shut();
    this.shelf.delete(ids);
    this.shelf.put(heads);
    this.#changed();
  }

  async #readTexts(ids?: readonly string[]): Promise<void> {
    const messages = await this.keeper.messages(ids);
    if (ids) this.shelf.texts.replace(messages, ids);
    else await this.shelf.texts.fill(messages);
    this.#changed();
  }

  /** The conversation in sight. Where it is looked at stays, unless that is not known. */
  async #readOpen(): Promise<void> {
    const id = this.sight.head?.id;
    const kept = id === undefined ? undefined : this.shelf.get(id);
    if (id === undefined || !kept) return;
    const stored = (await this.keeper.messages([id])).map(({ message }) => message);
    if (this.sight.head?.id !== id) return;
    const run = this.answers.of(id);
    const messages = this.sight.joined(run ? [...stored, run.message] : stored);
    // What was said elsewhere after what is looked at is looked at, too.
    const leaf = messageTree(messages).newestLeaf(this.sight.head?.leaf) ?? kept.head.leaf;
    this.#look({ ...kept.head, ...(leaf === undefined ? {} : { leaf }) }, messages);
    for (const message of messages)
      if (message.answer?.state === 'writing' && message.id !== run?.message.id) this.#watchWriter(id, message.id);
  }

  #watchWriter(conversation: string, id: string): void {
    this.#elsewhere.watch(id, async () => {
      if (this.sight.head?.id !== conversation || this.keeper.isLocked) return this.#changed();
      await this.#quietly(async () => {
        const found = (await this.keeper.messages([conversation])).find(({ message }) => message.id === id);
        if (found) this.#show(conversation, found.message);
      });
    });
  }

  #show(conversation: string, message: Message): void {
    if (this.sight.head?.id !== conversation) return;
    this.sight.put([message]);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#changed();
    });
  }

  #look(head: Head | undefined, messages: readonly Message[] = []): void {
    this.sight.look(head, messages);
    this.#changed();
  }

  /** False where it failed; why is in `error`. */
  async #guarded(work: () => Promise<unknown>): Promise<boolean> {
    this.error = undefined;
    return this.#quietly(work);
  }

  /** As `#guarded`, of what nobody asked for: what went wrong before stays in sight. */
  async #quietly(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (reason) {
      this.error = toSillError(reason);
      return false;
    } finally {
      this.#changed();
    }
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
