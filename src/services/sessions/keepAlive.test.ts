import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import { a, ask, b, c, choose, hold, loaded, MIB, memory, newSmallDevice, open, runtime, sessions, store } from '../testing/smallDevice.ts';
import { putModel } from '../testing/storeFixture.ts';
import { memoryReport } from './memoryReport.ts';
import { createPreload } from './preload.ts';

beforeEach(newSmallDevice);

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

  it('comes back when the guest is gone for which it had to go, unless somebody unloaded it or nobody wanted it to stay', async () => {
    await choose({ preload: [a, b] });
    await preload().tick();
    const leave = await sessions.makeRoom(100 * MIB, c);
    expect(loaded()).toEqual(['b']);
    leave();
    // The next guest waits until they are back.
    const leaveNext = await sessions.makeRoom(200 * MIB, c);
    expect(runtime.loads).toEqual(['a', 'b', 'a']);
    expect(loaded()).toEqual([]);
    sessions.unload(b);
    leaveNext();
    await expect.poll(loaded).toEqual(['a']);
    await ask(c);
    const leaveLast = await sessions.makeRoom(200 * MIB, b);
    leaveLast();
    await expect.poll(loaded).toEqual(['a']);
    expect(runtime.loads).toEqual(['a', 'b', 'a', 'a', 'c', 'a']);
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
