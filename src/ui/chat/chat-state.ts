import type { Head, Message } from '../../core/chat/conversation.ts';
import { type SillError, toSillError } from '../../core/errors.ts';
import type { Keeper } from './keeper.ts';
import { Shelf } from './shelf.ts';
import { Sight } from './sight.ts';

/**
 * Conversations of this device as this tab knows them.
 *
 * @fires change
 */
export class ChatState extends EventTarget {
  state: 'loading' | 'locked' | 'open' = 'loading';
  error: SillError | undefined;
  readonly keeper: Keeper;
  readonly shelf = new Shelf();
  readonly sight = new Sight();
  #frame: number | undefined;

  constructor(keeper: Keeper) {
    super();
    this.keeper = keeper;
  }

  look(head: Head | undefined, messages: readonly Message[] = []): void {
    this.sight.look(head, messages);
    this.changed();
  }

  /** A message as it is by now, drawn with the next frame where its conversation is in sight. */
  told(conversation: string, message: Message): void {
    if (this.sight.head?.id !== conversation) return;
    this.sight.put([message]);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.changed();
    });
  }

  /** Locked: nothing is known any more. */
  shut(): void {
    this.state = 'locked';
    this.shelf.clear();
    this.look(undefined);
  }

  /** False where it failed; why is in `error`. */
  async guarded(work: () => Promise<unknown>): Promise<boolean> {
    this.error = undefined;
    return this.quietly(work);
  }

  /** As `guarded`, of what nobody asked for: what went wrong before stays in sight. */
  async quietly(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (reason) {
      this.error = toSillError(reason);
      return false;
    } finally {
      this.changed();
    }
  }

  changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
