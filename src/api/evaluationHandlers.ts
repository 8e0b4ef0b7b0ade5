import type { evaluationContract } from '../protocol/evaluations.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** Runs that travel together; each has a verdict for each of its cases. */
const PART = 50;

/** The part of the engine's contract that is about evaluation suites and their runs. */
export const evaluationHandlers = (engine: () => Promise<Engine>, connection: string): Handlers<typeof evaluationContract> => ({
  'evaluations.run': async (request, { signal, emit }) =>
    (await engine()).evaluations.run(request, {
      signal,
      client: connection,
      onProgress: (progress) => void emit(progress).catch(() => undefined),
    }),
  'evaluations.resume': async ({ id }, { signal, emit }) =>
    (await engine()).evaluations.resume(id, {
      signal,
      client: connection,
      onProgress: (progress) => void emit(progress).catch(() => undefined),
    }),
  'evaluations.list': async (_, { emit }) => {
    const { runs, unreadable } = await (await engine()).evaluations.list();
    for (let from = 0; from < runs.length; from += PART) await emit(runs.slice(from, from + PART));
    return { unreadable };
  },
  'evaluations.get': async ({ id }) => (await engine()).evaluations.get(id),
  'evaluations.compare': async ({ first, second }) => (await engine()).evaluations.compare(first, second),
  'evaluations.setBaseline': async ({ id, baseline }) => {
    await (await engine()).evaluations.setBaseline(id, baseline);
    return null;
  },
  'evaluations.remove': async ({ ids }) => (await engine()).evaluations.remove(ids),
  'evaluations.export': async ({ ids }) => (await engine()).evaluations.export(ids),
  'evaluations.import': async ({ file }) => (await engine()).evaluations.import(file),
  'evaluations.suites': async () => (await engine()).suites.list(),
  'evaluations.suite': async ({ id }) => (await engine()).suites.get(id),
  'evaluations.save': async (suite) => (await engine()).suites.save(suite),
  'evaluations.removeSuite': async ({ id }) => (await engine()).suites.remove(id),
});
