import type { FileKind } from './fileKind.ts';
import { guestOrigins } from './guests.ts';
import type { Policy } from './policy.ts';
import { sourceOrigins } from './sources.ts';
import { upstreamOrigins } from './upstreams.ts';

export interface HeaderOptions {
  /** For the development server only: allows the style elements and the socket of hot reload. */
  readonly dev?: boolean;
}

type Directives = Readonly<Record<string, readonly string[]>>;

const directives = (policy: Policy, { dev = false }: HeaderOptions): Directives => ({
  'default-src': ["'self'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  // Constructed style sheets are outside of style-src, so Lit needs nothing more.
  'style-src': dev ? ["'self'", "'unsafe-inline'"] : ["'self'"],
  'connect-src': ["'self'", ...new Set([...sourceOrigins(policy), ...upstreamOrigins(policy)]), ...(dev ? ['ws:'] : [])],
  'img-src': ["'self'", 'blob:'],
  'media-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
});

const serialise = (all: Directives): string =>
  Object.entries(all)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');

/** The part of the Content-Security-Policy that a `<meta>` element may carry: frame-ancestors is ignored there. */
export const metaContentSecurityPolicy = (policy: Policy): string => serialise(directives(policy, {}));

/** Only the page that is made for it may be framed: in the app itself a click that was lured somewhere could delete models. */
const frameAncestors = (policy: Policy, kind: FileKind): readonly string[] => {
  if (kind !== 'embed') return ["'self'"];
  return policy.unknownGuests === 'ask' ? ['*'] : ["'self'", ...guestOrigins(policy)];
};

/** The Content-Security-Policy header (CSP level 3) that follows from the operator's policy. */
export const contentSecurityPolicy = (policy: Policy, options: HeaderOptions = {}, kind: FileKind = 'own'): string =>
  serialise({ ...directives(policy, options), 'frame-ancestors': frameAncestors(policy, kind) });

/**
 * Headers for an answer of the app's server. COOP and COEP make the page cross-origin isolated, which WASM threads need;
 * they are sent with scripts too because a worker takes its policy from its own response.
 */
export const securityHeaders = (policy: Policy, options: HeaderOptions = {}, kind: FileKind = 'own'): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': contentSecurityPolicy(policy, options, kind),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // A guest page frames the app from another origin, and its own COEP then asks for this.
  'Cross-Origin-Resource-Policy': kind === 'own' ? 'same-origin' : 'cross-origin',
  // Threads in a frame whose parent sends no headers of its own (Chromium).
  ...(kind === 'embed' ? { 'Document-Isolation-Policy': 'isolate-and-require-corp' } : {}),
  // Module scripts of another origin are read by CORS. There is nothing of anybody in it.
  ...(kind === 'sdk' ? { 'Access-Control-Allow-Origin': '*' } : {}),
  'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
});

/** Everything in here carries a hash of its content in its name. */
export const IMMUTABLE_FOLDER = 'assets';

/** A year, the most that RFC 9111 caches keep anything. */
export const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable';
/** Kept, but asked for again each time: pages, service worker, catalog, policy, and models, whose bytes live in the database anyway. */
export const CACHE_REVALIDATE = 'no-cache';

/**
 * Cache-Control of a file of the app.
 *
 * @param path relative to the app's root, without a leading slash.
 */
export const cacheControl = (path: string): string => (path.startsWith(`${IMMUTABLE_FOLDER}/`) ? CACHE_IMMUTABLE : CACHE_REVALIDATE);
