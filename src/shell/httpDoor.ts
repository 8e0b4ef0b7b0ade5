import { SillError, toSillError } from '../core/errors.ts';
import { httpContinuation } from '../protocol/engineFailover.ts';
import type { HttpItem, HttpRequest } from '../protocol/http.ts';
import { answeredOtherwise, familyOf, refusalOf } from '../protocol/httpErrors.ts';
import { fetchThrough, type HttpCall, httpRequestOf } from '../protocol/httpFetch.ts';
import { STREAMING_LOCK } from '../protocol/locks.ts';
import { holdLock } from './holdLock.ts';
import { createHttpLinks, type HttpLinksOptions } from './httpLinks.ts';

/** OpenAI's and Ollama's APIs, answered by the engine in whichever tab it is. */
export interface HttpDoor {
  /** The path below the app of a request that is answered here; `undefined` for all others. */
  pathOf(url: URL): string | undefined;
  /** Never rejects. @param clientId of the page that asks, so that one does not wait for all of another's requests */
  answer(request: Request, path: string, clientId: string): Promise<Response>;
}

/** So many tabs in a row may be closed under a request before anything more of it was answered. */
const MOST_HOSTS = 3;
/** The only tab may be one that is loaded anew. */
const REOPENED_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 100;

const ENDPOINT = /^(?:(?:v1|api)\/.*|metrics|healthz)$/s;
/** What keeps an answer going and is none: white space, comments of SSE. */
const isFiller = (bytes: Uint8Array<ArrayBuffer>): boolean =>
  bytes.byteLength <= FILLER_BYTES && /^(?:: *\n|\s)*$/.test(new TextDecoder().decode(bytes));
const FILLER_BYTES = 8;

/** @param options `scopePath` of the service worker: the endpoints are below it */
export function createHttpDoor(options: HttpLinksOptions): HttpDoor {
  const { scopePath } = options;
  const links = createHttpLinks(options);

  /** Asks the engine, and when its tab is closed the next one for the rest: whoever reads sees a pause. */
  const call = async (clientId: string, request: HttpRequest, { signal, onItem }: Parameters<HttpCall>[1]): Promise<null> => {
    const continued = httpContinuation(request);
    let isMarked = false;
    /** By an engine of an app before this one, which marks nothing: what follows is its alone. */
    let isBegun = false;
    let lostHosts = 0;
    let lostMs: number | undefined;
    /** The reader may be busy with a piece when its sender is gone: the next one waits for that. */
    let reading: Promise<void> = Promise.resolve();
    const read = async (item: HttpItem): Promise<void> => {
      if (item.kind === 'head' && isMarked) throw answeredOtherwise();
      if (item.kind === 'body') {
        if (item.mark === undefined) isBegun ||= !isFiller(item.bytes);
        else {
          isMarked = true;
          lostHosts = 0;
        }
      }
      reading = onItem(continued.take(item));
      await reading;
    };
    for (;;) {
      try {
        return await links.use(clientId, async (client, done) => {
          try {
            return await client.call('http', continued.params(), { signal, onItem: read });
          } finally {
            done();
          }
        });
      } catch (reason) {
        const { details } = toSillError(reason);
        if (isBegun || signal.aborted) throw reason;
        if (details.lost === true) {
          lostHosts += 1;
          lostMs = performance.now();
          if (lostHosts >= MOST_HOSTS) throw reason;
          await reading;
        } else if (details.unhosted === true && lostMs !== undefined && performance.now() - lostMs < REOPENED_WITHIN_MS) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        } else throw reason;
      }
    }
  };

  const ask = (params: HttpRequest, clientId: string, signal: AbortSignal): Promise<Response> => {
    const over = new AbortController();
    // No update of the app takes hold while this is read. Not waited for: the answer takes longer.
    holdLock(STREAMING_LOCK, 'shared', over.signal).catch(() => undefined);
    return fetchThrough((request, options) => call(clientId, request, options), params, { signal, onEnd: () => over.abort() });
  };

  return {
    pathOf(url) {
      if (!url.pathname.startsWith(scopePath)) return undefined;
      const path = url.pathname.slice(scopePath.length);
      return ENDPOINT.test(path) ? path + url.search : undefined;
    },
    async answer(request, path, clientId) {
      try {
        // A form on another site can send one of these, and nothing else can from there.
        if (request.mode === 'navigate' && request.method !== 'GET') {
          throw new SillError('forbidden', 'A form may not call this API. Use fetch in a page of this origin.');
        }
        // Chromium does not tell by it of a page that gave up; other browsers may.
        return await ask(await httpRequestOf(request, path), clientId, request.signal);
      } catch (reason) {
        const error = toSillError(reason);
        const { status } = error.details;
        const { body, ...init } = refusalOf(error, familyOf(path), typeof status === 'number' ? status : undefined);
        return new Response(body, init);
      }
    },
  };
}
