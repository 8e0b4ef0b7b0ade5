import type { Source } from '../core/sources.ts';
import type { CatalogSource } from '../ports/delivery.ts';
import { createWorkerCatalogs } from './tuf/workerCatalog.ts';

export interface CatalogsOptions {
  readonly spawn: () => Worker;
  /** Where the site keeps its own catalog, with a slash at its end. */
  readonly url: string;
  readonly allowed: readonly Source[];
}

/**
 * The signed catalogs that the policy allows. A mirror has the site's own catalog and is asked first, since it is there to be near; any
 * other catalog has a root of trust of its own.
 */
export function createCatalogs({ spawn, url, allowed }: CatalogsOptions): {
  readonly own: readonly CatalogSource[];
  readonly others: ReadonlyArray<{ readonly url: string; readonly source: CatalogSource }>;
} {
  const at = createWorkerCatalogs(spawn);
  const urls = (kind: Source['kind']) => allowed.filter((source) => source.kind === kind).map((source) => source.url);
  return {
    own: [...urls('mirror'), url].map(at),
    others: urls('catalog').map((catalog) => ({ url: catalog, source: at(catalog) })),
  };
}
