import { SillError } from './errors.ts';
import type { ModelId } from './ids.ts';
import type { Policy, SourcePolicy } from './policy.ts';

/** A place that models may come from besides the site's own catalog. */
export interface Source {
  /**
   * `hub`: a server in Hugging Face's layout, trusted on first use. `mirror`: the same signed catalog as the site's, at another place.
   * `catalog`: another signed catalog, with a root of trust of its own.
   */
  readonly kind: SourcePolicy['kind'];
  readonly name: string;
  /** Absolute, with a slash at its end. */
  readonly url: string;
  /** Of a `catalog`: its root of trust, as JSON. */
  readonly root?: string;
}

/** Ids with this prefix are of models that this device trusted on first use: no signed catalog may claim them. */
const FIRST_USE_PREFIX = 'hf:';

export const isFirstUse = (id: string): boolean => id.startsWith(FIRST_USE_PREFIX);

/** `owner/name` of the repository behind an id that is trusted on first use. */
export const repositoryOf = (id: ModelId): string => id.slice(FIRST_USE_PREFIX.length);

/** Where a server in Hugging Face's layout has a file of the model. */
export const hubFileUrl = (url: string, id: ModelId, commit: string, path: string): string =>
  `${url}${repositoryOf(id)}/resolve/${encodeURIComponent(commit)}/${path}`;

export const firstUseId = (repository: string): string => FIRST_USE_PREFIX + repository;

const hostOf = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

const originOf = (url: string): string => /^https?:\/\/[^/]+/.exec(url)?.[0] ?? url;

/** What the policy allows, in its order. An origin alone is a server in Hugging Face's layout. */
export const sourcesOf = (policy: Pick<Policy, 'sources'>): Source[] =>
  policy.sources.map((source) => {
    const stated: SourcePolicy = typeof source === 'string' ? { kind: 'hub', url: source } : source;
    return {
      kind: stated.kind,
      name: stated.name ?? hostOf(stated.url),
      url: stated.url.endsWith('/') ? stated.url : `${stated.url}/`,
      ...(stated.kind === 'catalog' ? { root: JSON.stringify(stated.root) } : {}),
    };
  });

/** Origins that the page has to reach for the sources of the policy, those included that a server sends it on to. */
export const sourceOrigins = (policy: Pick<Policy, 'sources'>): string[] =>
  policy.sources.flatMap((source) =>
    typeof source === 'string' ? [source] : [originOf(source.url), ...(source.kind === 'hub' ? (source.redirectsTo ?? []) : [])],
  );

/** What was seen first under a commit is what it is. */
export const sourceChanged = (id: ModelId, path: string): SillError =>
  new SillError(
    'source_changed',
    `${id} was refused: its server now has another ${path} under the same commit than the one that this device saw first. A commit never ` +
      'changes, so that somebody replaced the file. What is installed keeps working. Ask whoever runs the server, or forget the model and add it again.',
    { details: { id, path } },
  );
