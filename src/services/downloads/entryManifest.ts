import { manifestSoFar } from '../../core/adoption.ts';
import { SillError } from '../../core/errors.ts';
import { expectedManifest } from '../../core/hubModel.ts';
import { isAdoption, isImport, type JournalEntry } from '../../core/journal.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';

/** What an entry of the queue brings. Of a model that nobody described, chunks that have not arrived have digests that nothing has. */
export async function manifestOfEntry({ models }: Pick<Store, 'models'>, entry: JournalEntry): Promise<Manifest | undefined> {
  if (!isAdoption(entry) && !isImport(entry)) return models.manifest(entry.revision);
  try {
    return isAdoption(entry) ? manifestSoFar(entry.adoption) : expectedManifest(entry.importing.description, entry.making.files);
  } catch (reason) {
    // An earlier version of the app noted what this one no longer takes: that must not hide all other models.
    if (reason instanceof SillError && reason.code === 'invalid_manifest') return undefined;
    throw reason;
  }
}
