import * as v from 'valibot';
import { SillError, toSillError } from '../core/errors.ts';
import { createClient } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import {
  type Address,
  addressLock,
  connectionLock,
  engineLock,
  HTTP_CONNECTION,
  isHosted,
  newestHostOf,
  UnhostedSchema,
} from '../protocol/hosting.ts';
import type { HttpRequest } from '../protocol/http.ts';
import { familyOf, refusalOf } from '../protocol/httpErrors.ts';
import { fetchThrough, httpRequestOf } from '../protocol/httpFetch.ts';
import { STREAMING_LOCK } from '../protocol/locks.ts';

/** A tab, as the service worker can write to it. */
interface Tab {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface HttpDoorOptions {
  /** Of the app, with a slash at its end. */
  readonly scopePath: string;
  /** A tab by the id that the service worker knows it by; `undefined` when it is gone. */
  readonly tab: (clientId: string) => Promise<Tab | undefined>;
}

/** OpenAI's and Ollama's APIs, answered by the engine in whichever tab it is. Nothing is remembered: this worker may be ended at any moment. */
export interface HttpDoor {
  /** The path below the app of a request that is answered here; `undefined` for all others. */
  pathOf(url: URL): string | undefined;
  /** Never rejects. @param clientId of the page that asks, so that one does not wait for all of another's requests */
  answer(request: Request, path: string, clientId: string): Promise<Response>;
}

/** Between two looks for a host: one that goes and the next one that comes are some tens of milliseconds apart. */
const ASK_AGAIN_MS = 50;
/** A tab that is about to host tells the service worker within this time, or never will (a browser that gives it no locks). */
const HOSTED_WITHIN_MS = 10_000;
/** A request that nothing was answered to yet is asked of this many hosts, should each be closed under it. */
const MOST_HOSTS = 3;

const ENDPOINT = /^(?:(?:v1|api)\/.*|metrics|healthz)$/s;
/** What is asked of a second engine when the first was lost might be done twice. */
const ONCE: ReadonlySet<string> = new Set(['api/delete', 'api/copy', 'api/create']);

export function createHttpDoor({ scopePath, tab }: HttpDoorOptions): HttpDoor {
  const isOurs = (app: string): boolean => app.startsWith(scopePath);

  /** Where the engine is; waits for a tab that is about to run it. */
  const findHost = async (): Promise<{ readonly address: Address; readonly host: Tab } | undefined> => {
    const untilMs = performance.now() + HOSTED_WITHIN_MS;
    for (;;) {
      const { held = [], pending = [] } = await navigator.locks.query();
      const address = newestHostOf(held, isOurs);
      const host = address && (await tab(address.clientId));
      if (address && host) return { address, host };
      if (!isHosted([...held, ...pending], isOurs) || performance.now() > untilMs) return undefined;
      await pause(ASK_AGAIN_MS);
    }
  };

  const ask = async (params: HttpRequest, clientId: string): Promise<Response> => {
    const found = await findHost();
    if (!found) throw unhosted();
    const { address, host } = found;
    const over = new AbortController();
    // The engine knows by the first part for whom it works, and by the lock when this worker is ended.
    const connection = `${HTTP_CONNECTION}${clientId}~${crypto.randomUUID()}`;
    await Promise.all([
      holdLock(connectionLock(connection), 'exclusive', over.signal),
      // No update of the app takes hold while this is read.
      holdLock(STREAMING_LOCK, 'shared', over.signal),
    ]);
    const { port1: port, port2 } = new MessageChannel();
    const client = createClient<EngineContract>(port);
    const lose = () => client.close(lost());
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (v.is(UnhostedSchema, data)) lose();
    });
    port.start();
    host.postMessage({ type: 'sill-connect', app: address.app, connection }, [port2]);
    // A port does not tell that its other end is gone: these locks are granted then. The host's tells of a tab that is closed; the engine's, which it
    // holds once it answers, also of one that was suspended and had its place taken.
    const watch = (name: string) => navigator.locks.request(name, { mode: 'shared', signal: over.signal }, lose).catch(() => undefined);
    void watch(addressLock(address));
    client.call('hello', {}).then(
      ({ engine }) => watch(engineLock(engine)),
      () => undefined,
    );
    return fetchThrough((request, options) => client.call('http', request, options), params, {
      onEnd() {
        over.abort();
        port.close();
      },
    });
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
        const params = await httpRequestOf(request, path);
        for (let hosts = 1; ; hosts++) {
          try {
            return await ask(params, clientId);
          } catch (reason) {
            if (toSillError(reason).code !== 'worker_lost' || ONCE.has(path) || hosts >= MOST_HOSTS) throw reason;
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

const lost = (): SillError =>
  new SillError('worker_lost', 'The tab that runs the models was closed, or its engine stopped. Ask again: another one takes over.');

const unhosted = (): SillError =>
  new SillError(
    'worker_lost',
    'No tab of Sill is open, so nothing runs the models. Open the app in a tab of this browser, keep it open, and ask again.',
    { details: { unhosted: true } },
  );

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves once the lock is held, which it is until the signal. */
const holdLock = (name: string, mode: LockMode, over: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const holding = (): Promise<void> => {
      resolve();
      return new Promise((release) => {
        if (over.aborted) release();
        over.addEventListener('abort', () => release(), { once: true });
      });
    };
    navigator.locks.request(name, { mode }, holding).catch(reject);
  });
