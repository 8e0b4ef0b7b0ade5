import type { ChatState } from './chat-state.ts';
import type { Reading } from './reading.ts';

/** The passphrase, and what becomes of what this tab knows when it is asked for, given, or changed. */
export class Locking {
  readonly #state: ChatState;
  readonly #reading: Reading;

  constructor(state: ChatState, reading: Reading) {
    this.#state = state;
    this.#reading = reading;
  }

  lock(): void {
    this.#state.keeper.lock();
    this.#state.shut();
  }

  /** False for a wrong passphrase. */
  async unlock(passphrase: string): Promise<boolean> {
    const unlocked = await this.#state.keeper.unlock(passphrase);
    if (unlocked) await this.#state.guarded(() => this.#reading.all());
    return unlocked;
  }

  /** Sets, changes, or with `undefined` removes it. @throws SillError `busy` | `quota_exceeded` */
  async setPassphrase(passphrase: string | undefined): Promise<void> {
    await this.#state.keeper.setPassphrase(passphrase);
    await this.#state.guarded(() => this.#reading.all());
  }

  /** Deletes all conversations, and the passphrase with them: the one way on without it. */
  async clear(): Promise<void> {
    await this.#state.guarded(async () => {
      await this.#state.keeper.clear();
      this.#state.look(undefined);
      await this.#reading.all();
    });
  }
}
