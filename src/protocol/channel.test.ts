import * as v from 'valibot';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import { createClient } from './client.ts';
import { method } from './contract.ts';
import type { Endpoint } from './envelope.ts';
import { type Handlers, serve, Transferring } from './server.ts';

const contract = {
  count: method<number, string>()(v.object({ to: v.number() })),
  move: method<never, ArrayBuffer>()(v.object({ sizeBytes: v.number() })),
};
type TestContract = typeof contract;

const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A client and a server over a real MessageChannel, as between a page and a worker. */
function connect(handlers: Partial<Handlers<TestContract>>) {
  const { port1, port2 } = new MessageChannel();
  const unused = () => Promise.reject(new Error('not part of this test'));
  const stop = serve<TestContract>(contract, { count: unused, move: unused, ...handlers }, port2);
  const client = createClient<TestContract>(port1);
  port1.start();
  port2.start();
  closers.push(() => {
    port1.close();
    port2.close();
  });
  return { client, stop, port: port1 };
}

/** Long enough for every message under way to arrive and be answered: in turns, since a timer that a busy machine delays fires before what came meanwhile. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 3));
}

describe('a call', () => {
  test('gets its items in order, then its result', async () => {
    const { client } = connect({
      async count({ to }, { emit }) {
        for (let i = 0; i < to; i++) await emit(i);
        return 'done';
      },
    });
    const items: number[] = [];
    expect(await client.call('count', { to: 200 }, { onItem: (item) => void items.push(item) })).toBe('done');
    expect(items).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('resolves only when its last item was taken', async () => {
    const { client } = connect({
      async count(_params, { emit }) {
        await emit(1);
        return 'done';
      },
    });
    let taken = false;
    await client.call(
      'count',
      { to: 1 },
      {
        onItem: async () => {
          await settle();
          taken = true;
        },
      },
    );
    expect(taken).toBe(true);
  });

  test('with a slow reader holds the writer back', async () => {
    let written = 0;
    const { client } = connect({
      async count({ to }, { emit }) {
        for (let i = 0; i < to; i++) {
          await emit(i);
          written += 1;
        }
        return 'done';
      },
    });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let taken = 0;
    const call = client.call(
      'count',
      { to: 1000 },
      {
        onItem: async () => {
          await gate;
          taken += 1;
        },
      },
    );
    await settle();
    expect(taken).toBe(0);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(100);
    release();
    await call;
    expect([written, taken]).toEqual([1000, 1000]);
  });

  test('whose writer does not wait for one item before the next loses none of the waits', async () => {
    const { client } = connect({
      async count({ to }, { emit }) {
        await Promise.all(Array.from({ length: to }, (_, i) => emit(i)));
        return 'done';
      },
    });
    const items: number[] = [];
    expect(await client.call('count', { to: 300 }, { onItem: (item) => void items.push(item) })).toBe('done');
    expect(items.length).toBe(300);
  });

  test('moves buffers instead of copying them', async () => {
    let left: ArrayBuffer | undefined;
    const { client } = connect({
      async move({ sizeBytes }) {
        left = new ArrayBuffer(sizeBytes);
        return new Transferring(left, [left]);
      },
    });
    expect((await client.call('move', { sizeBytes: 8 })).byteLength).toBe(8);
    expect(left?.byteLength).toBe(0);
  });

  test('ends with the error of a reader that fails, and stops the writer', async () => {
    const stopped = vi.fn();
    const { client } = connect({
      async count(_params, { emit, signal }) {
        signal.addEventListener('abort', stopped);
        for (;;) await emit(1);
      },
    });
    const failing = client.call(
      'count',
      { to: 1 },
      {
        onItem: () => {
          throw new Error('the reader broke');
        },
      },
    );
    await expect(failing).rejects.toThrow('the reader broke');
    await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  });
});

describe('cancelling', () => {
  test('rejects at once and tells the server', async () => {
    const stopped = vi.fn();
    const { client } = connect({
      count: (_params, { signal }) => new Promise(() => signal.addEventListener('abort', stopped)),
    });
    const cancel = new AbortController();
    const call = client.call('count', { to: 1 }, { signal: cancel.signal });
    await settle();
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  });

  test('wakes a writer that waits for its reader', async () => {
    let ended: unknown;
    const { client } = connect({
      async count(_params, { emit }) {
        try {
          for (;;) await emit(1);
        } catch (reason) {
          ended = reason;
          throw reason;
        }
      },
    });
    const cancel = new AbortController();
    const call = client.call('count', { to: 1 }, { signal: cancel.signal, onItem: () => new Promise(() => {}) });
    await settle();
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(ended).toMatchObject({ code: 'aborted' }));
  });

  test('before the call sends nothing', async () => {
    const count = vi.fn();
    const { client } = connect({ count });
    await expect(client.call('count', { to: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    expect(count).not.toHaveBeenCalled();
  });

  test('delivers no item afterwards, not even one that had arrived', async () => {
    const { client } = connect({
      async count({ to }, { emit }) {
        for (let i = 0; i < to; i++) await emit(i);
        return 'done';
      },
    });
    const cancel = new AbortController();
    const items: number[] = [];
    const onItem = async (item: number) => {
      items.push(item);
      await settle();
    };
    const call = client.call('count', { to: 10 }, { signal: cancel.signal, onItem });
    await settle();
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    const taken = items.length;
    await settle();
    await settle();
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(5);
    expect(items.length).toBe(taken);
  });
});

describe('an error', () => {
  test('of the closed union crosses with code, message and details', async () => {
    const { client } = connect({
      count: () => Promise.reject(new SillError('chunk_mismatch', 'Wrong bytes.', { details: { digest: 'x', sizes: ['1', '2'] } })),
    });
    const reason = await client.call('count', { to: 1 }).catch((e: unknown) => e);
    expect(reason).toBeInstanceOf(SillError);
    expect(reason).toMatchObject({ code: 'chunk_mismatch', message: 'Wrong bytes.', details: { digest: 'x', sizes: ['1', '2'] } });
  });

  test('of any other kind crosses as internal', async () => {
    const { client } = connect({ count: () => Promise.reject(new TypeError('x is undefined')) });
    await expect(client.call('count', { to: 1 })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('x is undefined'),
    });
  });

  test('that a handler throws before its first await crosses as well', async () => {
    const { client } = connect({
      count: () => {
        throw new SillError('busy', 'Later.');
      },
    });
    await expect(client.call('count', { to: 1 })).rejects.toMatchObject({ code: 'busy' });
  });

  test('of a result that cannot be cloned reaches the caller', async () => {
    const { client } = connect({
      // @ts-expect-error a wrong result, as a bug would make it
      count: async () => () => 'a function',
    });
    await expect(client.call('count', { to: 1 })).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a request that is refused', () => {
  test('for its parameters never reaches the handler and says where the fault is', async () => {
    const count = vi.fn();
    const { client } = connect({ count });
    // @ts-expect-error as an old page might send it
    const call = client.call('count', { to: 'three' });
    await expect(call).rejects.toMatchObject({ code: 'invalid_request', details: { path: 'to' } });
    expect(count).not.toHaveBeenCalled();
  });

  test.each(['nothing', 'toString', '__proto__'])('for its method (%s) is named', async (name) => {
    const { client } = connect({});
    // @ts-expect-error as a newer page might send it
    await expect(client.call(name, { to: 1 })).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining(name) });
  });

  test('for something that cannot be sent does not hang and leaves the channel working', async () => {
    const { client } = connect({ count: async () => 'done' });
    // @ts-expect-error functions cannot be cloned
    await expect(client.call('count', { to: () => 1 })).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await client.call('count', { to: 1 })).toBe('done');
  });

  test('because it is no message of ours is ignored', async () => {
    const { client, port } = connect({ count: async () => 'done' });
    port.postMessage('hello');
    port.postMessage({ kind: 'call', id: 'x' });
    expect(await client.call('count', { to: 1 })).toBe('done');
  });
});

describe('the end of a channel', () => {
  test('rejects what is under way and what comes later, even while a reader is busy', async () => {
    const { client } = connect({
      async count(_params, { emit }) {
        await emit(1);
        return new Promise(() => {});
      },
    });
    const lost = new SillError('worker_lost', 'Gone.');
    const call = client.call('count', { to: 1 }, { onItem: () => new Promise(() => {}) });
    await settle();
    client.close(lost);
    await expect(call).rejects.toBe(lost);
    await expect(client.call('count', { to: 1 })).rejects.toBe(lost);
  });

  test('sends nothing more when a call that it ended is cancelled', async () => {
    const posted = vi.fn();
    const endpoint: Endpoint = { postMessage: posted, addEventListener: () => {}, removeEventListener: () => {} };
    const client = createClient<TestContract>(endpoint);
    const cancel = new AbortController();
    const call = client.call('count', { to: 1 }, { signal: cancel.signal });
    client.close(new SillError('worker_lost', 'Gone.'));
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'worker_lost' });
    expect(posted).toHaveBeenCalledOnce();
  });

  test('on the server aborts what is under way', async () => {
    const stopped = vi.fn();
    const { client, stop } = connect({
      count: (_params, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            stopped();
            reject(signal.reason);
          }),
        ),
    });
    const call = client.call('count', { to: 1 });
    const refused = expect(call).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    stop();
    await refused;
    expect(stopped).toHaveBeenCalledOnce();
  });
});
