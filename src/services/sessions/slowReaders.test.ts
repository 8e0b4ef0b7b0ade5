import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { a, ask, b, choose, hold, loaded, MIB, newSmallDevice, open, sessions, stateOf } from '../testing/smallDevice.ts';
import { PATIENCE_MS, PATIENCE_WITH_ALL_PLACES_MS } from './reading.ts';
import type { UseOptions } from './sessions.ts';

beforeEach(async () => {
  const end = await newSmallDevice();
  vi.useFakeTimers();
  return end;
});

/** An answer of two pieces, to a reader who takes the first one when the test lets it. */
function read(client: string, options: UseOptions & { signal?: AbortSignal } = {}) {
  let take: () => void = () => undefined;
  const isTaken = new Promise<void>((resolve) => (take = resolve));
  const turns: string[] = [];
  let given = 0;
  const signal = options.signal ?? new AbortController().signal;
  const work: Parameters<typeof sessions.use<string>>[2] = async (_session, _loadMs, reading) => {
    turns.push('begun');
    const aborted = new Promise<never>((_, reject) => {
      for (const each of [signal, reading.late]) each.addEventListener('abort', () => reject(new SillError('aborted', 'Stopped.')));
    });
    while (given < 2) {
      given += 1;
      await Promise.race([reading.give(() => (given === 1 ? isTaken : Promise.resolve())), aborted]);
    }
    return 'read';
  };
  return { answer: sessions.use(a, signal, work, { client, ...options }), take, turns };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a client whose answers nobody reads', () => {
  it('gives one of all four places up at once for another who waits, and has all of its answers once it reads', async () => {
    const stuck = Array.from({ length: 4 }, () => read('stuck'));
    await pass(10 * PATIENCE_MS);
    // Nobody else was there.
    expect(stuck.map(({ turns }) => turns.length)).toEqual([1, 1, 1, 1]);

    expect(await Promise.race([ask(a, { client: 'one' }), pass(1000)])).toBe('answered');
    expect(stateOf(a)).toMatchObject({ underWay: 3, waiting: 0 });

    for (const { take } of stuck) take();
    expect(await Promise.all(stuck.map(({ answer }) => answer))).toEqual(Array(4).fill('read'));
    expect(stuck.map(({ turns }) => turns.length).sort()).toEqual([1, 1, 1, 2]);
  });

  it('is given a second of patience where it has all places, and five where it has some', async () => {
    for (let i = 0; i < 4; i++) read('stuck');
    const first = hold(a, { client: 'one' });
    await pass(PATIENCE_WITH_ALL_PLACES_MS - 300);
    expect(open).toHaveLength(0);
    await pass(600);
    expect(open).toHaveLength(1);
    const second = hold(a, { client: 'two' });
    await pass(PATIENCE_MS - PATIENCE_WITH_ALL_PLACES_MS - 600);
    expect(open).toHaveLength(1);
    await pass(600);
    expect(open).toHaveLength(2);
    for (const end of open) end();
    await Promise.all([first, second]);
  });

  it('counts with all that it was ever behind in this turn, so that a trickle does not hold the place', async () => {
    const places = [hold(a), hold(a), hold(a)];
    let over = false;
    const trickle = sessions.use(
      a,
      new AbortController().signal,
      async (_session, _loadMs, reading) => {
        for (let i = 0; i < 100 && !reading.late.aborted; i++) await reading.give(() => new Promise((resolve) => setTimeout(resolve, 900)));
        over = true;
        if (reading.late.aborted) throw new SillError('aborted', 'Stopped.');
      },
      { client: 'trickle' },
    );
    void trickle.catch(() => undefined);
    await pass(0);
    const waiting = hold(a, { client: 'one' });
    await pass(PATIENCE_MS + 1500);
    expect(over).toBe(true);
    await vi.waitFor(() => expect(open).toHaveLength(4));
    for (const end of open) end();
    await Promise.all([...places, waiting]);
  });

  it('does not keep the memory of its model from another one', async () => {
    await choose({ budgetBytes: 100 * MIB });
    const stuck = read('stuck');
    await pass(0);
    const other = ask(b, { client: 'one' });
    await pass(PATIENCE_MS + 500);
    expect(await other).toBe('answered');
    expect(loaded()).toEqual(['b']);
    stuck.take();
    expect(await stuck.answer).toBe('read');
    expect(loaded()).toEqual(['a']);
  });

  it('is refused with the same bound when too many of its answers were set aside', async () => {
    const stop = new AbortController();
    const stuck = Array.from({ length: 49 }, () => read('stuck', { signal: stop.signal }));
    await pass(60 * PATIENCE_MS);
    // Each of those that waited has had its turn.
    expect(stuck.every(({ turns }) => turns.length === 1)).toBe(true);
    const more = Array.from({ length: 3 }, () => read('stuck', { signal: stop.signal }));
    await pass(60 * PATIENCE_MS);
    await expect(ask(a, { client: 'stuck' })).rejects.toMatchObject({ code: 'busy', details: { ownWaiting: 48 } });
    expect(await Promise.race([ask(a, { client: 'one' }), pass(PATIENCE_MS)])).toBe('answered');
    stop.abort();
    const ends = await Promise.allSettled([...stuck, ...more].map(({ answer }) => answer));
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    expect(stateOf(a)).toMatchObject({ underWay: 0, waiting: 0 });
  });

  it('leaves at once when it is cancelled while it is set aside', async () => {
    const stop = new AbortController();
    const stuck = read('stuck', { signal: stop.signal });
    const others = [hold(a), hold(a), hold(a)];
    const next = hold(a, { client: 'one' });
    await pass(PATIENCE_MS + 500);
    expect(open).toHaveLength(4);
    stop.abort();
    await expect(stuck.answer).rejects.toMatchObject({ code: 'aborted' });
    for (const end of open) end();
    await Promise.all([...others, next]);
    expect(stuck.turns).toHaveLength(1);
  });
});
