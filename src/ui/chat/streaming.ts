import type { Message } from '../../core/chat/conversation.ts';
import { toSillError } from '../../core/errors.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { Answers } from './answers.ts';
import type { ChatState } from './chat-state.ts';
import { Elsewhere } from './elsewhere.ts';
import type { Finding } from './finding.ts';
import type { KeptMessage } from './keeper.ts';

export interface StreamingDeps {
  readonly sill: Pick<Sill, 'chat'>;
  readonly activity: Activity;
  readonly finding: Pick<Finding, 'look'>;
  /** What is known of the vault is not true any more. */
  onLocked(): Promise<void>;
  /** It is stored as it ended. */
  onEnded(conversation: string): void;
}

/** Answers while they grow, in this tab and in others: shown as they come, and stored now and then. */
export class Streaming {
  readonly answers: Answers;
  readonly #state: ChatState;
  readonly #deps: StreamingDeps;
  readonly #elsewhere = new Elsewhere();
  /** What could not be written because another tab set a passphrase: it is, once this one is unlocked. */
  #unsaved: KeptMessage[] = [];

  constructor(state: ChatState, deps: StreamingDeps) {
    this.#state = state;
    this.#deps = deps;
    this.answers = new Answers({
      ...{ sill: deps.sill, activity: deps.activity },
      look: (asked, signal, onProgress) => deps.finding.look(asked, signal, onProgress),
      found: async (conversation, question) => {
        await this.#save(conversation, question);
        state.told(conversation, question);
      },
      save: (conversation, message) => this.#save(conversation, message),
      told: ({ conversation, message }) => state.told(conversation, message),
      ended: ({ conversation, message }) => {
        deps.onEnded(conversation);
        state.told(conversation, message);
      },
    });
  }

  /** True while it grows, here or in another tab. */
  isWriting({ id, answer }: Message): boolean {
    return answer?.state === 'writing' && (this.#elsewhere.has(id) || this.answers.of(this.#state.sight.head?.id ?? '')?.message.id === id);
  }

  /** Of the conversation in sight. */
  stop(): void {
    const { head } = this.#state.sight;
    if (head) this.answers.stop(head.id);
  }

  /** Shows what another tab has written of it once that has ended. */
  follow(conversation: string, id: string): void {
    const state = this.#state;
    this.#elsewhere.watch(id, async () => {
      if (state.sight.head?.id !== conversation || state.keeper.isLocked) return state.changed();
      await state.quietly(async () => {
        const found = (await state.keeper.messages([conversation])).find(({ message }) => message.id === id);
        if (found) state.told(conversation, found.message);
      });
    });
  }

  /** To be called once it is unlocked. */
  async saveRest(): Promise<void> {
    // One by one: where the conversation of one is gone, the others are stored all the same.
    for (let own = this.#unsaved[0]; own; own = this.#unsaved[0]) {
      if ((await this.#state.keeper.write({ messages: [own] })) === 'vault_changed') return;
      this.#unsaved = this.#unsaved.filter((each) => each !== own);
    }
  }

  async #save(conversation: string, message: Message): Promise<void> {
    const state = this.#state;
    const own = { conversation, message };
    try {
      const outcome = await state.keeper.write({ messages: [own] });
      // What was kept of it is older.
      this.#unsaved = this.#unsaved.filter(({ message: { id } }) => id !== message.id);
      if (outcome === 'vault_changed') {
        this.#unsaved.push(own);
        await this.#deps.onLocked();
      }
      // Deleted by whoever looks at it: to be told where that is not here.
      if (outcome === 'gone' && state.sight.head?.id === conversation) {
        state.sight.isGone = true;
        this.answers.stop(conversation);
      }
    } catch (reason) {
      state.error = toSillError(reason);
    }
    state.changed();
  }
}
