import type { benchmarkContract } from '../protocol/benchmarks.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** The part of the engine's contract that is about benchmarks. */
export const benchmarkHandlers = (engine: () => Promise<Engine>, connection: string): Handlers<typeof benchmarkContract> => ({
  'benchmarks.run': async (request, { signal, emit }) =>
    (await engine()).benchmarks.run(request, {
      signal,
      client: connection,
      onProgress: (progress) => void emit(progress).catch(() => undefined),
    }),
  'benchmarks.list': async () => (await engine()).benchmarks.list(),
  'benchmarks.remove': async ({ ids }) => (await engine()).benchmarks.remove(ids),
  'benchmarks.export': async ({ format, ids }) => (await engine()).benchmarks.export(format, ids),
  'benchmarks.import': async ({ file }) => (await engine()).benchmarks.import(file),
});
