import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { type Client, createClient } from '../protocol/client.ts';
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
import { holdLock } from './holdLock.ts';

/** A tab, as the service worker can write to it. */
interface Tab {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface HttpLinksOptions {
  /** Of the app, with a slash at its end. */
  readonly scopePath: string;
  /** A tab by the id that the service worker knows it by; `undefined` when it is gone. */
  readonly tab: (clientId: string) => Promise<Tab | undefined>;
}

export interface HttpLinks {
  /**
   * Uses the way to the engine on behalf of one page. It is kept for the page's next request, which saves it some milliseconds; nothing depends on that,
   * since this worker may be ended at any moment.
   * @throws SillError `worker_lost` with `unhosted` when no tab runs an engine, with `lost` when the one that did is gone
   */
  use<T>(clientId: string, work: (client: Client<EngineContract>, done: () => void) => Promise<T>): Promise<T>;
}

/** Between two looks for a host: one that goes and the next one that comes are some tens of milliseconds apart. */
const ASK_AGAIN_MS = 50;
/** A tab that is about to host tells the service worker within this time, or never will (a browser that gives it no locks). */
const HOSTED_WITHIN_MS = 10_000;
const KEPT_MS = 10_000;
/**
 * For an engine's first answer. A tab that was suspended holds its locks and answers nothing; others that are awake take its place after fifteen seconds (`engineLink`),
 * and by then it is known which. An engine that starts on a slow device is long there.
 */
const HELLO_WITHIN_MS = 20_000;

interface Link {
  readonly client: Client<EngineContract>;
  readonly gone: AbortSignal;
  close(reason: SillError): void;
  users: number;
  timer?: ReturnType<typeof setTimeout>;
}

export function createHttpLinks({ scopePath, tab }: HttpLinksOptions): HttpLinks {
  const isOurs = (app: string): boolean => app.startsWith(scopePath);
  const links = new Map<string, Promise<Link>>();

  /** Where the engine is; waits for a tab that is about to run it. */
  const findHost = async (): Promise<{ readonly address: Address; readonly host: Tab }> => {
    const untilMs = performance.now() + HOSTED_WITHIN_MS;
    for (;;) {
      const { held = [], pending = [] } = await navigator.locks.query();
      const address = newestHostOf(held, isOurs);
      const host = address && (await tab(address.clientId));
      if (address && host) return { address, host };
      if (!isHosted([...held, ...pending], isOurs) || performance.now() > untilMs) throw unhosted();
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  };

  const connect = async (clientId: string): Promise<Link> => {
    const { address, host } = await findHost();
    const gone = new AbortController();
    // The engine knows by the first part for whom it works, and by the lock when this worker is ended.
    const connection = `${HTTP_CONNECTION}${clientId}~${crypto.randomUUID()}`;
    await holdLock(connectionLock(connection), 'exclusive', gone.signal);
    const { port1: port, port2 } = new MessageChannel();
    const client = createClient<EngineContract>(port);
    const close = (reason: SillError): void => {
      if (gone.signal.aborted) return;
      gone.abort(reason);
      client.close(reason);
      port.close();
    };
    const lose = () => close(lost());
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (v.is(UnhostedSchema, data)) lose();
    });
    port.start();
    host.postMessage({ type: 'sill-connect', app: address.app, connection }, [port2]);
    // A port does not tell that its other end is gone: these locks are granted then. The host's tells of a tab that is closed; the engine's, which it
    // holds once it answers, also of one that was suspended and had its place taken.
    const watch = (name: string) => navigator.locks.request(name, { mode: 'shared', signal: gone.signal }, lose).catch(() => undefined);
    void watch(addressLock(address));
    const timer = setTimeout(lose, HELLO_WITHIN_MS);
    client.call('hello', {}).then(
      ({ engine }) => {
        clearTimeout(timer);
        return watch(engineLock(engine));
      },
      () => clearTimeout(timer),
    );
    return { client, gone: gone.signal, close, users: 0 };
  };

  const linkFor = (clientId: string): Promise<Link> => {
    const known = links.get(clientId);
    if (known) return known;
    const next = connect(clientId);
    links.set(clientId, next);
    const forget = () => {
      if (links.get(clientId) === next) links.delete(clientId);
    };
    next.then(({ gone }) => (gone.aborted ? forget() : gone.addEventListener('abort', forget, { once: true })), forget);
    return next;
  };

  return {
    async use(clientId, work) {
      const link = await linkFor(clientId);
      clearTimeout(link.timer);
      link.users += 1;
      return work(link.client, () => {
        link.users -= 1;
        if (link.users > 0) return;
        link.timer = setTimeout(() => link.close(lost()), KEPT_MS);
      });
    },
  };
}

const lost = (): SillError =>
  new SillError('worker_lost', 'The tab that runs the models was closed, or its engine stopped. Ask again: another one takes over.', {
    details: { lost: true },
  });

const unhosted = (): SillError =>
  new SillError(
    'worker_lost',
    'No tab of Sill is open, so nothing runs the models. Open the app in a tab of this browser, keep it open, and ask again.',
    { details: { unhosted: true } },
  );
