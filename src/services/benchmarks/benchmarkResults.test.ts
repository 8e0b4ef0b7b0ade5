import { beforeEach, describe, expect, it } from 'vitest';
import { resultOf } from '../../core/benchmark/testing/results.ts';
import { SillError } from '../../core/errors.ts';
import { BenchmarksFixture } from '../testing/benchmarksFixture.ts';

let device: BenchmarksFixture;
beforeEach(async () => {
  device = await BenchmarksFixture.start();
});

describe('results', () => {
  it('that a full disk refuses are given to whoever asked, with the reason', async () => {
    const full = new SillError('quota_exceeded', 'There is no room.');
    const result = await device.run(device.benchmarks({ results: { ...device.store.results, put: () => Promise.reject(full) } })).ended;
    expect(result).toMatchObject({ state: 'complete', notStored: { code: 'quota_exceeded' }, figures: [{}, {}, {}, {}, {}] });
    expect(await device.store.results.list()).toEqual([]);
  });

  it('keep their order when the clock is set back', async () => {
    const of = device.benchmarks();
    const first = await device.run(of).ended;
    device.nowMs = 5;
    const second = await device.run(of).ended;
    device.nowMs = -5;
    const third = await device.run(of).ended;
    expect((await of.list()).results.map((result) => result.id)).toEqual([third.id, second.id, first.id]);
    expect(third.startedAtMs).toBe(0);
  });

  it('of another version are kept, counted and not shown', async () => {
    const later = { ...resultOf({ id: 'later' }), schema: 2 };
    await device.store.results.put([later]);
    expect(await device.benchmarks().list()).toEqual({ results: [], unreadable: 1 });
    await device.run().ended;
    expect(await device.store.results.list()).toContainEqual(later);
  });

  it('travel to another device and follow what is there, and come back to their place where they were removed', async () => {
    const of = device.benchmarks();
    for (let i = 0; i < 3; i++) await device.run(of).ended;
    const before = await of.list();
    const middle = before.results[1]?.id ?? '';
    const copy = await of.export('json', [middle]);
    expect(await of.remove([middle, 'nothing'])).toBe(1);
    expect(await of.import(copy)).toEqual({ added: 1, replaced: 0, kept: 0, leftOut: 0 });
    expect(await of.list()).toEqual(before);
    expect(await of.import(copy)).toEqual({ added: 0, replaced: 1, kept: 0, leftOut: 0 });
    // A table has less of each than what is here.
    expect(await of.import(await of.export('csv'))).toEqual({ added: 0, replaced: 0, kept: 3, leftOut: 0 });
    expect(await of.list()).toEqual(before);

    const all = await of.export('json');
    device = await BenchmarksFixture.start();
    const other = device.benchmarks();
    const own = await device.run(other).ended;
    await other.import(all);
    expect((await other.list()).results.map((result) => result.id)).toEqual([...before.results.map((result) => result.id), own.id]);
  });

  it('of a file that has more than fit take the place of none that is here', async () => {
    const of = device.benchmarks();
    for (let i = 0; i < 3; i++) await device.run(of).ended;
    const [latest, ...older] = (await of.list()).results;
    const all = await of.export('json');
    device = await BenchmarksFixture.start();
    const other = device.benchmarks({}, 2);
    const own = await device.run(other).ended;
    expect(await other.import(all)).toEqual({ added: 1, replaced: 0, kept: 0, leftOut: older.length });
    expect((await other.list()).results.map(({ id }) => id)).toEqual([latest?.id, own.id]);
    expect(await other.import(all)).toEqual({ added: 0, replaced: 1, kept: 0, leftOut: older.length });
  });

  it('that are being measured are neither removed nor replaced by a file', async () => {
    const of = device.benchmarks();
    let copy: Blob | undefined;
    const taken: unknown[] = [];
    device.before(2, async () => {
      const [underWay] = (await of.list()).results;
      copy = await of.export('json');
      taken.push(await of.remove([underWay?.id ?? '']), await of.import(copy), (await of.list()).results[0]?.state);
    });
    await device.run(of).ended;
    expect(taken).toEqual([0, { added: 0, replaced: 0, kept: 1, leftOut: 0 }, 'running']);
  });

  it('that are running elsewhere come as interrupted', async () => {
    const of = device.benchmarks();
    await of.import(
      new Blob([
        JSON.stringify([
          { n_prompt: 0, n_gen: 0, test_time: '2026-01-01T00:00:00Z', avg_ts: 0, stddev_ts: 0, sill: resultOf({ state: 'running' }) },
        ]),
      ]),
    );
    expect((await of.list()).results[0]?.state).toBe('interrupted');
  });

  it('of a broken file change nothing', async () => {
    await expect(device.benchmarks().import(new Blob(['nonsense']))).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await device.store.results.list()).toEqual([]);
  });
});
