import { SillError } from '../../core/errors.ts';
import type { Change, Keeper } from './keeper.ts';
import type { Shelf } from './shelf.ts';

export const goneError = (): SillError =>
  new SillError('busy', 'This conversation was deleted in another tab.', { details: { conversations: 'gone' } });

const changedError = (): SillError =>
  new SillError('busy', 'Another tab writes to this conversation all the time. Try again.', { details: { conversations: 'changed' } });

const lockedError = (): SillError =>
  new SillError(
    'busy',
    'A passphrase was set, changed or removed in another tab. What was written last was not stored: unlock the conversations and try again.',
    { details: { conversations: 'locked' } },
  );

/** Writes changes one after the other, or this tab would be in its own way, and keeps the shelf as what is stored. */
export class Writer {
  #last: Promise<unknown> = Promise.resolve();
  readonly #keeper: Keeper;
  readonly #shelf: Shelf;
  readonly #onLocked: () => Promise<void>;

  /** @param onLocked what is known of the vault is not true any more */
  constructor(keeper: Keeper, shelf: Shelf, onLocked: () => Promise<void>) {
    this.#keeper = keeper;
    this.#shelf = shelf;
    this.#onLocked = onLocked;
  }

  /**
   * @returns false where a head was changed by another tab, if that `mayConflict`
   * @throws SillError `busy` with what happened as `details.conversations` | `quota_exceeded` | `storage_unavailable`
   */
  write(change: Change, mayConflict = false): Promise<boolean> {
    const writing = this.#last.then(() => this.#write(change, mayConflict));
    this.#last = writing.catch(() => undefined);
    return writing;
  }

  async #write(change: Change, mayConflict: boolean): Promise<boolean> {
    let outcome = await this.#keeper.write(change);
    if (outcome === 'vault_changed') {
      await this.#onLocked();
      // A passphrase that was removed asks for nothing, and what is known now is true.
      if (!this.#keeper.isLocked) outcome = await this.#keeper.write(change);
    }
    if (outcome === 'head_changed' && mayConflict) return false;
    if (outcome === 'gone') throw goneError();
    if (outcome === 'vault_changed') throw lockedError();
    if (outcome !== 'written') throw changedError();
    this.#shelf.put((change.heads ?? []).map(({ head, version }) => ({ head, version: version + 1 })));
    return true;
  }
}
