import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { createClient } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { EnginePlace } from '../protocol/enginePlace.ts';
import type { Connected } from '../protocol/failover.ts';
import { type Address, connectionLock, engineLock, newestHost, UnhostedSchema } from '../protocol/hosting.ts';
import type { Broker } from './broker.ts';
import type { EngineHost } from './engineHost.ts';

export interface EngineLinkOptions {
  readonly app: string;
  readonly host: EngineHost;
  readonly broker: Broker | undefined;
  /** The origin of the page for which a frame makes this connection: the engine gives it what that page may have. */
  readonly guest?: string;
}

/** How often a tab asks the engine whether it is there, and how long it waits for the first answer. */
const BEAT_MS = 5000;
/** Questions without an answer after which the tab that hosts it counts as suspended. */
const SILENT_BEATS = 3;
/** Between two tries to be introduced: a host that goes and the next one that comes are some tens of milliseconds apart. */
const ASK_AGAIN_MS = 50;
/** After an engine that died as it was started: what hindered it, as a line that was cut off, may be over then. */
const START_AGAIN_MS = 500;
/** Introduced to nobody for this long (no service worker, as in some private windows; a host that it does not know), a tab runs an engine of its own. */
const ALONE_AFTER_MS = 5000;

const goneReason = () => new SillError('worker_lost', 'The engine stopped.');

/** This tab's way to the engine, wherever it runs. */
export interface EngineLink {
  connect(): Promise<Connected<EngineContract>>;
  /** Of the engine that this tab is connected to, if it is. */
  place(): EnginePlace | undefined;
  watch(listener: (place: EnginePlace) => void): () => void;
}

export function createEngineLink({ app, host, broker, guest }: EngineLinkOptions): EngineLink {
  let place: EnginePlace | undefined;
  const watchers = new Set<(place: EnginePlace) => void>();
  let elected = () => {};
  let drop = (_reason: SillError) => {};
  host.onElected(() => {
    // What this tab was connected to is gone, or is to be.
    drop(goneReason());
    elected();
  });
  /** Resolves when this tab becomes the host, or after so long. */
  const electedOr = (ms: number): Promise<'elected' | 'silent'> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve('silent'), ms);
      elected = () => {
        clearTimeout(timer);
        resolve('elected');
      };
    });

  /** Ends an engine that gave no answer for too long, in this tab, or takes the place of the tab that hosts it, unless another one did so already. */
  const deposeIfStill = async (engine: string | undefined): Promise<void> => {
    if (engine !== undefined && host.endSilent(engine)) return;
    if ((await hostOf(app))?.engine === engine) host.depose(engine);
  };

  const connect = async (): Promise<Connected<EngineContract>> => {
    await host.settled;
    const startMs = performance.now();
    let silences = 0;
    let silent: string | undefined;
    while (true) {
      const connection = crypto.randomUUID();
      const release = await holdLock(connectionLock(connection));
      const { port1: port, port2 } = new MessageChannel();
      const wanted = { connection, ...(guest === undefined ? {} : { guest }) };
      let isHere: boolean;
      try {
        isHere = host.accept(wanted, port2);
      } catch (reason) {
        release();
        port.close();
        throw reason;
      }
      const isCarried = isHere || (await broker?.introduce({ type: 'sill-connect', app, ...wanted }, port2)) === true;
      if (isCarried) {
        const client = createClient<EngineContract>(port);
        const unhosted = untilUnhosted(port);
        port.start();
        const hello = client.call('hello', {});
        // This tab's own worker may take its time to start.
        const answer = await Promise.race([hello, unhosted, isHere ? host.ended().then(() => 'ended' as const) : electedOr(BEAT_MS)]);
        if (typeof answer === 'object') {
          const connected = keep(client, answer.engine, port, release);
          place = { here: isHere, sinceMs: answer.sinceMs };
          connected.gone.addEventListener('abort', () => {
            place = undefined;
          });
          for (const watcher of watchers) watcher(place);
          return connected;
        }
        client.close(goneReason());
        await hello.catch(() => undefined);
        if (answer === 'silent') {
          if (silences === 0) silent = (await hostOf(app))?.engine;
          silences += 1;
          if (silences >= SILENT_BEATS) await deposeIfStill(silent);
        }
      }
      release();
      port.close();
      if (isHere) {
        await electedOr(START_AGAIN_MS);
        continue;
      }
      if (silences === 0 && (!broker || performance.now() - startMs > ALONE_AFTER_MS)) host.startOwn();
      else await electedOr(ASK_AGAIN_MS);
    }
  };

  const keep = (
    client: ReturnType<typeof createClient<EngineContract>>,
    engine: string,
    port: MessagePort,
    release: () => void,
  ): Connected<EngineContract> => {
    const gone = new AbortController();
    const end = (reason: SillError) => {
      if (gone.signal.aborted) return;
      gone.abort(reason);
      client.close(reason);
      port.close();
      release();
    };
    drop = end;
    // Granted when the engine, which holds it, is gone. Rejects when this connection ends first.
    navigator.locks.request(engineLock(engine), { mode: 'shared', signal: gone.signal }, () => end(goneReason())).catch(() => undefined);
    void beat(client, gone.signal).then(async (isSilent) => {
      if (!isSilent) return;
      await deposeIfStill(engine);
      end(goneReason());
    });
    return { client, gone: gone.signal };
  };

  return {
    connect,
    place: () => place,
    watch(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  };
}

/** Asks again and again. Resolves to true when nothing is answered any more, to false when the connection ended otherwise. */
async function beat(client: ReturnType<typeof createClient<EngineContract>>, gone: AbortSignal): Promise<boolean> {
  let silences = 0;
  while (!gone.aborted) {
    const askedMs = performance.now();
    let answered = false;
    const answer = client.call('hello', {}).then(
      () => {
        answered = true;
      },
      () => undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
    // A tab that was suspended itself knows nothing of others.
    const wasLate = performance.now() - askedMs > 2 * BEAT_MS;
    if (answered || wasLate) silences = 0;
    else silences += 1;
    if (silences >= SILENT_BEATS) return !gone.aborted;
    void answer;
  }
  return false;
}

/** Resolves, once the lock is held, to the way to let go of it. Where the browser gives none, the engine is this tab's own, and ends with it. */
const holdLock = (name: string): Promise<() => void> =>
  new Promise((resolve) => {
    navigator.locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(() => resolve(() => undefined));
  });

const untilUnhosted = (port: MessagePort): Promise<'unhosted'> =>
  new Promise((resolve) => {
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (v.is(UnhostedSchema, data)) resolve('unhosted');
    });
  });

const hostOf = async (app: string): Promise<Address | undefined> => newestHost((await navigator.locks.query()).held ?? [], app);
