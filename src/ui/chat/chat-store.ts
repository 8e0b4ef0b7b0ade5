import { type Head, type Message, nextPlace, type Parameters } from '../../core/chat/conversation.ts';
import type { Sealing } from '../../ports/sealing.ts';
import type { SillConversations } from '../../protocol/conversations.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { ChatState } from './chat-state.ts';
import { Collection } from './collection.ts';
import { Finding } from './finding.ts';
import { Keeper } from './keeper.ts';
import { Locking } from './locking.ts';
import { Reading } from './reading.ts';
import { Saying } from './saying.ts';
import { Streaming } from './streaming.ts';
import { goneError, Writer } from './writer.ts';

/** Conversations of this device, and all that is done to them: to the one in sight here, to others by the parts. */
export class ChatStore extends ChatState {
  readonly streaming: Streaming;
  readonly reading: Reading;
  readonly collection: Collection;
  readonly locking: Locking;
  readonly saying: Saying;
  readonly #finding: Finding;
  readonly #writer: Writer;
  readonly #sill: Sill;

  /** @param conversations where they are kept */
  constructor(sill: Sill, sealing: Sealing, activity: Activity, conversations: SillConversations = sill.conversations) {
    super(new Keeper(conversations, sealing));
    this.#sill = sill;
    this.#finding = new Finding(sill);
    this.streaming = new Streaming(this, {
      ...{ sill, activity, finding: this.#finding },
      onLocked: () => this.reading.all(),
      onEnded: (conversation) => void this.quietly(() => this.reading.texts([conversation])),
    });
    this.reading = new Reading(this, this.streaming);
    this.#writer = new Writer(this.keeper, this.shelf, () => this.reading.all());
    this.collection = new Collection(this, this.streaming, this.reading, this.#writer);
    this.locking = new Locking(this, this.reading);
    this.saying = new Saying(
      this.sight,
      this.streaming.answers,
      (nowMs) => nextPlace(this.shelf.list, nowMs),
      (change, messages, head) => this.#change(change, messages, { head }),
    );
  }

  override shut(): void {
    this.#finding.forget();
    super.shut();
  }

  connect(): () => void {
    const stop = this.#sill.watch((event) => {
      if (event.type === 'conversations' && event.by !== this.keeper.by) void this.quietly(() => this.reading.follow(event.ids));
    });
    const save = (): void => {
      if (document.visibilityState === 'hidden') void this.streaming.answers.saveAll();
    };
    document.addEventListener('visibilitychange', save);
    void this.guarded(() => this.reading.all());
    return () => {
      stop();
      document.removeEventListener('visibilitychange', save);
    };
  }

  /** Whether the conversation in sight is stored: something was said in it. */
  get isKept(): boolean {
    return this.sight.head !== undefined && this.shelf.has(this.sight.head.id);
  }

  /** A conversation in which nothing was said: it is stored with its first message. */
  begin(model: string): void {
    const now = Date.now();
    this.look({ id: crypto.randomUUID(), title: '', createdAtMs: now, updatedAtMs: now, model, system: '' });
  }

  async open(id: string): Promise<void> {
    const kept = this.shelf.get(id);
    if (!kept) return;
    this.look(kept.head);
    await this.guarded(() => this.reading.open());
  }

  /** The branch that begins with this message, where it was written at last. */
  async show(id: string): Promise<void> {
    const leaf = this.sight.tree.newestLeaf(id);
    if (leaf) await this.#change({ leaf });
  }

  /** Of the conversation in sight; of one in which nothing was said it is not stored yet. */
  async set(change: Partial<Pick<Head, 'title' | 'model' | 'system' | 'pinned'>>): Promise<void> {
    await this.#change(change);
  }

  async setParameters(parameters: Parameters | undefined): Promise<void> {
    await this.#change(parameters ? { parameters } : {}, [], { without: parameters ? [] : ['parameters'] });
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
      this.changed();
    }
    // Nothing was said: there is nothing to keep.
    if (!this.shelf.has(head.id) && messages.length === 0) return true;
    return this.guarded(async () => {
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
        await this.reading.heads([head.id]);
      }
    });
  }
}
