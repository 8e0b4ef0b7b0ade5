import { SPOOL_FOLDER } from '../protocol/spool.ts';

/** Removes what was on its way into the store. Where the browser has no such folder, or somebody still writes to it, nothing is done. */
export async function clearSpool(): Promise<void> {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(SPOOL_FOLDER, { recursive: true });
  } catch {
    // There is none: nothing was ever written, or it is gone already.
  }
}
