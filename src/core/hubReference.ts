import { SillError } from './errors.ts';
import { isModelId } from './ids.ts';
import { firstUseId, isFirstUse, type Source } from './sources.ts';

/** A model on a server in Hugging Face's layout. */
export interface HubReference {
  /** `owner/name`, or a name alone. */
  readonly repository: string;
  /** A commit, branch or tag. */
  readonly revision: string;
  /** The source that was named by its address; undefined leaves the choice open. */
  readonly source?: Source;
}

/** The branch that the layout calls its newest state. */
const NEWEST = 'main';
const REVISION = /^[\w.-]+(?:\/[\w.-]+)*$/;

/**
 * What a person pasted: `owner/name`, `hf:owner/name@revision`, or the address of a model's page, of its tree or of one of its files.
 * @throws SillError `invalid_request` for anything else, and for an address outside of the sources
 */
export function parseHubReference(text: string, sources: readonly Source[]): HubReference {
  const trimmed = text.trim();
  const hubs = sources.filter((source) => source.kind === 'hub');
  if (!/^https?:\/\//i.test(trimmed)) return parsed(isFirstUse(trimmed) ? trimmed.slice(firstUseId('').length) : trimmed, trimmed);
  const source = hubs.find(({ url }) => trimmed.startsWith(url));
  if (!source) {
    throw new SillError('source_not_allowed', `This site does not allow models from ${trimmed.slice(0, 120)}. ${allowed(hubs)}`, {
      details: { url: trimmed.slice(0, 500), allowed: hubs.map(({ url }) => url) },
    });
  }
  const path = trimmed
    .slice(source.url.length)
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '');
  const [, repository = path, revision] = /^(.+?)\/(?:tree|resolve|blob)\/([^/]+)(?:\/.*)?$/.exec(path) ?? [];
  return { ...parsed(revision === undefined ? repository : `${repository}@${revision}`, trimmed), source };
}

export const allowed = (hubs: readonly Source[]): string =>
  hubs.length === 0
    ? 'Its policy names no server that models can be added from.'
    : `Allowed: ${hubs.map(({ name, url }) => (url.includes(name) ? url : `${name} (${url})`)).join(', ')}.`;

function parsed(reference: string, text: string): HubReference {
  const [repository = '', revision = NEWEST, ...rest] = reference.split('@');
  const isName = rest.length === 0 && !repository.includes(':') && isModelId(firstUseId(repository));
  if (isName && REVISION.test(revision) && !revision.includes('..')) return { repository, revision };
  throw new SillError(
    'invalid_request',
    `"${text.slice(0, 120)}" does not name a model. Write owner/name, owner/name@revision, or paste the address of its page.`,
  );
}
