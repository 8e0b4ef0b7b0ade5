import type { BenchmarkList, BenchmarkResult, SillBenchmarks } from '../protocol/benchmarks.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';

export const createBenchmarks = (client: Client<EngineContract>): SillBenchmarks => {
  const overview = async (): Promise<BenchmarkList> => {
    // By id: an engine that takes the place of another begins anew.
    const results = new Map<string, BenchmarkResult>();
    const onItem = (part: readonly BenchmarkResult[]): void => {
      for (const result of part) results.set(result.id, result);
    };
    const { unreadable } = await client.call('benchmarks.list', {}, { onItem });
    return { results: [...results.values()], unreadable };
  };
  return {
    run: (request, { signal, onProgress } = {}) =>
      client.call('benchmarks.run', request, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) }),
    list: async () => (await overview()).results,
    overview,
    remove: (ids) => client.call('benchmarks.remove', { ids: typeof ids === 'string' ? [ids] : [...ids] }),
    export: ({ format = 'json', ids } = {}) => client.call('benchmarks.export', { format, ...(ids ? { ids: [...ids] } : {}) }),
    import: (file) => client.call('benchmarks.import', { file }),
  };
};
