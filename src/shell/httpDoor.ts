import { SillError, toSillError } from '../core/errors.ts';
import type { HttpItem, HttpRequest } from '../protocol/http.ts';
import { familyOf, refusalOf } from '../protocol/httpErrors.ts';
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

/** A request that nothing was answered to yet is asked of this many hosts, should each be closed under it. */
const MOST_HOSTS = 3;

const ENDPOINT = /^(?:(?:v1|api)\/.*|metrics|healthz)$/s;
/** What is asked of a second engine when the first was lost might be done twice. */
const ONCE: ReadonlySet<string> = new Set(['api/delete', 'api/copy', 'api/create']);

/** What keeps an answer going and is none: white space, comments of SSE. */
const isFiller = (bytes: Uint8Array<ArrayBuffer>): boolean =>
  bytes.byteLength <= FILLER_BYTES && /^(?:: *\n|\s)*$/.test(new TextDecoder().decode(bytes));
const FILLER_BYTES = 8;

/** @param options `scopePath` of the service worker: the endpoints are below it */
export function createHttpDoor(options: HttpLinksOptions): HttpDoor {
  const { scopePath } = options;
  const links = createHttpLinks(options);

  /** Asks the engine, and as long as nothing was answered the next one, should a tab be closed under it. */
  const call = async (clientId: string, request: HttpRequest, { signal, onItem }: Parameters<HttpCall>[1]): Promise<null> => {
    let head: Extract<HttpItem, { kind: 'head' }> | undefined;
    let isBegun = false;
    const read = async (item: HttpItem): Promise<void> => {
      if (item.kind === 'body') isBegun ||= !isFiller(item.bytes);
      else if (!head) head = item;
      // A head that is out stands: what the next engine says must be the rest of the same answer.
      else if (item.status === head.status && item.headers['content-type'] === head.headers['content-type']) return;
      else throw new SillError('worker_lost', 'The tab that worked on this was closed, and the next one answered otherwise. Ask again.');
      await onItem(item);
    };
    for (let hosts = 1; ; hosts++) {
      try {
        return await links.use(clientId, async (client, done) => {
          try {
            return await client.call('http', request, { signal, onItem: read });
          } finally {
            done();
          }
        });
      } catch (reason) {
        const { code, details } = toSillError(reason);
        const isLost = code === 'worker_lost' && details.unhosted !== true;
        if (!isLost || isBegun || signal.aborted || ONCE.has(request.path.split('?')[0] ?? '') || hosts >= MOST_HOSTS) throw reason;
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
