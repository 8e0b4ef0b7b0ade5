import { beforeEach, describe, expect, it, vi } from 'vitest';
import { a, ask, b, choose, hold, MIB, never, newSmallDevice, open, runtime, sessions, settled, stateOf } from '../testing/smallDevice.ts';
import type { UseOptions } from './sessions.ts';

beforeEach(newSmallDevice);

describe('a request in its line', () => {
  it('knows how many came before it and wait as well, until its turn has come', async () => {
    const signals = Array.from({ length: 6 }, () => new AbortController());
    const asked = signals.map(({ signal }) => hold(a, { signal }));
    await vi.waitFor(() => expect(open).toHaveLength(4));
    const places = () => signals.map(({ signal }) => sessions.placeOf(signal));
    expect(places()).toEqual([{}, {}, {}, {}, { before: 0 }, { before: 1 }]);
    open[0]?.();
    await vi.waitFor(() => expect(open).toHaveLength(5));
    expect(places()).toEqual([undefined, {}, {}, {}, {}, { before: 0 }]);
    for (const end of open) end();
    await vi.waitFor(() => expect(open).toHaveLength(6));
    open.at(-1)?.();
    await Promise.all(asked);
  });
});

describe('a request that is cancelled', () => {
  it('while it waits for its turn leaves its place to the next', async () => {
    const abort = new AbortController();
    const running = [hold(a), hold(a), hold(a), hold(a)];
    const cancelled = ask(a, { signal: abort.signal });
    const next = ask(a);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(open).toHaveLength(4));
    expect(stateOf(a)).toMatchObject({ underWay: 4, waiting: 1 });
    for (const end of open) end();
    await Promise.all([...running, next]);
  });

  it('while it waits for memory waits no more, and holds nobody back', async () => {
    await choose({ budgetBytes: 100 * MIB });
    const answering = hold(a);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const abort = new AbortController();
    const cancelled = ask(b, { signal: abort.signal });
    await settled();
    const behind = ask(a);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'aborted' });
    expect(await behind).toBe('answered');
    expect(stateOf(b)).toBeUndefined();
    open[0]?.();
    await answering;
    await settled();
    expect(runtime.loads).toEqual(['a']);
  });

  it('while its model loads frees its place at once, and the load gives way when its memory is wanted', async () => {
    await choose({ budgetBytes: 100 * MIB });
    runtime.gate = new Promise(() => undefined);
    const abort = new AbortController();
    const cancelled = ask(a, { signal: abort.signal });
    await vi.waitFor(() => expect(runtime.loads).toEqual(['a']));
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'aborted' });
    expect(stateOf(a)).toMatchObject({ phase: 'loading', underWay: 0, waiting: 0 });
    runtime.gate = Promise.resolve();
    expect(await ask(b)).toBe('answered');
    expect([...runtime.live]).toEqual(['b']);
    expect(await ask(a)).toBe('answered');
  });

  it('while it is answered frees its place at once', async () => {
    const abort = new AbortController();
    const cancelled = hold(a, { signal: abort.signal, alone: true });
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const next = ask(a);
    await settled();
    expect(stateOf(a)).toMatchObject({ underWay: 1, waiting: 1 });
    abort.abort();
    await expect(cancelled).rejects.toBeDefined();
    expect(await next).toBe('answered');
    expect(stateOf(a)).toMatchObject({ underWay: 0, waiting: 0 });
  });
});

describe('many who ask one model', () => {
  it('are answered in turn, whoever sends more', async () => {
    const order: string[] = [];
    const send = (client: string, priority?: UseOptions['priority']) =>
      sessions.use(a, never, async () => order.push(client), { client, priority, alone: true });
    await ask(a);
    const all = [send('many'), send('many'), send('many'), send('one'), send('indexing', 'background'), send('one'), send('many')];
    await Promise.all(all);
    expect(order).toEqual(['many', 'many', 'one', 'many', 'one', 'many', 'indexing']);
  });

  it('are told honestly when too many wait: how many, and when to come again', async () => {
    const running = Array.from({ length: 4 }, () => hold(a, { client: 'many' }));
    const waiting = Array.from({ length: 48 }, () => ask(a, { client: 'many' }));
    await expect(ask(a, { client: 'many' })).rejects.toMatchObject({
      code: 'busy',
      details: { id: 'a', waiting: 48, ownWaiting: 48, underWay: 4, retryAfterSeconds: 1 },
    });
    const others = Array.from({ length: 16 }, () => ask(a, { client: 'other' }));
    await expect(ask(a, { client: 'third' })).rejects.toMatchObject({ code: 'busy', details: { waiting: 64, ownWaiting: 0 } });
    await vi.waitFor(() => expect(open).toHaveLength(4));
    for (const end of open) end();
    await Promise.all([...running, ...waiting, ...others]);
    expect(await ask(a, { client: 'third' })).toBe('answered');
  });
});
