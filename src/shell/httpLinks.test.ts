import * as v from 'valibot';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { engineContract } from '../protocol/engine.ts';
import { type Address, addressLock, ConnectSchema } from '../protocol/hosting.ts';
import { serve } from '../protocol/server.ts';
import { createHttpLinks } from './httpLinks.ts';

const APP = '/sill/';
/** Locks that are held by others; whoever waits for one waits until it gives up. */
let held: string[] = [];
const ports: MessagePort[] = [];

const locks = {
  query: async () => ({ held: held.map((name) => ({ name })), pending: [] }),
  request: (name: string, { signal }: { signal?: AbortSignal }, granted: () => Promise<void>) =>
    held.includes(name) || name.startsWith('sill-engine:')
      ? new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      : granted(),
};

beforeEach(() => {
  held = [];
  vi.stubGlobal('navigator', { locks });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const host = (term: number): Address => ({ app: APP, engine: `engine-${term}`, term, clientId: `tab-${term}` });

it('a tab that was suspended before it answered is given up, and the next request of the page is asked of the one that took its place', async () => {
  const asked: string[] = [];
  const links = createHttpLinks({
    scopePath: APP,
    tab: async (clientId) => ({
      postMessage(message, [port]) {
        asked.push(clientId);
        if (!(port instanceof MessagePort) || !v.is(ConnectSchema, message)) throw new Error('no way to the engine');
        ports.push(port);
        // It sleeps, and its locks are held.
        if (clientId === 'tab-1') return;
        serve(engineContract, { hello: async () => ({ engine: 'engine-2', sinceMs: 1 }) } as never, port);
        port.start();
      },
    }),
  });
  const hello = () => links.use('page', (client) => client.call('hello', {}));
  held = [addressLock(host(1))];
  const first = hello();
  const joined = hello();
  for (const each of [first, joined]) each.catch(() => undefined);
  await vi.waitFor(() => expect(asked).toEqual(['tab-1']));
  // Another tab found it silent.
  held = [addressLock(host(1)), addressLock(host(2))];
  await vi.advanceTimersByTimeAsync(20_000);
  for (const each of [first, joined]) await expect(each).rejects.toMatchObject({ code: 'worker_lost', details: { lost: true } });
  expect(await hello()).toMatchObject({ engine: 'engine-2' });
  expect(asked).toEqual(['tab-1', 'tab-2']);
  // What answered is not given up.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await hello()).toMatchObject({ engine: 'engine-2' });
  expect(asked).toEqual(['tab-1', 'tab-2']);
});
