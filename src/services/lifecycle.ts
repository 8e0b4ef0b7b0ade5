import type { StorageState } from '../protocol/storageReports.ts';

/** How the engine stands to the database. Known before there is an engine, and after there was one. */
export interface Lifecycle {
  set(state: StorageState): void;
  /** Tells the present state at once, then each change. Returns the way to stop. */
  listen(listener: (state: StorageState) => void): () => void;
}

export function createLifecycle(): Lifecycle {
  const listeners = new Set<(state: StorageState) => void>();
  let current: StorageState = 'opening';
  return {
    set(state) {
      // Who gave the database up stays so: an opening that was under way may still report.
      if (current === 'outdated' || current === 'erased') return;
      current = state;
      for (const listener of listeners) listener(state);
    },
    listen(listener) {
      listeners.add(listener);
      listener(current);
      return () => listeners.delete(listener);
    },
  };
}
