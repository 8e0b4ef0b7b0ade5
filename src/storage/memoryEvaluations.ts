import type { EvaluationCaseRow, EvaluationStore, StoredSuite, SuiteStore } from '../ports/store.ts';

export function memoryEvaluations(): EvaluationStore {
  const runs = new Map<string, unknown>();
  const cases = new Map<string, Map<number, EvaluationCaseRow>>();
  const putAll: EvaluationStore['putAll'] = async (carried) => {
    for (const { run, cases: rows } of structuredClone(carried)) {
      runs.set(run.id, run);
      for (const row of rows) {
        const own = cases.get(row.run) ?? new Map<number, EvaluationCaseRow>();
        cases.set(row.run, own.set(row.index, row));
      }
    }
  };
  return {
    putAll,
    put: (run, rows = []) => putAll([{ run, cases: rows }]),
    async list() {
      return structuredClone([...runs.values()]);
    },
    async get(id) {
      return structuredClone(runs.get(id));
    },
    async cases(run) {
      return structuredClone([...(cases.get(run)?.values() ?? [])].sort((a, b) => a.index - b.index));
    },
    async delete(ids) {
      for (const id of ids) cases.delete(id);
      return ids.filter((id) => runs.delete(id)).length;
    },
  };
}

export function memorySuites(): SuiteStore {
  const suites = new Map<string, StoredSuite>();
  return {
    async put(suite) {
      suites.set(suite.id, structuredClone(suite));
    },
    async get(id) {
      return structuredClone(suites.get(id));
    },
    async list() {
      return structuredClone([...suites.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
    },
    async delete(id) {
      return suites.delete(id);
    },
  };
}
