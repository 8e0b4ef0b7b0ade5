import type { EvaluationStore, SuiteStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

/** Of all cases of a run. */
const casesOf = (run: string): IDBKeyRange => IDBKeyRange.bound([run, 0], [run, Number.MAX_SAFE_INTEGER]);

const putAll =
  (connection: Connection): EvaluationStore['putAll'] =>
  (carried) =>
    connection.run('readwrite', ['evaluations', 'evaluationCases'], async (tx) => {
      const [runs, rows] = [tx.objectStore('evaluations'), tx.objectStore('evaluationCases')];
      // Each awaits its own: what is thrown at once by one leaves no request of another behind unheard.
      await Promise.all(
        carried.map(async ({ run, cases }) => {
          await Promise.all([runs.put(run, run.id), ...cases.map((row) => rows.put(row))]);
        }),
      );
    });

export const idbEvaluations = (connection: Connection): EvaluationStore => ({
  putAll: putAll(connection),
  put: (run, cases = []) => putAll(connection)([{ run, cases }]),
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
