import type { benchmarkContract } from '../protocol/benchmarks.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** Results that travel together: a page reads so many in about 10 ms. */
const PART = 250;

/** The part of the engine's contract that is about benchmarks. */
export const benchmarkHandlers = (engine: () => Promise<Engine>, connection: string): Handlers<typeof benchmarkContract> => ({
  'benchmarks.run': async (request, { signal, emit }) =>
    (await engine()).benchmarks.run(request, {
      signal,
      client: connection,
      onProgress: (progress) => void emit(progress).catch(() => undefined),
    }),
  'benchmarks.list': async (_, { emit }) => {
    const { results, unreadable } = await (await engine()).benchmarks.list();
    for (let from = 0; from < results.length; from += PART) await emit(results.slice(from, from + PART));
    return { unreadable };
  },
  'benchmarks.remove': async ({ ids }) => (await engine()).benchmarks.remove(ids),
  'benchmarks.export': async ({ format, ids }) => (await engine()).benchmarks.export(format, ids),
  'benchmarks.import': async ({ file }) => (await engine()).benchmarks.import(file),
});
