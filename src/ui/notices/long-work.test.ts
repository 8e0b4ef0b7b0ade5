import { describe, expect, it } from 'vitest';
import { resultOf } from '../../core/benchmark/testing/results.ts';
import { SillError } from '../../core/errors.ts';
import { type EvaluationRun, RUN_SCHEMA } from '../../core/evaluationRun.ts';
import { parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import type { EngineEvent } from '../../protocol/engineReports.ts';
import type { ImportSummary } from '../../protocol/importReports.ts';
import type { UpdateOutcome } from '../../protocol/updateReports.ts';
import type { BenchmarksStore } from '../benchmarks-store.ts';
import type { EvaluationsStore } from '../evaluations-store.ts';
import type { ModelsStore } from '../models-store.ts';
import { LongWork } from './long-work.ts';
import type { Telling } from './notices-store.ts';

const id = parseModelId('tiny');
const failure = new SillError('runtime_failed', 'It broke.');
const run: EvaluationRun = {
  ...{ schema: RUN_SCHEMA, id: 'run-1', number: 1, state: 'complete', startedAtMs: 0, tookMs: 1, verdicts: [] },
  ...{ suite: { id: 'own', digest: 'a', cases: 1 }, place: resultOf().place, versions: resultOf().versions },
  model: { id: 'tiny', name: 'Tiny', revision: 'a', variant: 'int8-wasm', dtype: 'int8' },
};

class Store<Fields extends object> extends EventTarget {
  constructor(readonly fields: Fields) {
    super();
    Object.assign(this, fields);
  }
}
const storeOf = <Fields extends object>(fields: Fields): Store<Fields> & Fields => {
  const store: Store<Fields> = new Store(fields);
  return Object.assign(store, fields);
};

function watched() {
  const stores = {
    models: storeOf<Pick<ModelsStore, 'list'>>({ list: { models: [] } }),
    updates: storeOf({ outcomes: new Map<string, UpdateOutcome>() }),
    benchmarks: storeOf<Pick<BenchmarksStore, 'run'>>({ run: undefined }),
    evaluations: storeOf<Pick<EvaluationsStore, 'run'>>({ run: undefined }),
  };
  const told: Telling[] = [];
  let unfinished: ImportSummary[] = [];
  let hear: (event: EngineEvent) => void = () => undefined;
  const work = new LongWork(stores, (end) => told.push(end));
  work.connect({
    watch(listener) {
      hear = listener;
      return () => undefined;
    },
    imports: { list: async () => ({ unfinished, finished: [] }) },
  });
  const change = <Of extends EventTarget>(store: Of, fields: Partial<Of>): void => {
    Object.assign(store, fields);
    store.dispatchEvent(new Event('change'));
  };
  const importsAre = async (now: ImportSummary[]): Promise<void> => {
    // The look before this one has been answered.
    await new Promise((resolve) => setTimeout(resolve));
    unfinished = now;
    hear({ type: 'imports' });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { stores, change, importsAre, said: () => told.map(({ words, tone, href }) => [tone, words(), href]) };
}

describe('the end of long work', () => {
  it('of a benchmark is told once, with the way to its result', () => {
    const { stores, change, said } = watched();
    change(stores.benchmarks, { run: { kind: 'running', model: 'tiny' } });
    expect(said()).toEqual([]);
    change(stores.benchmarks, { run: { kind: 'done', model: 'tiny', outcome: resultOf() } });
    // The list is read anew, and the run is the same.
    change(stores.benchmarks, {});
    expect(said()).toEqual([['done', 'The benchmark of tiny is done.', '#/benchmarks?model=tiny&result=a-result']]);
  });

  it('of an evaluation is told, with the way to its cases', () => {
    const { stores, change, said } = watched();
    change(stores.evaluations, { run: { kind: 'running', model: 'tiny' } });
    change(stores.evaluations, { run: { kind: 'done', model: 'tiny', run } });
    expect(said()).toEqual([['done', 'The evaluation of tiny is done.', '#/evaluations?model=tiny&run=run-1']]);
  });

  it('is told where it failed, and not where a person stopped or paused it', () => {
    const { stores, change, said } = watched();
    change(stores.benchmarks, { run: { kind: 'stopped', model: 'tiny' } });
    change(stores.evaluations, { run: { kind: 'paused', model: 'tiny' } });
    change(stores.evaluations, { run: { kind: 'cancelled', model: 'tiny' } });
    expect(said()).toEqual([]);
    change(stores.benchmarks, { run: { kind: 'failed', model: 'tiny', error: failure } });
    change(stores.evaluations, { run: { kind: 'failed', model: 'tiny', error: failure } });
    expect(said()).toEqual([
      ['failed', 'The benchmark of tiny failed.', '#/benchmarks?model=tiny'],
      ['failed', 'The evaluation of tiny failed.', '#/evaluations?model=tiny'],
    ]);
  });

  it('of an update is told where the version before goes on running', () => {
    const { stores, change, said } = watched();
    const revision = parseRevisionId(`sha256:${'0'.repeat(64)}`);
    const end = (result: UpdateOutcome['result']) => change(stores.updates, { outcomes: new Map([['tiny', { id, revision, result }]]) });
    end('activated');
    expect(said()).toEqual([]);
    end('rejected');
    expect(said()).toEqual([
      ['failed', 'The update of tiny came to nothing. The version before goes on running.', '#/versions?model=tiny'],
    ]);
  });

  it('of an import is told where it failed while somebody was here', async () => {
    const { importsAre, said } = watched();
    const summary = (state: ImportSummary['state']): ImportSummary => ({
      ...{ id, name: 'Tiny', variant: parseVariantId('int8-wasm'), source: { kind: 'url', url: 'tiny.gguf' } },
      ...{ state, doneBytes: 0, totalBytes: 1, startedAtMs: 0 },
    });
    await importsAre([summary('running')]);
    expect(said()).toEqual([]);
    await importsAre([summary('failed')]);
    await importsAre([summary('failed')]);
    expect(said()).toEqual([['failed', 'The import of Tiny failed.', '#/import']]);
  });
});
