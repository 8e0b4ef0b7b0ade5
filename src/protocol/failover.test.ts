import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { createClient } from './client.ts';
import { method } from './contract.ts';
import { type Connected, createFailoverClient, type FailoverOptions, MOST_SERVERS } from './failover.ts';
import { type Handlers, serve } from './server.ts';

const contract = {
  count: method<number, string>()(v.object({ from: v.number(), to: v.number() })),
  spend: method<never, string>()(v.object({})),
};
type TestContract = typeof contract;

const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Servers over real channels, one after the other: `kill` ends the present one as a tab that is closed does. */
function cluster(serverOf: (nth: number) => Handlers<TestContract>, options: Partial<FailoverOptions<TestContract>> = {}) {
  let started = 0;
  let kill = () => {};
  const client = createFailoverClient<TestContract>({
    once: new Set(['spend']),
    continued: {},
    async connect(): Promise<Connected<TestContract>> {
      started += 1;
      const { port1, port2 } = new MessageChannel();
      serve(contract, serverOf(started), port2);
      const inner = createClient<TestContract>(port1);
      port1.start();
      port2.start();
      closers.push(() => {
        port1.close();
        port2.close();
      });
      const gone = new AbortController();
      kill = () => {
        const reason = new SillError('worker_lost', 'gone');
        port2.close();
        gone.abort(reason);
        inner.close(reason);
      };
      return { client: inner, gone: gone.signal };
    },
    ...options,
  });
  return { client, kill: () => kill(), started: () => started };
}

const never = () => new Promise<never>(() => undefined);
const countFrom: Handlers<TestContract>['count'] = async ({ from, to }, { emit }) => {
  for (let i = from; i < to; i++) await emit(i);
  return 'counted';
};

describe('a client whose server may be replaced', () => {
  test('asks the next server what the first did not live to answer', async () => {
    const { client, kill, started } = cluster((nth) => ({ count: nth === 1 ? never : countFrom, spend: never }));
    const answer = client.call('count', { from: 0, to: 1 });
    await settle();
    kill();
    expect(await answer).toBe('counted');
    expect(started()).toBe(2);
  });

  test('goes on where the reader was, with nothing twice and nothing left out', async () => {
    const { client, kill } = cluster(
      () => ({
        async count({ from, to }, { emit }) {
          for (let i = from; i < to; i++) {
            await emit(i);
            await settle();
          }
          return 'counted';
        },
        spend: never,
      }),
      {
        continued: {
          count: ({ from, to }) => {
            let next = from;
            return {
              params: () => ({ from: next, to }),
              take: (item) => {
                next = item + 1;
                return item;
              },
            };
          },
        },
      },
    );
    const items: number[] = [];
    const answer = client.call('count', { from: 0, to: 8 }, { onItem: (item) => void items.push(item) });
    for (const after of [2, 5]) {
      while (items.length < after) await settle();
      kill();
    }
    expect(await answer).toBe('counted');
    expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('is rejected when one server after the other ends under it, and what only listens goes on', async () => {
    const { client, kill, started } = cluster(() => ({ count: never, spend: never }));
    const answer = client.call('count', { from: 0, to: 1 });
    answer.catch(() => undefined);
    for (let lost = 0; lost < MOST_SERVERS; lost++) {
      await settle();
      kill();
    }
    await expect(answer).rejects.toMatchObject({ code: 'worker_lost', details: { method: 'count' } });
    expect(started()).toBe(MOST_SERVERS);

    const listening = cluster(() => ({ count: never, spend: never }), {
      continued: { count: (params) => ({ params: () => params, take: (item) => item, missed: () => [-1] }) },
    });
    const told: number[] = [];
    void listening.client.call('count', { from: 0, to: 1 }, { onItem: (item) => void told.push(item) });
    for (let lost = 0; lost < 2 * MOST_SERVERS; lost++) {
      await settle();
      listening.kill();
    }
    await settle();
    expect(told).toHaveLength(2 * MOST_SERVERS);
  });

  test('hands a reader one item at a time, also across the change', async () => {
    let reading = 0;
    let most = 0;
    const { client, kill } = cluster(() => ({ count: countFrom, spend: never }));
    const answer = client.call(
      'count',
      { from: 0, to: 3 },
      {
        async onItem() {
          reading += 1;
          most = Math.max(most, reading);
          await settle();
          reading -= 1;
        },
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    kill();
    await answer;
    expect(most).toBe(1);
  });

  test('is told that it was done when the next server refuses what the one before had done, and only then', async () => {
    const refuse = async () => Promise.reject(new SillError('unknown_model', 'It is not there.'));
    const done: FailoverOptions<TestContract>['done'] = { spend: ({ code }) => (code === 'unknown_model' ? 'done' : undefined) };
    const options = { once: new Set<never>(), done };
    const cut = cluster((nth) => ({ count: countFrom, spend: nth === 1 ? never : refuse }), options);
    const answer = cut.client.call('spend', {});
    await settle();
    cut.kill();
    expect(await answer).toBe('done');
    await expect(cluster(() => ({ count: countFrom, spend: refuse }), options).client.call('spend', {})).rejects.toMatchObject({
      code: 'unknown_model',
    });
  });

  test('does not do twice what must be done once, and says so', async () => {
    let asked = 0;
    const { client, kill } = cluster(() => ({
      count: countFrom,
      spend: () => {
        asked += 1;
        return never();
      },
    }));
    const answer = client.call('spend', {});
    const refused = expect(answer).rejects.toMatchObject({ code: 'worker_lost', details: { method: 'spend' } });
    await settle();
    kill();
    await refused;
    await settle();
    expect(asked).toBe(1);
  });

  test('gives a failure of the server to the caller as it is', async () => {
    const { client, started } = cluster(() => ({
      count: () => Promise.reject(new SillError('busy', 'later')),
      spend: never,
    }));
    await expect(client.call('count', { from: 0, to: 1 })).rejects.toMatchObject({ code: 'busy' });
    expect(started()).toBe(1);
  });

  test('lets go of a caller who gives up while there is no server', async () => {
    const client = createFailoverClient<TestContract>({ once: new Set(), continued: {}, connect: never });
    const abort = new AbortController();
    const answer = client.call('count', { from: 0, to: 1 }, { signal: abort.signal });
    const refused = expect(answer).rejects.toMatchObject({ code: 'aborted' });
    abort.abort();
    await refused;
  });

  test('that is closed while there is no server rejects what waits for one', async () => {
    const client = createFailoverClient<TestContract>({ once: new Set(), continued: {}, connect: never });
    const answer = client.call('count', { from: 0, to: 1 });
    const refused = expect(answer).rejects.toMatchObject({ code: 'storage_erased' });
    client.close(new SillError('storage_erased', 'nothing is left'));
    await refused;
  });

  test('that is closed rejects what is under way and what comes', async () => {
    const { client } = cluster(() => ({ count: never, spend: never }));
    const answer = client.call('count', { from: 0, to: 1 });
    const refused = expect(answer).rejects.toMatchObject({ code: 'storage_erased' });
    await settle();
    client.close(new SillError('storage_erased', 'nothing is left'));
    await refused;
    await expect(client.call('count', { from: 0, to: 1 })).rejects.toMatchObject({ code: 'storage_erased' });
  });
});
