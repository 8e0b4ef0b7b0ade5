import * as v from 'valibot';
import { type Client, createClient } from '../protocol/client.ts';
import { type Begin, connectionLock, EngineMessageSchema, engineLock, type Identified } from '../protocol/hosting.ts';
import type { PageContract } from '../protocol/page.ts';

export interface Door {
  /** The page that hosts this engine. */
  readonly page: Promise<Client<PageContract>>;
  /** This engine's name, once the lock is held by which other tabs know that it lives. */
  readonly identified: Promise<string>;
}

/**
 * Lets tabs in, as the page that started this worker sends them.
 * @param serve answers one connection over its port, of a guest's frame with that guest's origin; returns the way to stop
 */
export function openDoor(serve: (connection: string, port: MessagePort, guest: string | undefined) => () => void): Door {
  let identify: (engine: string) => void = () => undefined;
  const identified = new Promise<string>((resolve) => {
    identify = resolve;
  });

  let meet: (page: Client<PageContract>) => void = () => undefined;
  const page = new Promise<Client<PageContract>>((resolve) => {
    meet = resolve;
  });

  const begin = async ({ engine, deposes }: Begin): Promise<void> => {
    if (deposes !== undefined) await takeLocksOf(engineLock(deposes));
    await navigator.locks
      .request(engineLock(engine), () => {
        const word: Identified = { type: 'sill-identified' };
        postMessage(word);
        identify(engine);
        return new Promise(() => undefined);
      })
      // A browser that may store nothing gives no locks; then no other tab knows of this engine.
      .catch(() => identify(engine));
  };

  addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
    const message = v.safeParse(EngineMessageSchema, data);
    if (!message.success) return;
    if (message.output.type === 'sill-begin') return void begin(message.output);
    if (!port) return;
    if (message.output.type === 'sill-page') {
      meet(createClient<PageContract>(port));
      return port.start();
    }
    const { connection, guest } = message.output;
    const stop = serve(connection, port, guest);
    port.start();
    // A tab that is closed sends no word, but its lock is free then.
    navigator.locks
      .request(connectionLock(connection), { mode: 'shared' }, () => {
        stop();
        port.close();
      })
      .catch(() => undefined);
  });
  return { identified, page };
}

/** Frees every lock that is held by the realm which holds this one: it was suspended and may never let go. */
async function takeLocksOf(name: string): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const holder = held.find((lock) => lock.name === name)?.clientId;
  if (holder === undefined) return;
  for (const lock of held) {
    if (lock.clientId === holder && lock.mode === 'exclusive' && lock.name !== undefined) {
      await navigator.locks.request(lock.name, { steal: true }, () => undefined);
    }
  }
}
