import { SillError } from '../../core/errors.ts';
import { agreementOfRuns, compareCases, retentionOf } from '../../core/evaluationComparison.ts';
import { byAge, type EvaluationRun, readCase, readRun, seriesOf } from '../../core/evaluationRun.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import type { EvaluationComparison, EvaluationDetails, EvaluationImport, EvaluationList } from '../../protocol/evaluations.ts';
import { EVALUATION_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import { type CarriedRun, readRuns, writeRuns } from './evaluationFiles.ts';

/** Runs as they are kept: what a view shows, compares, carries and takes away. */
export interface EvaluationRecords {
  list(): Promise<EvaluationList>;
  get(id: string): Promise<EvaluationDetails>;
  compare(first: string, second: string): Promise<EvaluationComparison>;
  setBaseline(id: string, baseline: boolean): Promise<void>;
  remove(ids: readonly string[]): Promise<number>;
  export(ids?: readonly string[]): Promise<Blob>;
  /** @throws SillError `invalid_request` | `quota_exceeded` */
  import(file: Blob): Promise<EvaluationImport>;
}

/** And what whoever makes a run needs of them. */
export interface KeptRuns extends EvaluationRecords {
  /** @throws SillError `invalid_request` where there is none */
  find(id: string): Promise<EvaluationRun>;
  nextNumber(): Promise<number>;
  /** By whoever holds the lock, before a run of theirs begins: what says that it is running was left so by one that died. */
  endStale(): Promise<void>;
  /** Drops the oldest of too many. */
  prune(): Promise<void>;
}

/** Oldest ones go with what is run here, and none with what is read from a file; baselines stay. A run of a hundred cases with their answers takes some hundred kilobytes. */
const MAX_RUNS = 500;

export function createEvaluationRecords({
  store,
  locks,
  hub,
  maxRuns = MAX_RUNS,
}: {
  readonly store: Pick<Store, 'evaluations'>;
  readonly locks: Pick<Locks, 'isHeld'>;
  readonly hub: Pick<Hub, 'tell'>;
  readonly maxRuns?: number;
}): KeptRuns {
  /** As stored, but for those that nobody lived to end. */
  const list = async (): Promise<EvaluationList> => {
    const rows = await store.evaluations.list();
    const runs = rows.map(readRun).filter((run) => run !== undefined);
    const isRunning = await locks.isHeld(EVALUATION_LOCK);
    return {
      runs: runs.map((run) => (run.state === 'running' && !isRunning ? asInterrupted(run) : run)).sort(byAge),
      unreadable: rows.length - runs.length,
    };
  };

  const find = async (id: string): Promise<EvaluationRun> => {
    const run = (await list()).runs.find((each) => each.id === id);
    if (run) return run;
    throw new SillError('invalid_request', 'There is no such run on this device, or another version of the app wrote it.', {
      details: { id },
    });
  };

  const casesOf = async (id: string) => {
    const rows = await store.evaluations.cases(id);
    const cases = rows.map(readCase).filter((it) => it !== undefined);
    return { cases, unreadable: rows.length - cases.length };
  };

  const prune = async (): Promise<void> => {
    const surplus = (await list()).runs.filter(({ baseline }) => !baseline).slice(maxRuns);
    if (surplus.length > 0) await store.evaluations.delete(surplus.map(({ id }) => id));
  };

  const endStale = async (): Promise<void> => {
    for (const run of (await list()).runs) if (run.state === 'running') await store.evaluations.put(asInterrupted(run));
  };

  const nextNumber = async (): Promise<number> => ((await list()).runs[0]?.number ?? 0) + 1;

  return {
    find,
    nextNumber,
    endStale,
    prune,
    list,
    get: async (id) => ({ run: await find(id), ...(await casesOf(id)) }),
    async compare(one, other) {
      const [first, second] = [await find(one), await find(other)];
      const agreement = agreementOfRuns((await casesOf(one)).cases, (await casesOf(other)).cases);
      return {
        ...{ first, second, sameSuite: first.suite.digest === second.suite.digest },
        ...{ retention: retentionOf(first, second), cases: compareCases(first, second) },
        ...(agreement ? { agreement } : {}),
      };
    },
    async setBaseline(id, isBaseline) {
      const { runs } = await list();
      const chosen = await find(id);
      for (const { baseline, ...run } of runs) {
        const is = run.id === id && isBaseline;
        // A run under way is written by whoever runs it.
        if (run.state === 'running' || seriesOf(run) !== seriesOf(chosen) || is === (baseline === true)) continue;
        const kept: EvaluationRun = { ...run, ...(is ? { baseline: true } : {}) };
        await store.evaluations.put(kept);
      }
      hub.tell({ type: 'evaluations' });
    },
    async remove(ids) {
      const removed = await store.evaluations.delete(ids);
      if (removed > 0) hub.tell({ type: 'evaluations' });
      return removed;
    },
    async export(ids) {
      const wanted = ids && new Set(ids);
      const carried: CarriedRun[] = [];
      for (const run of (await list()).runs) {
        if (wanted?.has(run.id) ?? true) carried.push({ run, cases: (await casesOf(run.id)).cases });
      }
      return writeRuns(carried);
    },
    async import(file) {
      const found = await readRuns(file);
      const { runs } = await list();
      const known = new Map(runs.map((run) => [run.id, run]));
      const taken = new Set(runs.map(({ number }) => number));
      const marked = new Set(runs.filter(({ baseline }) => baseline).map(seriesOf));
      let next = await nextNumber();
      // The file has them still; what would go to make room for them with the next run is nowhere else.
      const coming = found.filter(({ run }) => !known.has(run.id)).toSorted((a, b) => byAge(a.run, b.run));
      const room = Math.max(0, maxRuns - runs.filter(({ baseline }) => !baseline).length);
      const leftOut = new Set(coming.slice(room).map(({ run }) => run.id));
      const carried = found
        .filter(({ run }) => !leftOut.has(run.id))
        .toSorted((a, b) => byAge(b.run, a.run))
        .map(({ run: { baseline, ...rest }, cases }) => {
          const here = known.get(rest.id);
          // What was taken away from here comes back to its place; what came about elsewhere follows what is here.
          const number = here?.number ?? (taken.has(rest.number) ? next++ : rest.number);
          taken.add(number);
          next = Math.max(next, number + 1);
          // The marks that are here hold. One comes along where the series has none, as it does with what is brought back.
          const isMarked = here ? here.baseline === true : baseline === true && !marked.has(seriesOf(rest));
          if (isMarked) marked.add(seriesOf(rest));
          const run: EvaluationRun = {
            ...(rest.state === 'running' ? asInterrupted(rest) : rest),
            number,
            ...(isMarked ? { baseline: true } : {}),
          };
          return { run, cases };
        });
      await store.evaluations.putAll(carried);
      hub.tell({ type: 'evaluations' });
      const replaced = found.filter(({ run }) => known.has(run.id)).length;
      return { added: carried.length - replaced, replaced, leftOut: leftOut.size };
    },
  };
}

const asInterrupted = (run: EvaluationRun): EvaluationRun => ({ ...run, state: 'interrupted' });
