import type { CatalogEntry } from '../../core/catalog.ts';
import { SillError } from '../../core/errors.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { Offers } from './offers.ts';

interface Deps {
  readonly source: CatalogSource;
  readonly store: Store;
  readonly offers: Pick<Offers, 'first'>;
}

/**
 * Where the catalog offers a revision, or the one that a device without the model gets.
 * @throws SillError `unknown_model` | `revision_refused` for one that failed here or was taken back | what the source throws
 */
export async function catalogEntryOf(
  { source, store, offers }: Deps,
  id: ModelId,
  revision: RevisionId | undefined,
  signal: AbortSignal,
): Promise<CatalogEntry> {
  const catalog = await source.catalog(signal);
  const entries = catalog.models.filter((entry) => entry.id === id);
  const quarantined = new Map((await store.models.quarantined()).map((each) => [each.revision, each.reason]));
  const entry = revision === undefined ? await offers.first(entries) : entries.find((candidate) => candidate.revision === revision);
  const why = entry && (quarantined.get(entry.revision) ?? entry.withdrawn?.reason);
  if (entry && why === undefined) return entry;
  // Everything that there is has failed here or was taken back.
  const [bad] = entry ? [entry] : revision === undefined ? entries : [];
  if (bad) {
    throw new SillError(
      'revision_refused',
      `Version ${shortRevision(bad.revision)} of ${id} is not installed: ${why ?? quarantined.get(bad.revision) ?? bad.withdrawn?.reason ?? ''}`,
      { details: { id, revision: bad.revision } },
    );
  }
  const known = [...new Set(catalog.models.map((model) => model.id))];
  throw new SillError(
    'unknown_model',
    revision === undefined
      ? `There is no model "${id}" in this site's catalog. It offers: ${known.join(', ') || 'nothing'}.`
      : `This site's catalog does not offer that revision of "${id}".`,
    { details: { id, known } },
  );
}
