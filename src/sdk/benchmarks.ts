import type { SillBenchmarks } from '../protocol/benchmarks.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';

export const createBenchmarks = (client: Client<EngineContract>): SillBenchmarks => ({
  run: (request, { signal, onProgress } = {}) =>
    client.call('benchmarks.run', request, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) }),
  list: async () => (await client.call('benchmarks.list', {})).results,
  overview: () => client.call('benchmarks.list', {}),
  remove: (ids) => client.call('benchmarks.remove', { ids: typeof ids === 'string' ? [ids] : [...ids] }),
  export: ({ format = 'json', ids } = {}) => client.call('benchmarks.export', { format, ...(ids ? { ids: [...ids] } : {}) }),
  import: (file) => client.call('benchmarks.import', { file }),
});
