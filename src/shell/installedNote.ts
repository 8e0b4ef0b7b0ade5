import { type LostModel, parseNote } from '../core/lostModel.ts';

/** Not beside the choices of the views: those travel in the copy of one's own data. */
const KEY = 'sill-installed';
/** Names the time since everything was erased last. It outlives what is erased, and says nothing of it. */
export const ERA_KEY = 'sill-era';

/**
 * What was seen installed, in localStorage: Chromium evicts databases and caches without it, and a database that was found corrupt is
 * replaced by an empty one. Firefox and Safari evict both together; the loss then looks like a first visit.
 */
export const installedNote = {
  /**
   * To be opened before the engine is asked what is installed: another tab may erase everything while the answer is on its way, and what it then tells
   * of would look like a loss.
   */
  open(): { readonly models: readonly LostModel[]; keep(models: readonly LostModel[]): void } {
    const era = currentEra();
    const note = parseNote(read(KEY));
    return {
      models: note.era === era ? note.models : [],
      keep(models) {
        if (currentEra() === era) write(KEY, JSON.stringify({ era, models }));
      },
    };
  },
  /** Everything is erased: nothing that was seen before is missed any more, whichever tab still writes it down. */
  beginAnew(): void {
    write(ERA_KEY, crypto.randomUUID());
  },
};

const currentEra = (): string => read(ERA_KEY) ?? '';

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage is refused: nothing was ever noted.
    return null;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Full or refused: a loss will not be explained, nothing else.
  }
}
