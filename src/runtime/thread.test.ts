import { afterEach, expect, test, vi } from 'vitest';
import { beginThread, LEAVE, LEFT } from './thread.ts';

const now = Object.getOwnPropertyDescriptor(performance, 'now');
afterEach(() => void (now ? Object.defineProperty(performance, 'now', now) : Reflect.deleteProperty(performance, 'now')));

/** A worker's realm, and a script in it that takes what comes once it is loaded. */
function realmOf() {
  const [sent, taken]: [unknown[], unknown[]] = [[], []];
  const listeners: Array<(event: MessageEvent) => void> = [];
  const realm = {
    onmessage: null as ((event: MessageEvent) => void) | null,
    postMessage: (message: unknown) => void sent.push(message),
    addEventListener: (_: 'message', listener: (event: MessageEvent) => void) => void listeners.push(listener),
    close: vi.fn(),
  };
  const tell = (data: unknown) => {
    const event = new MessageEvent('message', { data });
    for (const listener of listeners) listener(event);
    realm.onmessage?.(event);
  };
  let loaded = () => {};
  const load = vi.fn(async (_glue: string) => {
    await new Promise<void>((resolve) => {
      loaded = resolve;
    });
    realm.onmessage = ({ data }) => void taken.push(data);
  });
  beginThread(realm, load);
  return { realm, sent, taken, tell, load, loaded: () => loaded() };
}

test('a thread loads the script that it is told, which gets what came before it was there', async () => {
  const { tell, taken, load, loaded } = realmOf();
  tell({ glue: 'glue.mjs', leaving: new Int32Array(1) });
  tell('load');
  tell('run');
  expect(load).toHaveBeenCalledExactlyOnceWith('glue.mjs');
  expect(taken).toEqual([]);
  loaded();
  await vi.waitFor(() => expect(taken).toEqual(['load', 'run']));
  tell('more');
  expect(taken).toEqual(['load', 'run', 'more']);
});

test('a thread that waits for work leaves where it asks for the time, once it is told', async () => {
  const { realm, tell, sent, loaded } = realmOf();
  const leaving = new Int32Array(new SharedArrayBuffer(4));
  tell({ glue: 'glue.mjs', leaving });
  loaded();
  expect(performance.now()).toBeGreaterThan(0);
  Atomics.store(leaving, 0, 1);
  let thrown: unknown;
  try {
    performance.now();
  } catch (reason) {
    thrown = reason;
  }
  expect(thrown).toBe('unwind');
  expect([sent, realm.close.mock.calls.length]).toEqual([[LEFT], 1]);
  tell(LEAVE);
  expect([sent, realm.close.mock.calls.length]).toEqual([[LEFT], 1]);
});

test('a thread that waits for a message leaves when it is told by one', () => {
  const { realm, tell, sent } = realmOf();
  tell({ glue: 'glue.mjs', leaving: new Int32Array(1) });
  tell(LEAVE);
  expect([sent, realm.close.mock.calls.length]).toEqual([[LEFT], 1]);
});
