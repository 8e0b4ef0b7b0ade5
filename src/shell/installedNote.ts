import { type LostModel, parseLostModels } from '../core/lostModel.ts';

/** Not beside the choices of the views: those travel in the copy of one's own data. */
const KEY = 'sill-installed';

/**
 * What was seen installed, in localStorage: Chromium evicts databases and caches without it, and a database that was found corrupt is
 * replaced by an empty one. Firefox and Safari evict both together; the loss then looks like a first visit.
 */
export const installedNote = {
  read(): readonly LostModel[] {
    try {
      return parseLostModels(localStorage.getItem(KEY));
    } catch {
      // Storage is refused: nothing was ever noted.
      return [];
    }
  },
  write(models: readonly LostModel[]): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(models));
    } catch {
      // Full or refused: a loss will not be explained, nothing else.
    }
  },
};
