import { manifestSoFar } from '../core/adoption.ts';
import { isAdoption, type JournalEntry } from '../core/journal.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Store } from '../ports/store.ts';

/** What an entry of the queue brings. Of a model that nobody described, chunks that have not arrived have digests that nothing has. */
export const manifestOfEntry = async ({ models }: Pick<Store, 'models'>, entry: JournalEntry): Promise<Manifest | undefined> =>
  isAdoption(entry) ? manifestSoFar(entry.adoption) : models.manifest(entry.revision);
