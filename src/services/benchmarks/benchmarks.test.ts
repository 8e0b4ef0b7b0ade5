import { beforeEach, describe, expect, it } from 'vitest';
import { toLlamaBenchJson } from '../../core/benchmark/llamaBench.ts';
import { resultOf } from '../../core/benchmark/testing/results.ts';
import { SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import { BENCHMARK_LOCK } from '../../protocol/locks.ts';
import { BenchmarksFixture, MIB, SHORT } from '../testing/benchmarksFixture.ts';
import { putModel } from '../testing/storeFixture.ts';

let device: BenchmarksFixture;
beforeEach(async () => {
  device = await BenchmarksFixture.start();
});

describe('a benchmark', () => {
  it('tells tokens by the second, first tokens and gaps, with the load and the peak of memory', async () => {
    device.stepMs = [10, 20, 10, 10, 4, 4];
    const result = await device.run().ended;
    expect(result.figures).toMatchObject([
      { metric: 'load-cold', count: 1, mean: 700 },
      { metric: 'pp', size: 16, samples: [100, 50] },
      { metric: 'tg', size: 4, mean: 100, sd: 0 },
      { metric: 'ttft', size: 16, samples: [20, 20] },
      { metric: 'itl', size: 4, count: 6, median: 4 },
    ]);
    expect(result).toMatchObject({ state: 'complete', number: 1, peakMemoryBytes: 10 * MIB, place: { threads: 2 }, contended: false });
    expect((await device.benchmarks().list()).results).toEqual([result]);
  });

  it('tells how far it is, and how long it takes once that is known', async () => {
    const { told, ended } = device.run();
    await ended;
    const done = told.map((progress) => progress.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(told.every(({ total }) => total === 1 + 3 * 2)).toBe(true);
    expect(told.map(({ phase }) => phase)).toContain('loading');
    expect(told.at(-1)?.secondsLeft).toBeGreaterThan(0);
    expect(told[0]?.secondsLeft).toBeUndefined();
  });

  it('marks what other models did beside it', async () => {
    device.others = [{ id: parseModelId('other'), underWay: 1, waiting: 0 }];
    expect(await device.run().ended).toMatchObject({ contended: true });
  });

  it('marks what another model began and ended while one turn was measured, and not what had its turn between two', async () => {
    device.beforeEachTurn = () => {
      device.begun += 1;
    };
    expect(await device.run().ended).toMatchObject({ contended: false });
    device.duringWork = () => {
      device.begun += 1;
    };
    expect(await device.run().ended).toMatchObject({ contended: true });
  });

  it('goes on as running when results with later numbers are brought in meanwhile', async () => {
    const of = device.benchmarks();
    const file = new Blob([toLlamaBenchJson([resultOf({ id: 'elsewhere', number: 7 })])]);
    const seen: string[] = [];
    device.beforeEachTurn = async () => {
      await of.import(file);
      seen.push(...(await of.list()).results.map(({ id: name, state }) => `${name === 'elsewhere' ? name : 'own'}: ${state}`));
    };
    await device.run(of).ended;
    expect(new Set(seen)).toEqual(new Set(['own: running', 'elsewhere: complete']));
    expect((await of.list()).results.map(({ state }) => state)).toEqual(['complete', 'complete']);
  });

  it('of a page that is hidden for a moment says so', async () => {
    device.conditions.set('tab', { hidden: false, lowBattery: false });
    let turns = 0;
    device.beforeEachTurn = () => {
      turns += 1;
      if (turns === 2 || turns === 3) device.conditions.set('tab', { hidden: turns === 2, lowBattery: false });
    };
    expect(await device.run().ended).toMatchObject({ hidden: true, visibilityChanges: 2 });
    expect(await device.run().ended).toMatchObject({ hidden: false, visibilityChanges: 0 });
  });

  it('that computes in another page, which is hidden, says so', async () => {
    device.conditions.set('tab', { hidden: false, lowBattery: false });
    device.conditions.setHost({ hidden: true });
    expect(await device.run().ended).toMatchObject({ hidden: true, visibilityChanges: 0 });
    device.conditions.setHost({ hidden: false });
    expect(await device.run().ended).toMatchObject({ hidden: false, visibilityChanges: 0 });
    let turns = 0;
    device.beforeEachTurn = () => {
      turns += 1;
      if (turns === 2 || turns === 3) device.conditions.setHost({ hidden: turns === 2 });
    };
    expect(await device.run().ended).toMatchObject({ hidden: true, visibilityChanges: 2 });
  });

  it('warms a model up again that had to leave meanwhile', async () => {
    let turns = 0;
    device.beforeEachTurn = () => {
      turns += 1;
      if (turns === 5) device.isLoaded = false;
    };
    const custom = { ...SHORT, warmups: 1, repetitions: 1 };
    const { figures } = await device.run(device.benchmarks(), { custom }).ended;
    // Twice a text of 128 tokens: before all tests, and before the test in whose turn it was gone.
    expect(device.timed).toEqual([128, 16, 16, 128, 4, 4, 4, 4]);
    expect(figures.map(({ count }) => count)).toEqual([1, 1, 1, 1, 3]);
  });

  it('tells over a soak how memory grows', async () => {
    device.beforeEachTurn = () => {
      device.heapMib = 10 + device.monotonicMs / 60_000;
    };
    const result = await device.run(device.benchmarks(), { preset: 'soak', custom: { seconds: 120 } }).ended;
    expect((result.memoryBytesPerMinute ?? 0) / MIB).toBeCloseTo(1, 1);
    expect(result.tookMs).toBeGreaterThanOrEqual(120_000);
  });
});

describe('a benchmark that does not come to its end', () => {
  const kept = async () => (await device.benchmarks().list()).results;

  it('because it is stopped keeps what was measured', async () => {
    const abort = new AbortController();
    device.before(4, () => abort.abort());
    await expect(device.run(device.benchmarks(), {}, abort.signal).ended).rejects.toMatchObject({ code: 'aborted' });
    expect(await kept()).toMatchObject([{ state: 'stopped', figures: [{ metric: 'load-cold' }, { metric: 'pp', count: 2 }] }]);
  });

  it('before anything was measured leaves nothing behind', async () => {
    const abort = new AbortController();
    device.before(1, () => abort.abort());
    await expect(device.run(device.benchmarks(), {}, abort.signal).ended).rejects.toMatchObject({ code: 'aborted' });
    expect(await kept()).toEqual([]);
  });

  it('because its model was removed says so, whatever the worker said', async () => {
    device.before(3, async () => {
      await device.store.models.remove(device.model, 1);
      throw new SillError('worker_lost', 'The model was unloaded.');
    });
    await expect(device.run().ended).rejects.toMatchObject({ code: 'model_not_installed', message: expect.stringContaining('removed') });
    expect(await kept()).toMatchObject([{ state: 'failed', error: { code: 'model_not_installed' } }]);
  });

  it('because its model was updated is not a mixture of both', async () => {
    device.before(3, async () => {
      await putModel(device.store, { model: 'tiny', parts: ['other weights'] });
    });
    await expect(device.run().ended).rejects.toMatchObject({ code: 'busy', details: { benchmark: 'changed' } });
    expect(await kept()).toMatchObject([{ state: 'failed' }]);
  });

  it('because its model went on in another form is not a mixture either', async () => {
    device.before(3, () => {
      device.threads = 1;
    });
    await expect(device.run().ended).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('another form') });
  });

  it('because its engine died is told as interrupted, also to those who ask first', async () => {
    await device.store.results.put([resultOf({ id: 'lost', number: 4, state: 'running' })]);
    expect(await kept()).toMatchObject([{ id: 'lost', state: 'interrupted' }]);
    const result = await device.run().ended;
    expect(result.number).toBe(5);
    expect((await device.store.results.list()).map((row) => Reflect.get(row as object, 'state'))).toEqual(['interrupted', 'complete']);
  });

  it('while another one runs does not begin', async () => {
    device.locks.held.set(BENCHMARK_LOCK, 1);
    await device.store.results.put([resultOf({ id: 'other', state: 'running' })]);
    await expect(device.run().ended).rejects.toMatchObject({ code: 'busy', details: { benchmark: 'running' } });
    expect(await kept()).toMatchObject([{ id: 'other', state: 'running' }]);
  });

  it('is refused for a model that is not there', async () => {
    await expect(device.run(device.benchmarks(), { model: parseModelId('nothing') }).ended).rejects.toMatchObject({
      code: 'model_not_installed',
    });
  });
});
