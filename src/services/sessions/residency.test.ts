import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import type { MemorySettings } from '../../core/memorySettings.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createOrigin } from '../testing/origin.ts';
import { ScriptedModels } from '../testing/scriptedModels.ts';
import { putModel } from '../testing/storeFixture.ts';
import { createMemory, type Memory } from './memory.ts';
import { memoryReport } from './memoryReport.ts';
import { createPreload } from './preload.ts';
import { createSessions, type Sessions, type UseOptions } from './sessions.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;
const [a, b, c] = [parseModelId('a'), parseModelId('b'), parseModelId('c')];

let store: Store;
let runtime: ScriptedModels;
let memory: Memory;
let sessions: Sessions;
/** Whatever waits for the answers that a test holds. */
let open: Array<() => void> = [];

/** An engine over what is stored; on a device of 400 MiB, of which models get half. */
function start(): void {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const probe = async () => ({ ...PLAIN_DEVICE, memoryBytes: 400 * MIB });
  const device = createDeviceService(probe, { estimate: async () => ({}), persisted: async () => false });
  memory = createMemory({ settings: store.settings, device, clock, hub });
  sessions = createSessions({
    ...{ store, runtime, clock, hub, device, memory },
    assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
    locks: createOrigin().openTab().locks,
    repairs: { damageBehind: async () => undefined, mendUnasked: async () => false },
    usage: { note: () => undefined },
  });
  hub.listen(({ type }) => type === 'memory' && void sessions.refresh());
}

const ask = (id: typeof a, options: UseOptions & { signal?: AbortSignal } = {}) =>
  sessions.use(id, options.signal ?? never, async () => 'answered', options);
/** An answer that goes on until it is told to end, or is cancelled. */
const hold = (id: typeof a, options: UseOptions & { signal?: AbortSignal } = {}) =>
  sessions.use(
    id,
    options.signal ?? never,
    () =>
      new Promise<string>((resolve, reject) => {
        open.push(() => resolve('answered'));
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      }),
    options,
  );
const loaded = () => sessions.loaded().map(({ id }) => id);
const settled = () => new Promise((resolve) => setTimeout(resolve, 10));
const stateOf = (id: typeof a) => sessions.states().find((each) => each.id === id);
const choose = (settings: Partial<MemorySettings>) => memory.setSettings({ preload: [], ...settings });

beforeEach(async () => {
  store = createMemoryStore();
  runtime = new ScriptedModels();
  open = [];
  for (const name of ['a', 'b', 'c']) {
    await putModel(store, { model: name, parts: [`weights of ${name}`], memoryBytes: 80 * MIB });
    runtime.takes.set(name, 80);
  }
  start();
});
afterEach(() => vi.useRealTimers());

describe('models in memory', () => {
  it('stay there together as long as they fit', async () => {
    await ask(a);
    await ask(b);
    expect(loaded()).toEqual(['a', 'b']);
    expect(await memoryReport({ memory, sessions })).toMatchObject({
      ...{ budgetBytes: 200 * MIB, budgetReason: 'device', usedBytes: 160 * MIB },
      models: [
        { id: 'a', state: 'loaded', size: 80 * MIB, measured: true, under_way: 0 },
        { id: 'b', state: 'loaded', size: 80 * MIB, measured: true, under_way: 0 },
      ],
    });
  });

  it('give room to another, the one first that was used longest ago', async () => {
    await ask(a);
    await ask(b);
    await ask(a);
    await ask(c);
    expect(loaded()).toEqual(['a', 'c']);
    expect([...runtime.live]).toEqual(['a', 'c']);
  });

  it('go after all others where somebody wants them to stay', async () => {
    await ask(a, { keepAliveMs: Number.POSITIVE_INFINITY });
    await ask(b);
    await ask(c);
    expect(loaded()).toEqual(['a', 'c']);
  });

  it('are counted by what they take, not by what their publisher says, also before they are loaded again', async () => {
    runtime.takes.set('a', 120);
    await ask(a);
    await ask(b);
    expect(loaded()).toEqual(['a', 'b']);
    sessions.unload(a);
    runtime.takes.set('c', 40);
    await ask(c);
    expect(loaded()).toEqual(['b', 'c']);
    // 120 beside 80 fit, but not beside 120.
    await ask(a);
    expect(loaded()).toEqual(['c', 'a']);
  });

  it('that grow while they run have the idle ones make room', async () => {
    await ask(a);
    await ask(b);
    runtime.takes.set('b', 150);
    await ask(b);
    await vi.waitFor(() => expect(loaded()).toEqual(['b']));
  });

  it('that grow while they answer are seen to, as long as somebody looks', async () => {
    const answering = hold(a);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    runtime.takes.set('a', 90);
    await vi.waitFor(async () => expect((await memoryReport({ memory, sessions })).usedBytes).toBe(90 * MIB));
    open[0]?.();
    await answering;
  });

  it('make room for the trial of an update, but for the one that it is compared to', async () => {
    await ask(a);
    await ask(b);
    await sessions.makeRoom(80 * MIB, a);
    expect(loaded()).toEqual(['a']);
    await sessions.makeRoom(80 * MIB, a);
    expect(loaded()).toEqual(['a']);
  });

  it('leave when their budget is made smaller', async () => {
    await ask(a);
    await ask(b);
    await choose({ budgetBytes: 100 * MIB });
    await vi.waitFor(() => expect(loaded()).toEqual(['b']));
  });
});

describe('a model that answers', () => {
  it('is never unloaded for another, which waits until it has answered', async () => {
    await choose({ budgetBytes: 100 * MIB });
    const answering = hold(a);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const waiting = ask(b);
    await settled();
    expect(loaded()).toEqual(['a']);
    expect(stateOf(b)).toMatchObject({ phase: 'waiting', underWay: 1 });
    expect(await memoryReport({ memory, sessions })).toMatchObject({ usedBytes: 80 * MIB });
    open[0]?.();
    expect(await Promise.all([answering, waiting])).toEqual(['answered', 'answered']);
    expect(loaded()).toEqual(['b']);
  });

  it('lets no new request begin while another model waits for its memory, so that two who ask in turn do not keep a third out', async () => {
    await choose({ budgetBytes: 100 * MIB });
    const order: string[] = [];
    const first = hold(a).then(() => order.push('first of a'));
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const other = ask(b).then(() => order.push('b'));
    await settled();
    const later = ask(a).then(() => order.push('later of a'));
    await settled();
    expect(order).toEqual([]);
    open[0]?.();
    await Promise.all([first, other, later]);
    expect(order).toEqual(['first of a', 'b', 'later of a']);
    expect(runtime.loads).toEqual(['a', 'b', 'a']);
  });

  it('goes on with those who wait for it while only the background wants another model', async () => {
    await choose({ budgetBytes: 100 * MIB });
    const first = hold(a);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    const background = ask(b, { priority: 'background' });
    await settled();
    expect(await ask(a)).toBe('answered');
    open[0]?.();
    await Promise.all([first, background]);
    expect(runtime.loads).toEqual(['a', 'b']);
  });
});

describe('a model that is too large', () => {
  it('for what somebody set is refused, with both figures', async () => {
    await choose({ budgetBytes: 50 * MIB });
    await expect(ask(a)).rejects.toMatchObject({ code: 'model_too_large', details: { bytes: 80 * MIB, budgetBytes: 50 * MIB } });
    expect(runtime.loads).toEqual([]);
  });

  it('for what is guessed of the device is loaded alone', async () => {
    runtime.takes.set('c', 300);
    await putModel(store, { model: 'c', parts: ['larger weights'], memoryBytes: 300 * MIB });
    await ask(a);
    await ask(c);
    expect(loaded()).toEqual(['c']);
    await settled();
    expect(loaded()).toEqual(['c']);
  });
});

describe('a device that runs out of memory', () => {
  it('has less from then on, also after a restart, and the request is answered with what others gave up', async () => {
    for (const name of ['a', 'b', 'c']) {
      await putModel(store, { model: name, parts: [`large ${name}`], memoryBytes: 400 * MIB });
      runtime.takes.set(name, 400);
    }
    await choose({ budgetBytes: 2000 * MIB });
    runtime.capacity = 1000;
    await ask(a);
    await ask(b);
    expect(await ask(c)).toBe('answered');
    expect(loaded()).toEqual(['b', 'c']);
    start();
    expect(await memory.budget()).toMatchObject({ bytes: 960 * MIB, reason: 'out-of-memory', isFirm: false });
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

describe('keep_alive', () => {
  const MINUTE_MS = 60_000;
  const expiryOf = async (id: typeof a) => (await memoryReport({ memory, sessions })).models.find((each) => each.id === id)?.expires_at;

  it('is five minutes, or what the device was set to', async () => {
    vi.useFakeTimers();
    await ask(a);
    expect(await expiryOf(a)).toBe(new Date(Date.now() + 5 * MINUTE_MS).toISOString());
    await vi.advanceTimersByTimeAsync(5 * MINUTE_MS - 1);
    expect(loaded()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(loaded()).toEqual([]);
    await choose({ keepAlive: '1h' });
    await ask(a);
    await vi.advanceTimersByTimeAsync(59 * MINUTE_MS);
    expect(loaded()).toEqual(['a']);
    await choose({ keepAlive: '30m' });
    await vi.advanceTimersByTimeAsync(0);
    expect(loaded()).toEqual([]);
  });

  it('of 0 unloads right after the last of those who ask', async () => {
    const other = hold(a);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    await ask(a, { keepAliveMs: 0 });
    expect(loaded()).toEqual(['a']);
    open[0]?.();
    await other;
    expect(loaded()).toEqual([]);
    expect([...runtime.live]).toEqual([]);
  });

  it('of the latest request counts; one that says nothing leaves it', async () => {
    vi.useFakeTimers();
    await ask(a, { keepAliveMs: Number.POSITIVE_INFINITY });
    await ask(a);
    expect(await expiryOf(a)).toBeNull();
    await vi.advanceTimersByTimeAsync(1000 * MINUTE_MS);
    expect(loaded()).toEqual(['a']);
    await ask(a, { keepAliveMs: MINUTE_MS });
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(loaded()).toEqual([]);
  });

  it('runs from the end of an answer, however long that took', async () => {
    vi.useFakeTimers();
    const answering = hold(a, { keepAliveMs: MINUTE_MS });
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(loaded()).toEqual(['a']);
    open[0]?.();
    await answering;
    await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
    expect(loaded()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(loaded()).toEqual([]);
  });

  it('may be longer than a timer of a browser can wait', async () => {
    vi.useFakeTimers();
    const days = 40 * 24 * 60 * MINUTE_MS;
    await ask(a, { keepAliveMs: days });
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(loaded()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(loaded()).toEqual([]);
  });
});

describe('a model that is to be there from the start', () => {
  const preload = () => createPreload({ store, memory, sessions, baseOf: async (id) => id });

  it('is loaded in its order as long as there is room, and stays', async () => {
    await choose({ preload: [b, c, a] });
    await preload().tick();
    expect(runtime.loads).toEqual(['b', 'c']);
    expect((await memoryReport({ memory, sessions })).models.map(({ expires_at }) => expires_at)).toEqual([null, null]);
  });

  it('unloads nobody', async () => {
    await ask(a);
    await ask(b);
    await choose({ preload: [c] });
    await preload().tick();
    expect(loaded()).toEqual(['a', 'b']);
  });

  it('is loaded once it is installed, and not again after somebody unloaded it', async () => {
    const late = parseModelId('late');
    await choose({ preload: [late] });
    const preloading = preload();
    await preloading.tick();
    await putModel(store, { model: 'late', parts: ['weights'], memoryBytes: MIB });
    await preloading.tick();
    expect(loaded()).toEqual(['late']);
    sessions.unload(late);
    await preloading.tick();
    expect(loaded()).toEqual([]);
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
