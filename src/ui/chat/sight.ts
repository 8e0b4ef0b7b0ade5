import type { Head, Message } from '../../core/chat/conversation.ts';
import { type MessageTree, messageTree } from '../../core/chat/messageTree.ts';

/** The conversation that is looked at, with all of its messages. */
export class Sight {
  head: Head | undefined;
  /** It was deleted in another tab. */
  isGone = false;
  #messages = new Map<string, Message>();
  /** Made when it is asked for: hundreds of tokens a second arrive, and it is drawn once a frame. */
  #tree: MessageTree | undefined;

  get tree(): MessageTree {
    this.#tree ??= messageTree([...this.#messages.values()]);
    return this.#tree;
  }

  /** The branch in sight. */
  get path(): readonly Message[] {
    return this.tree.pathTo(this.head?.leaf);
  }

  get messages(): readonly Message[] {
    return [...this.#messages.values()];
  }

  /** Later than all that was said, also where a clock was set back: branches keep their order. */
  get nowMs(): number {
    return this.messages.reduce((latest, { createdAtMs }) => Math.max(latest, createdAtMs + 1), Date.now());
  }

  look(head: Head | undefined, messages: readonly Message[] = []): void {
    this.isGone = false;
    this.head = head;
    this.#messages = new Map(messages.map((message) => [message.id, message]));
    this.#tree = undefined;
    if (!head || this.path.length > 0) return;
    const leaf = this.tree.newestLeaf(undefined);
    if (leaf) this.head = { ...head, leaf };
  }

  /** With what was read: what was said while it was read stays, and so does an answer that ended meanwhile. */
  joined(read: readonly Message[]): readonly Message[] {
    const all = new Map(this.#messages);
    for (const message of read) {
      const before = all.get(message.id)?.answer?.state;
      if (before === undefined || before === 'writing' || message.answer?.state !== 'writing') all.set(message.id, message);
    }
    return [...all.values()];
  }

  put(messages: readonly Message[]): void {
    for (const message of messages) this.#messages.set(message.id, message);
    this.#tree = undefined;
  }
}
