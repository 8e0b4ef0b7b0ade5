import { SillError, toSillError } from '../core/errors.ts';
import type { HttpRequest } from '../protocol/http.ts';
import { familyOf, refusalOf } from '../protocol/httpErrors.ts';
import { fetchThrough, httpRequestOf } from '../protocol/httpFetch.ts';
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

/** A request that nothing was answered to yet is asked of this many hosts, should each be closed under it. */
const MOST_HOSTS = 3;

const ENDPOINT = /^(?:(?:v1|api)\/.*|metrics|healthz)$/s;
/** What is asked of a second engine when the first was lost might be done twice. */
const ONCE: ReadonlySet<string> = new Set(['api/delete', 'api/copy', 'api/create']);

/** @param options `scopePath` of the service worker: the endpoints are below it */
export function createHttpDoor(options: HttpLinksOptions): HttpDoor {
  const { scopePath } = options;
  const links = createHttpLinks(options);

  const ask = (params: HttpRequest, clientId: string): Promise<Response> =>
    links.use(clientId, (client, done) => {
      const over = new AbortController();
      // No update of the app takes hold while this is read. Not waited for: the answer takes longer.
      holdLock(STREAMING_LOCK, 'shared', over.signal).catch(() => undefined);
      return fetchThrough((request, call) => client.call('http', request, call), params, {
        onEnd() {
          over.abort();
          done();
        },
      });
    });

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
        const params = await httpRequestOf(request, path);
        for (let hosts = 1; ; hosts++) {
          try {
            return await ask(params, clientId);
          } catch (reason) {
            const { code, details } = toSillError(reason);
            if (code !== 'worker_lost' || details.unhosted === true || ONCE.has(path) || hosts >= MOST_HOSTS) throw reason;
          }
        }
      } catch (reason) {
        const error = toSillError(reason);
        const { status } = error.details;
        const { body, ...init } = refusalOf(error, familyOf(path), typeof status === 'number' ? status : undefined);
        return new Response(body, init);
      }
    },
  };
}
