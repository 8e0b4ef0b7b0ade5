import { CATALOG_SCHEMA, type Catalog, type CatalogEntry } from '../../core/catalog.ts';
import { type ErrorData, isAbort, SillError, toSillError } from '../../core/errors.ts';
import { isBrought } from '../../core/importing.ts';
import { hubFileUrl, isFirstUse, repositoryOf } from '../../core/sources.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Adopted, AdoptedRecords } from './adopted.ts';

export interface SourcesDeps {
  /** The site's own catalog, at the places where the policy allows to look for it, nearest first. */
  readonly own: readonly CatalogSource[];
  /** Other signed catalogs, by their address. */
  readonly others: ReadonlyArray<{ readonly url: string; readonly source: CatalogSource }>;
  readonly adopted: Pick<AdoptedRecords, 'list'>;
}

/** Everything that models may come from, as one source. An id belongs to the first that offers it. */
export function createSources({ own, others, adopted }: SourcesDeps): CatalogSource {
  /** The place that answered last: its manifests and files go with its list. */
  let place = own[0];
  let records: ReadonlyMap<string, Adopted> = new Map();

  const siteCatalog = async (signal: AbortSignal | undefined): Promise<Catalog> => {
    let best: Catalog | undefined;
    let failure: unknown;
    for (const candidate of own) {
      try {
        const catalog = await candidate.catalog(signal);
        if (best === undefined || !catalog.refreshError) [best, place] = [catalog, candidate];
        if (!catalog.refreshError) return catalog;
      } catch (reason) {
        if (isAbort(reason)) throw reason;
        // The last word is the site's own: a mirror that fails is not what keeps the list away.
        failure = reason;
      }
    }
    if (best) return best;
    throw failure;
  };

  const remember = async (): Promise<readonly Adopted[]> => {
    const all = await adopted.list();
    records = new Map(all.map((record) => [record.revision, record]));
    return all;
  };

  const at = (entry: CatalogEntry): CatalogSource => {
    const source = entry.source === undefined ? place : others.find(({ url }) => url === entry.source)?.source;
    if (source) return source;
    throw new SillError(
      'source_not_allowed',
      `${entry.id} comes from ${entry.source}, which this site no longer allows. What is installed keeps working.`,
      {
        details: { id: entry.id, ...(entry.source === undefined ? {} : { url: entry.source }) },
      },
    );
  };

  const adoptedOf = async (entry: CatalogEntry): Promise<Adopted> => {
    if (!records.has(entry.revision)) await remember();
    const record = records.get(entry.revision);
    if (record) return record;
    throw new SillError('unknown_model', `This device does not remember ${entry.id}. Add it again.`, { details: { id: entry.id } });
  };

  return {
    async catalog(signal) {
      const firstUse = (await remember()).map(entryOf);
      const foreign = await Promise.all(others.map((other) => offeredBy(other, signal)));
      const site = await siteCatalog(signal).catch((reason: unknown) => {
        if (isAbort(reason) || (firstUse.length === 0 && foreign.every(({ models }) => models.length === 0))) throw reason;
        return { schema: CATALOG_SCHEMA, models: [], refreshError: toSillError(reason).toData() } satisfies Catalog;
      });
      const refreshError: ErrorData | undefined = site.refreshError ?? foreign.find(({ error }) => error)?.error;
      return {
        ...site,
        models: merged([site.models, ...foreign.map(({ models }) => models)], firstUse),
        ...(refreshError ? { refreshError } : {}),
      };
    },
    async known() {
      const firstUse = (await remember()).map(entryOf);
      const foreign = await Promise.all(others.map(async ({ url, source }) => offersAt(url, (await source.known())?.models ?? [])));
      // Whichever place it came from, there is one memory of it.
      const site = await own[0]?.known();
      if (!site && firstUse.length === 0 && foreign.every((models) => models.length === 0)) return undefined;
      return { schema: CATALOG_SCHEMA, ...site, models: merged([site?.models ?? [], ...foreign], firstUse) };
    },
    async manifest(entry, signal) {
      if (isFirstUse(entry.id)) return (await adoptedOf(entry)).manifest;
      const first = at(entry);
      const signed = asSigned(entry);
      if (entry.source !== undefined || own.length === 1) return first.manifest(signed, signal);
      try {
        return await first.manifest(signed, signal);
      } catch (reason) {
        if (isAbort(reason)) throw reason;
        // A mirror may have the list and not the file.
        for (const other of own.filter((each) => each !== first)) {
          const manifest = await other.manifest(signed, signal).catch(() => undefined);
          if (manifest) return manifest;
        }
        throw reason;
      }
    },
    proof: async (entry, signal) => (isFirstUse(entry.id) ? undefined : at(entry).proof?.(asSigned(entry), signal)),
    fileUrl(entry, path) {
      const record = records.get(entry.revision);
      if (!isFirstUse(entry.id) || !record) return at(entry).fileUrl(asSigned(entry), path);
      return hubFileUrl(record.url, record.id, record.commit, path);
    },
  };
}

const offersAt = (url: string, models: readonly CatalogEntry[]): CatalogEntry[] => models.map((entry) => ({ ...entry, source: url }));

async function offeredBy(
  { url, source }: SourcesDeps['others'][number],
  signal: AbortSignal | undefined,
): Promise<{ readonly models: CatalogEntry[]; readonly error?: ErrorData }> {
  try {
    const { models, refreshError } = await source.catalog(signal);
    return { models: offersAt(url, models), ...(refreshError ? { error: refreshError } : {}) };
  } catch (reason) {
    if (isAbort(reason)) throw reason;
    return { models: [], error: toSillError(reason).toData() };
  }
}

/** Each model from the first that offers it. What this device trusted on first use is no catalog's to replace. */
function merged(catalogs: ReadonlyArray<readonly CatalogEntry[]>, firstUse: readonly CatalogEntry[]): CatalogEntry[] {
  const models: CatalogEntry[] = [];
  for (const offered of catalogs) {
    const taken = new Set(models.map((entry) => entry.id));
    models.push(...offered.filter((entry) => !taken.has(entry.id) && !isFirstUse(entry.id) && !isBrought(entry.id)));
  }
  return [...models, ...firstUse];
}

/** As its catalog knows it. */
const asSigned = ({ source: _, ...entry }: CatalogEntry): CatalogEntry => entry;

const entryOf = ({ id, revision, url, commit, adoptedAtMs }: Adopted): CatalogEntry => ({
  id,
  revision,
  channel: 'stable',
  path: `${repositoryOf(id)}/resolve/${commit}`,
  publishedAtMs: adoptedAtMs,
  source: url,
});
