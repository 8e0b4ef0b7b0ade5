import type { ModelId } from './ids.ts';
import type { Policy } from './policy.ts';

/** What may be asked of an upstream, by the names of this app's surface. */
const UPSTREAM_REQUESTS = ['chat.completions', 'completions'] as const;
export type UpstreamRequest = (typeof UPSTREAM_REQUESTS)[number];

/** A model that a server elsewhere computes, by the name under which it may be asked for here. */
export interface Upstream {
  readonly alias: ModelId;
  /** As the server calls it. */
  readonly model: string;
  /** Of the server, for people. */
  readonly name: string;
  /** Of its API, with a slash at its end; relative to the app where this site's own server speaks for it. */
  readonly url: string;
  readonly requests: readonly UpstreamRequest[];
  /** Who answers where the server cannot; absent means nobody. */
  readonly fallback?: ModelId;
  /** Whether cookies of that server go along. */
  readonly credentials: boolean;
  /** Longest silence: before the first word, and between two. */
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** What the policy allows, in its order. */
export const upstreamsOf = ({ upstreams }: Pick<Policy, 'upstreams'>): Upstream[] =>
  upstreams.flatMap(({ url, name, models, credentials = false, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }) =>
    models.map(({ alias, model = alias, requests = UPSTREAM_REQUESTS, fallback }) => ({
      ...{ alias, model, requests, credentials },
      name: name ?? url.replace(/^https?:\/\//, '').replace(/\/.*$/, ''),
      url: url.endsWith('/') ? url : `${url}/`,
      ...(fallback === undefined ? {} : { fallback }),
      timeoutMs: timeoutSeconds * 1000,
    })),
  );

/** Origins that the page has to reach for them. */
export const upstreamOrigins = ({ upstreams }: Pick<Policy, 'upstreams'>): string[] =>
  upstreams.flatMap(({ url }) => /^https?:\/\/[^/]+/.exec(url)?.[0] ?? []);
