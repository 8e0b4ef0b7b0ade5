import * as v from 'valibot';

/** Who made a request: a page of the app, a worker by its name, or the service worker. */
const REALMS = [
  'page',
  'frame',
  'engine',
  'download',
  'verifier',
  'inference',
  'grammar',
  'forge',
  'quantiser',
  'weights',
  'service-worker',
] as const;
export type Realm = (typeof REALMS)[number];

const PURPOSES = ['shell', 'runtime', 'catalog', 'model', 'policy', 'upstream', 'source', 'api', 'other'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * One request. `through: 'door'`: by the app's own `fetch`; `'observed'`: by the browser for the app (scripts, styles, workers) or by a library, as the
 * browser's resource timing tells it; `'witness'`: seen by the service worker on its way to another origin, whoever made it.
 */
export const NetworkLineSchema = v.object({
  id: v.string(),
  atMs: v.number(),
  realm: v.picklist(REALMS),
  through: v.picklist(['door', 'observed', 'witness']),
  method: v.string(),
  origin: v.string(),
  /** Without query and fragment: what is asked for, and not with which words. */
  path: v.string(),
  purpose: v.picklist(PURPOSES),
  /**
   * `device`: from a cache or the service worker's store, no network touched. `unclear`: one of both, of a page or the script of a worker, where the
   * browser does not tell. `open`: not ended, or ended with its realm.
   */
  from: v.picklist(['network', 'device', 'unclear', 'failed', 'open']),
  status: v.exactOptional(v.number()),
  /** Of the body. */
  sentBytes: v.number(),
  /** Of the body, as it travelled; absent where the browser does not tell. */
  receivedBytes: v.exactOptional(v.number()),
});
export type NetworkLine = v.InferOutput<typeof NetworkLineSchema>;

/** All that went over the network to one origin since `sinceMs`, also what is no longer listed line by line. */
export interface OriginTotal {
  readonly origin: string;
  readonly requests: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Twenty models of a gigabyte, in about 3 MB. */
export const MAX_NETWORK_LINES = 10_000;

type Counted = Pick<OriginTotal, 'requests' | 'sentBytes' | 'receivedBytes'>;
const NOTHING: Counted = { requests: 0, sentBytes: 0, receivedBytes: 0 };

/** Of what came from the device nothing travelled; a witness is no request of its own. What failed may have been sent, and what is unclear too: both count. */
const counted = ({ from, through, sentBytes, receivedBytes = 0 }: NetworkLine): Counted =>
  from === 'device' || through === 'witness' ? NOTHING : { requests: 1, sentBytes, receivedBytes };

/** The total after a line was written in place of what stood there before. */
export function totalAfter(total: OriginTotal | undefined, before: NetworkLine | undefined, line: NetworkLine): OriginTotal | undefined {
  const [less, more] = [before ? counted(before) : NOTHING, counted(line)];
  if (!total && more.requests === 0) return undefined;
  const base = total ?? { ...NOTHING, origin: line.origin, firstAtMs: line.atMs, lastAtMs: line.atMs };
  return {
    ...base,
    requests: base.requests + more.requests - less.requests,
    sentBytes: base.sentBytes + more.sentBytes - less.sentBytes,
    receivedBytes: base.receivedBytes + more.receivedBytes - less.receivedBytes,
    lastAtMs: more.requests > 0 ? Math.max(base.lastAtMs, line.atMs) : base.lastAtMs,
  };
}

/** A page says when it asked, the service worker when it saw that pass by. */
const SAME_WITHIN_MS = 10_000;

/**
 * Requests to other origins that the service worker saw and no part of the app wrote down. There are none as long as all the app's code asks by
 * the doors; one that stands here was made past them.
 */
export function unexplained(lines: readonly NetworkLine[]): NetworkLine[] {
  const known = new Map<string, NetworkLine[]>();
  const keyOf = ({ method, origin, path }: NetworkLine): string => `${method} ${origin}${path}`;
  for (const line of lines) {
    if (line.through === 'witness') continue;
    const same = known.get(keyOf(line));
    if (same) same.push(line);
    else known.set(keyOf(line), [line]);
  }
  const taken = new Set<string>();
  return lines.filter((line) => {
    if (line.through !== 'witness') return false;
    const match = known.get(keyOf(line))?.find(({ id, atMs }) => !taken.has(id) && Math.abs(atMs - line.atMs) < SAME_WITHIN_MS);
    if (match) taken.add(match.id);
    return match === undefined;
  });
}

const RUNTIME_FILE = /^assets\/.*(\.wasm|ort[^/]*\.mjs|grammar\.worker-[^/]*\.js)$/;
const API_PATH = /^(v1|api)\/|^(metrics|healthz)$/;

/** What a request of the app is for, by its address under the app. What goes elsewhere says so itself. */
export function purposeOf(address: string, appUrl: string): Purpose {
  if (!address.startsWith(appUrl)) return 'other';
  const path = address.slice(appUrl.length).split(/[?#]/, 1)[0] ?? '';
  if (path === 'sill.policy.json') return 'policy';
  if (/^models\/([^/]+\.json|metadata\/.*|targets\/.*)$/.test(path)) return 'catalog';
  if (path.startsWith('models/')) return 'model';
  if (RUNTIME_FILE.test(path)) return 'runtime';
  return API_PATH.test(path) ? 'api' : 'shell';
}

/** What an owner is told above the list. */
export interface NetworkVerdict {
  /** Requests and bytes to this site, and to each other origin. */
  readonly own: OriginTotal | undefined;
  readonly others: readonly OriginTotal[];
  readonly unexplained: readonly NetworkLine[];
}

export function verdictOf(totals: readonly OriginTotal[], lines: readonly NetworkLine[], ownOrigin: string): NetworkVerdict {
  return {
    own: totals.find(({ origin }) => origin === ownOrigin),
    others: totals.filter(({ origin, requests }) => origin !== ownOrigin && requests > 0),
    unexplained: unexplained(lines),
  };
}
