import type { EvaluationStore, SuiteStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

/** Of all cases of a run. */
const casesOf = (run: string): IDBKeyRange => IDBKeyRange.bound([run, 0], [run, Number.MAX_SAFE_INTEGER]);

export const idbEvaluations = (connection: Connection): EvaluationStore => ({
  put: (run, cases = []) =>
    connection.run('readwrite', ['evaluations', 'evaluationCases'], async (tx) => {
      const rows = tx.objectStore('evaluationCases');
      await Promise.all([tx.objectStore('evaluations').put(run, run.id), ...cases.map((row) => rows.put(row))]);
    }),
  list: () => connection.run('readonly', ['evaluations'], (tx) => tx.objectStore('evaluations').getAll()),
  get: (id) => connection.run('readonly', ['evaluations'], (tx) => tx.objectStore('evaluations').get(id)),
  cases: (run) => connection.run('readonly', ['evaluationCases'], (tx) => tx.objectStore('evaluationCases').getAll(casesOf(run))),
  delete: (ids) =>
    connection.run('readwrite', ['evaluations', 'evaluationCases'], async (tx) => {
      const runs = tx.objectStore('evaluations');
      const found = await Promise.all(ids.map((id) => runs.getKey(id)));
      await Promise.all(ids.flatMap((id) => [runs.delete(id), tx.objectStore('evaluationCases').delete(casesOf(id))]));
      return found.filter((key) => key !== undefined).length;
    }),
});

export const idbSuites = (connection: Connection): SuiteStore => ({
  put: (suite) =>
    connection.run('readwrite', ['suites'], async (tx) => {
      await tx.objectStore('suites').put(suite);
    }),
  get: (id) => connection.run('readonly', ['suites'], (tx) => tx.objectStore('suites').get(id)),
  list: () => connection.run('readonly', ['suites'], (tx) => tx.objectStore('suites').getAll()),
  delete: (id) =>
    connection.run('readwrite', ['suites'], async (tx) => {
      const suites = tx.objectStore('suites');
      const existed = (await suites.getKey(id)) !== undefined;
      await suites.delete(id);
      return existed;
    }),
});
