import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { EvaluationList, EvaluationProgress, EvaluationRun, SillEvaluations } from '../protocol/evaluations.ts';

interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

export const createEvaluations = (client: Client<EngineContract>): SillEvaluations => {
  const overview = async (): Promise<EvaluationList> => {
    // By id: an engine that takes the place of another begins anew.
    const runs = new Map<string, EvaluationRun>();
    const onItem = (part: readonly EvaluationRun[]): void => {
      for (const run of part) runs.set(run.id, run);
    };
    const { unreadable } = await client.call('evaluations.list', {}, { onItem });
    return { runs: [...runs.values()], unreadable };
  };
  const options = ({ signal, onProgress }: RunOptions = {}) => ({
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onItem: onProgress } : {}),
  });
  return {
    run: (request, given) => client.call('evaluations.run', request, options(given)),
    resume: (id, given) => client.call('evaluations.resume', { id }, options(given)),
    list: async () => (await overview()).runs,
    overview,
    get: (id) => client.call('evaluations.get', { id }),
    compare: (first, second) => client.call('evaluations.compare', { first, second }),
    async setBaseline(id, baseline = true) {
      await client.call('evaluations.setBaseline', { id, baseline });
    },
    remove: (ids) => client.call('evaluations.remove', { ids: typeof ids === 'string' ? [ids] : [...ids] }),
    export: (ids) => client.call('evaluations.export', ids ? { ids: [...ids] } : {}),
    import: (file) => client.call('evaluations.import', { file }),
    suites: () => client.call('evaluations.suites', {}),
    suite: (id) => client.call('evaluations.suite', { id }),
    save: (suite) => client.call('evaluations.save', suite),
    removeSuite: (id) => client.call('evaluations.removeSuite', { id }),
  };
};
