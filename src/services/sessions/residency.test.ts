import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  a,
  ask,
  b,
  c,
  choose,
  hold,
  loaded,
  MIB,
  memory,
  newSmallDevice,
  open,
  runtime,
  sessions,
  settled,
  start,
  stateOf,
  store,
} from '../testing/smallDevice.ts';
import { putModel } from '../testing/storeFixture.ts';
import { memoryReport } from './memoryReport.ts';

beforeEach(newSmallDevice);

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

  it('leave to several answers what the budget has beside them, as they were when they started', async () => {
    const roomOfA = async () => {
      const [of] = sessions.loaded();
      return of && sessions.roomBytes(of.session);
    };
    await ask(a);
    // Idle ones make room.
    await ask(b);
    expect(await roomOfA()).toBe(120 * MIB);
    // What earlier answers took of its heap is free again.
    runtime.takes.set('a', 110);
    await ask(a);
    expect(await roomOfA()).toBe(120 * MIB);
    const answering = hold(b);
    await vi.waitFor(() => expect(open).toHaveLength(1));
    expect(await roomOfA()).toBe(40 * MIB);
    open[0]?.();
    await answering;
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
