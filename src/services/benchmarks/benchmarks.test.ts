import { beforeEach, describe, expect, it } from 'vitest';
import { toLlamaBenchJson } from '../../core/benchmark/llamaBench.ts';
import { resultOf } from '../../core/benchmark/testing/results.ts';
import { SillError } from '../../core/errors.ts';
import { type ModelId, parseModelId } from '../../core/ids.ts';
import { variantOf } from '../../core/manifest.ts';
import { PLAIN_REPORT } from '../../core/testing/plainDevice.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { BenchmarkProgress } from '../../protocol/benchmarks.ts';
import { BENCHMARK_LOCK } from '../../protocol/locks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createConditions } from '../device/conditions.ts';
import { createHub } from '../hub.ts';
import type { Session } from '../sessions/session.ts';
import { PROMPT_READING } from '../testing/promptReading.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { createFakeLocks, putModel } from '../testing/storeFixture.ts';
import { type Benchmarks, createBenchmarks } from './benchmarks.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;
const TINY = { promptTokens: 16, generatedTokens: 4, repetitions: 2, warmups: 0 };

let store: Store;
let id: ModelId;
let nowMs: number;
let monotonicMs: number;
/** What the next steps take, in milliseconds a token. */
let stepMs: number[];
let heapMib: number;
/** Done before each time that something is measured. */
let beforeEachTurn: () => void | Promise<void>;
let others: ReadonlyArray<{ id: ModelId; underWay: number; waiting: number }>;
/** Turns of all models. */
let begun: number;
/** Done while something is measured. */
let duringWork: () => void;
let threads: number;
let isLoaded: boolean;
/** What was timed, in tokens. */
let timed: number[];
const locks = createFakeLocks();
const conditions = createConditions();

beforeEach(async () => {
  store = createMemoryStore();
  ({ modelId: id } = await putModel(store, { model: 'tiny', parts: ['weights'] }));
  [nowMs, monotonicMs, stepMs, heapMib, others, threads] = [1_000_000, 0, [], 10, [], 2];
  beforeEachTurn = () => undefined;
  duringWork = () => undefined;
  begun = 0;
  [isLoaded, timed] = [false, []];
  locks.held.clear();
});

const model = (): LoadedModel => ({
  ...refusingModel({ loadMs: 1, build: 'plain', device: 'wasm', threads }),
  memory: async () => ({ heapBytes: heapMib * MIB, gpuBytes: 0, prefixBytes: 0, totalBytes: heapMib * MIB }),
  async time(work) {
    duringWork();
    const each = stepMs.shift() ?? 10;
    timed.push(work.tokens);
    monotonicMs += each * work.tokens;
    if (work.kind === 'request')
      return { stepMs: Array.from({ length: work.tokens - 1 }, () => each), ttftMs: each * 5, promptTokens: work.promptTokens };
    return { stepMs: [each * work.tokens], promptTokens: work.tokens };
  },
});

async function sessionOf(): Promise<Session> {
  const installed = (await store.models.slots(id))?.active ?? expect.fail();
  const manifest = (await store.models.manifest(installed.revision)) ?? expect.fail();
  return { model: model(), manifest, variant: variantOf(manifest, installed.variant), installed, form: { device: 'wasm', threads } };
}

function benchmarks(over: Partial<Store> = {}): Benchmarks {
  let ids = 0;
  return createBenchmarks({
    store: { ...store, ...over },
    sessions: {
      async between(_id, _signal, work) {
        isLoaded = false;
        return work();
      },
      async use(_id, signal, work) {
        await beforeEachTurn();
        signal.throwIfAborted();
        const loadMs = isLoaded ? undefined : 700;
        isLoaded = true;
        begun += 1;
        return work(await sessionOf(), loadMs, PROMPT_READING);
      },
      states: () => [...others],
      begun: () => begun,
    },
    clock: { now: () => nowMs, monotonicMs: () => monotonicMs },
    random: { uint32: () => 1, uuid: () => `id-${++ids}-${Math.random().toString(36).slice(2, 8)}` },
    loadSpeech: () => Promise.reject(new Error('no speech')),
    device: { report: async () => PLAIN_REPORT },
    locks,
    conditions,
    hub: createHub({ send: () => undefined, listen: () => undefined }, { now: () => nowMs, monotonicMs: () => monotonicMs }),
    versions: { sill: '0.1.0', onnxruntime: '1' },
  });
}

const run = (of = benchmarks(), over: Partial<Parameters<Benchmarks['run']>[0]> = {}, signal = never) => {
  const told: BenchmarkProgress[] = [];
  const ended = of.run(
    { model: id, preset: 'custom', custom: TINY, ...over },
    { signal, client: 'tab', onProgress: (progress) => told.push(progress) },
  );
  return { told, ended };
};

describe('a benchmark', () => {
  it('tells tokens by the second, first tokens and gaps, with the load and the peak of memory', async () => {
    stepMs = [10, 20, 10, 10, 4, 4];
    const result = await run().ended;
    expect(result.figures).toMatchObject([
      { metric: 'load-cold', count: 1, mean: 700 },
      { metric: 'pp', size: 16, samples: [100, 50] },
      { metric: 'tg', size: 4, mean: 100, sd: 0 },
      { metric: 'ttft', size: 16, samples: [20, 20] },
      { metric: 'itl', size: 4, count: 6, median: 4 },
    ]);
    expect(result).toMatchObject({ state: 'complete', number: 1, peakMemoryBytes: 10 * MIB, place: { threads: 2 }, contended: false });
    expect((await benchmarks().list()).results).toEqual([result]);
  });

  it('tells how far it is, and how long it takes once that is known', async () => {
    const { told, ended } = run();
    await ended;
    const done = told.map((progress) => progress.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(told.every(({ total }) => total === 1 + 3 * 2)).toBe(true);
    expect(told.map(({ phase }) => phase)).toContain('loading');
    expect(told.at(-1)?.secondsLeft).toBeGreaterThan(0);
    expect(told[0]?.secondsLeft).toBeUndefined();
  });

  it('marks what other models did beside it', async () => {
    others = [{ id: parseModelId('other'), underWay: 1, waiting: 0 }];
    expect(await run().ended).toMatchObject({ contended: true });
  });

  it('marks what another model began and ended while one turn was measured, and not what had its turn between two', async () => {
    beforeEachTurn = () => {
      begun += 1;
    };
    expect(await run().ended).toMatchObject({ contended: false });
    duringWork = () => {
      begun += 1;
    };
    expect(await run().ended).toMatchObject({ contended: true });
  });

  it('goes on as running when results with later numbers are brought in meanwhile', async () => {
    const of = benchmarks();
    const file = new Blob([toLlamaBenchJson([resultOf({ id: 'elsewhere', number: 7 })])]);
    const seen: string[] = [];
    beforeEachTurn = async () => {
      await of.import(file);
      seen.push(...(await of.list()).results.map(({ id: name, state }) => `${name === 'elsewhere' ? name : 'own'}: ${state}`));
    };
    await run(of).ended;
    expect(new Set(seen)).toEqual(new Set(['own: running', 'elsewhere: complete']));
    expect((await of.list()).results.map(({ state }) => state)).toEqual(['complete', 'complete']);
  });

  it('of a page that is hidden for a moment says so', async () => {
    conditions.set('tab', { hidden: false, lowBattery: false });
    let turns = 0;
    beforeEachTurn = () => {
      turns += 1;
      if (turns === 2 || turns === 3) conditions.set('tab', { hidden: turns === 2, lowBattery: false });
    };
    expect(await run().ended).toMatchObject({ hidden: true, visibilityChanges: 2 });
    expect(await run().ended).toMatchObject({ hidden: false, visibilityChanges: 0 });
  });

  it('that computes in another page, which is hidden, says so', async () => {
    conditions.set('tab', { hidden: false, lowBattery: false });
    conditions.setHost({ hidden: true });
    expect(await run().ended).toMatchObject({ hidden: true, visibilityChanges: 0 });
    conditions.setHost({ hidden: false });
    expect(await run().ended).toMatchObject({ hidden: false, visibilityChanges: 0 });
    let turns = 0;
    beforeEachTurn = () => {
      turns += 1;
      if (turns === 2 || turns === 3) conditions.setHost({ hidden: turns === 2 });
    };
    expect(await run().ended).toMatchObject({ hidden: true, visibilityChanges: 2 });
  });

  it('warms a model up again that had to leave meanwhile', async () => {
    let turns = 0;
    beforeEachTurn = () => {
      turns += 1;
      if (turns === 5) isLoaded = false;
    };
    const custom = { ...TINY, warmups: 1, repetitions: 1 };
    const { figures } = await run(benchmarks(), { custom }).ended;
    // Twice a text of 128 tokens: before all tests, and before the test in whose turn it was gone.
    expect(timed).toEqual([128, 16, 16, 128, 4, 4, 4, 4]);
    expect(figures.map(({ count }) => count)).toEqual([1, 1, 1, 1, 3]);
  });

  it('tells over a soak how memory grows', async () => {
    beforeEachTurn = () => {
      heapMib = 10 + monotonicMs / 60_000;
    };
    const result = await run(benchmarks(), { preset: 'soak', custom: { seconds: 120 } }).ended;
    expect((result.memoryBytesPerMinute ?? 0) / MIB).toBeCloseTo(1, 1);
    expect(result.tookMs).toBeGreaterThanOrEqual(120_000);
  });
});

describe('a benchmark that does not come to its end', () => {
  /** Does it before the n-th time that something is measured. */
  const before = (turn: number, what: () => void | Promise<void>) => {
    let turns = 0;
    beforeEachTurn = async () => {
      turns += 1;
      if (turns === turn) await what();
    };
  };
  const kept = async () => (await benchmarks().list()).results;

  it('because it is stopped keeps what was measured', async () => {
    const abort = new AbortController();
    before(4, () => abort.abort());
    await expect(run(benchmarks(), {}, abort.signal).ended).rejects.toMatchObject({ code: 'aborted' });
    expect(await kept()).toMatchObject([{ state: 'stopped', figures: [{ metric: 'load-cold' }, { metric: 'pp', count: 2 }] }]);
  });

  it('before anything was measured leaves nothing behind', async () => {
    const abort = new AbortController();
    before(1, () => abort.abort());
    await expect(run(benchmarks(), {}, abort.signal).ended).rejects.toMatchObject({ code: 'aborted' });
    expect(await kept()).toEqual([]);
  });

  it('because its model was removed says so, whatever the worker said', async () => {
    before(3, async () => {
      await store.models.remove(id, 1);
      throw new SillError('worker_lost', 'The model was unloaded.');
    });
    await expect(run().ended).rejects.toMatchObject({ code: 'model_not_installed', message: expect.stringContaining('removed') });
    expect(await kept()).toMatchObject([{ state: 'failed', error: { code: 'model_not_installed' } }]);
  });

  it('because its model was updated is not a mixture of both', async () => {
    before(3, async () => {
      await putModel(store, { model: 'tiny', parts: ['other weights'] });
    });
    await expect(run().ended).rejects.toMatchObject({ code: 'busy', details: { benchmark: 'changed' } });
    expect(await kept()).toMatchObject([{ state: 'failed' }]);
  });

  it('because its model went on in another form is not a mixture either', async () => {
    before(3, () => {
      threads = 1;
    });
    await expect(run().ended).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('another form') });
  });

  it('because its engine died is told as interrupted, also to those who ask first', async () => {
    await store.results.put([resultOf({ id: 'lost', number: 4, state: 'running' })]);
    expect(await kept()).toMatchObject([{ id: 'lost', state: 'interrupted' }]);
    const result = await run().ended;
    expect(result.number).toBe(5);
    expect((await store.results.list()).map((row) => Reflect.get(row as object, 'state'))).toEqual(['interrupted', 'complete']);
  });

  it('while another one runs does not begin', async () => {
    locks.held.set(BENCHMARK_LOCK, 1);
    await store.results.put([resultOf({ id: 'other', state: 'running' })]);
    await expect(run().ended).rejects.toMatchObject({ code: 'busy', details: { benchmark: 'running' } });
    expect(await kept()).toMatchObject([{ id: 'other', state: 'running' }]);
  });

  it('is refused for a model that is not there', async () => {
    await expect(run(benchmarks(), { model: parseModelId('nothing') }).ended).rejects.toMatchObject({ code: 'model_not_installed' });
  });
});

describe('results', () => {
  it('that a full disk refuses are given to whoever asked, with the reason', async () => {
    const full = new SillError('quota_exceeded', 'There is no room.');
    const result = await run(benchmarks({ results: { ...store.results, put: () => Promise.reject(full) } })).ended;
    expect(result).toMatchObject({ state: 'complete', notStored: { code: 'quota_exceeded' }, figures: [{}, {}, {}, {}, {}] });
    expect(await store.results.list()).toEqual([]);
  });

  it('keep their order when the clock is set back', async () => {
    const of = benchmarks();
    const first = await run(of).ended;
    nowMs = 5;
    const second = await run(of).ended;
    nowMs = -5;
    const third = await run(of).ended;
    expect((await of.list()).results.map((result) => result.id)).toEqual([third.id, second.id, first.id]);
    expect(third.startedAtMs).toBe(0);
  });

  it('of another version are kept, counted and not shown', async () => {
    const later = { ...resultOf({ id: 'later' }), schema: 2 };
    await store.results.put([later]);
    expect(await benchmarks().list()).toEqual({ results: [], unreadable: 1 });
    await run().ended;
    expect(await store.results.list()).toContainEqual(later);
  });

  it('travel to another device and follow what is there, and come back to their place where they were removed', async () => {
    const of = benchmarks();
    for (let i = 0; i < 3; i++) await run(of).ended;
    const before = await of.list();
    const middle = before.results[1]?.id ?? '';
    const copy = await of.export('json', [middle]);
    expect(await of.remove([middle, 'nothing'])).toBe(1);
    expect(await of.import(copy)).toEqual({ added: 1, replaced: 0, kept: 0 });
    expect(await of.list()).toEqual(before);
    expect(await of.import(copy)).toEqual({ added: 0, replaced: 1, kept: 0 });
    // A table has less of each than what is here.
    expect(await of.import(await of.export('csv'))).toEqual({ added: 0, replaced: 0, kept: 3 });
    expect(await of.list()).toEqual(before);

    const all = await of.export('json');
    store = createMemoryStore();
    await putModel(store, { model: 'tiny', parts: ['weights'] });
    const other = benchmarks();
    const own = await run(other).ended;
    await other.import(all);
    expect((await other.list()).results.map((result) => result.id)).toEqual([...before.results.map((result) => result.id), own.id]);
  });

  it('that are running elsewhere come as interrupted', async () => {
    const of = benchmarks();
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
    await expect(benchmarks().import(new Blob(['nonsense']))).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await store.results.list()).toEqual([]);
  });
});
