import { SillError } from '../../core/errors.ts';
import type { RevisionId } from '../../core/ids.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Store } from '../../ports/store.ts';

/**
 * A full disk has no room either for the note that a download failed, or that a person paused it. Such a note is held in memory until there is
 * room to write what follows it: without it whoever waits would wait for ever, and the download would be tried again and again.
 */
export function withHeldNotes(store: Store): Store {
  const held = new Map<RevisionId, JournalEntry>();
  const asNoted = (entry: JournalEntry): JournalEntry => {
    const note = held.get(entry.revision);
    // Another variant or a bundle may have taken its place.
    return note?.variant === entry.variant && note.by === entry.by ? note : entry;
  };

  const { models } = store;
  return {
    ...store,
    models: {
      ...models,
      journal: async () => (await models.journal()).map(asNoted),
      async updateJournal(revision, change) {
        try {
          const changed = await models.updateJournal(revision, (entry) => change(asNoted(entry)));
          held.delete(revision);
          return changed;
        } catch (reason) {
          if (!(reason instanceof SillError && reason.code === 'quota_exceeded')) throw reason;
          const entry = (await models.journal()).find((each) => each.revision === revision);
          const changed = entry && change(asNoted(entry));
          if (changed?.state !== 'failed' && changed?.state !== 'paused') throw reason;
          held.set(revision, changed);
          return changed;
        }
      },
    },
  };
}
