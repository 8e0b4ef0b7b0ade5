import * as v from 'valibot';
import { type NetworkLine, NetworkLineSchema, type Purpose, purposeOf, type Realm } from '../core/network.ts';
import type { Fetcher } from '../ports/delivery.ts';

/** Nested workers tell the engine, which writes. */
const CHANNEL = 'sill-network';
/** Answers whose body is never read have no entry in the browser's timing: they are not waited for without end. */
const MAX_AWAITED = 500;

export interface NetworkDoor {
  /** The one `fetch` of this realm: lint forbids the browser's own everywhere else. */
  readonly fetch: typeof fetch;
  /** As `fetch`, for addresses that do not tell what they are for. */
  for(purpose: Purpose): Fetcher;
}

export interface NetworkDoorOptions {
  readonly realm: Realm;
  /** Of the app, with its slash. */
  readonly appUrl: string;
  readonly write: (lines: readonly NetworkLine[]) => void;
}

/**
 * Writes down every request of a realm: those that its code makes by this door, and what the browser loads for it (scripts, workers, styles) or a library
 * asks past the door, as resource timing tells it (https://www.w3.org/TR/resource-timing/). How much travelled, and whether anything did, is taken
 * from there for both.
 */
export function openNetworkDoor({ realm, appUrl, write }: NetworkDoorOptions): NetworkDoor {
  /** Asked by the door, by address, until the browser has told about them. */
  const awaited = new Map<string, NetworkLine[]>();
  let awaitedCount = 0;

  const lineOf = (url: URL, method: string, atMs: number, rest: Pick<NetworkLine, 'through' | 'purpose' | 'from'>): NetworkLine => ({
    ...{ id: crypto.randomUUID(), atMs, realm, method, origin: url.origin, path: url.pathname, sentBytes: 0 },
    ...rest,
  });

  const expect = (href: string, line: NetworkLine): void => {
    if (awaitedCount >= MAX_AWAITED) {
      awaited.clear();
      awaitedCount = 0;
    }
    awaitedCount += 1;
    awaited.set(href, [...(awaited.get(href) ?? []), line]);
  };
  const take = (href: string): NetworkLine | undefined => {
    const [line, ...others] = awaited.get(href) ?? [];
    if (!line) return undefined;
    awaitedCount -= 1;
    if (others.length > 0) awaited.set(href, others);
    else awaited.delete(href);
    return line;
  };
  const replace = (href: string, line: NetworkLine): void => {
    const lines = awaited.get(href);
    if (lines)
      awaited.set(
        href,
        lines.map((each) => (each.id === line.id ? line : each)),
      );
    write([line]);
  };

  const observedLine = (url: URL, { startTime }: PerformanceResourceTiming): NetworkLine =>
    lineOf(url, 'GET', performance.timeOrigin + startTime, {
      ...{ through: 'observed', from: 'network', purpose: purposeOf(url.href, appUrl) },
    });
  /** Of the page itself: told when it is observed, and once more when it has loaded, if that comes later. */
  let own: NetworkLine | undefined;

  const told = (entry: PerformanceResourceTiming): NetworkLine[] => {
    const url = new URL(entry.name, location.href);
    if (!url.protocol.startsWith('http')) return [];
    const isFetch = entry.initiatorType === 'fetch';
    const known = isFetch ? take(url.href.split('#', 1)[0] ?? '') : undefined;
    if (known?.from === 'failed') return [];
    const base = known ?? (entry.entryType === 'navigation' ? own : undefined) ?? observedLine(url, entry);
    if (entry.entryType === 'navigation') own = base;
    const received = receivedBytesOf(entry) ?? (url.origin === location.origin ? 0 : base.receivedBytes);
    return [
      {
        ...base,
        from: isFromDevice(entry) ? 'device' : isUnclear(entry, url) ? 'unclear' : 'network',
        ...(entry.responseStatus > 0 ? { status: entry.responseStatus } : {}),
        ...(received === undefined ? {} : { receivedBytes: received }),
      },
    ];
  };
  const observer = new PerformanceObserver((list) => {
    const lines = list.getEntries().flatMap((entry) => (entry instanceof PerformanceResourceTiming ? told(entry) : []));
    if (lines.length > 0) write(lines);
  });
  observer.observe({ type: 'resource', buffered: true });
  // A page's own address is none of its resources.
  if (realm === 'page' || realm === 'frame') observer.observe({ type: 'navigation', buffered: true });

  const ask = async (input: RequestInfo | URL, init: RequestInit | undefined, purpose?: Purpose): Promise<Response> => {
    const isRequest = input instanceof Request;
    const url = new URL(isRequest ? input.url : input, location.href);
    if (!url.protocol.startsWith('http')) return fetch(input, init);
    const line: NetworkLine = {
      ...lineOf(url, init?.method ?? (isRequest ? input.method : 'GET'), Date.now(), {
        ...{ through: 'door', from: 'open', purpose: purpose ?? purposeOf(url.href, appUrl) },
      }),
      sentBytes: bytesOf(init?.body),
    };
    write([line]);
    const href = url.href.split('#', 1)[0] ?? '';
    expect(href, line);
    try {
      const response = await fetch(input, init);
      const length = Number(response.headers.get('content-length') ?? Number.NaN);
      const receivedBytes = Number.isSafeInteger(length) ? { receivedBytes: length } : {};
      replace(href, { ...line, from: 'network', status: response.status, ...receivedBytes });
      return response;
    } catch (reason) {
      replace(href, { ...line, from: 'failed' });
      throw reason;
    }
  };

  return {
    fetch: (input, init) => ask(input, init),
    for: (purpose) => (url, init) => ask(url, init, purpose),
  };
}

/** Told for the headers of each answer, whatever they were; of one that was only confirmed to be current (304) nothing else travelled. */
const HEADER_BYTES = 300;

/** Of the body, as it travelled. Another origin's is told only where that allows it. */
const receivedBytesOf = ({ transferSize }: PerformanceResourceTiming): number | undefined =>
  transferSize > 0 ? Math.max(0, transferSize - HEADER_BYTES) : undefined;

/**
 * What a service worker answers from its store has another name than what a cache has, and in Chromium 156 sometimes no size. What was only confirmed to be current is delivered by the cache too, but asked for.
 * Before `deliveryType` (Chromium 109) only the sizes told.
 */
function isFromDevice(entry: PerformanceResourceTiming): boolean {
  const delivery: unknown = Reflect.get(entry, 'deliveryType');
  return entry.transferSize === 0 && (delivery === 'cache' || delivery === 'cache-storage' || entry.encodedBodySize > 0);
}

/** Chromium 156 gives a worker's own script, and a page that a service worker controls, a size of transfer also where a cache had it. */
const isUnclear = ({ initiatorType, entryType, workerStart }: PerformanceResourceTiming, { pathname }: URL): boolean =>
  entryType === 'navigation' ? workerStart > 0 || isControlled() : initiatorType === 'other' && /\.m?js$/.test(pathname);

function isControlled(): boolean {
  const container: unknown = Reflect.get(navigator, 'serviceWorker');
  return typeof container === 'object' && container !== null && Boolean(Reflect.get(container, 'controller'));
}

/** Of a body that is no stream: none of ours is. */
function bytesOf(body: BodyInit | null | undefined): number {
  if (typeof body === 'string') return new TextEncoder().encode(body).byteLength;
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return body instanceof URLSearchParams ? new TextEncoder().encode(body.toString()).byteLength : 0;
}

/** Of a request to another origin, as a service worker saw it pass by. */
export const witness = ({ url, method }: Pick<Request, 'url' | 'method'>): NetworkLine => {
  const { origin, pathname: path } = new URL(url);
  return {
    ...{ id: crypto.randomUUID(), atMs: Date.now(), realm: 'service-worker', through: 'witness', method, origin, path },
    ...{ purpose: 'other', from: 'open', sentBytes: 0 },
  };
};

/** The door of a worker that the engine started, or one of its workers. Scripts lie one folder below the app. */
export function openWorkerDoor(realm: Realm): NetworkDoor {
  const channel = new BroadcastChannel(CHANNEL);
  return openNetworkDoor({ realm, appUrl: new URL('../', location.href).href, write: (lines) => channel.postMessage(lines) });
}

/** What the workers below the engine asked for. */
export function hearWorkerDoors(write: (lines: readonly NetworkLine[]) => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const lines = v.safeParse(v.array(NetworkLineSchema), data);
    if (lines.success) write(lines.output);
  });
}
