import type { ResultStore } from '../ports/store.ts';

export function memoryResults(): ResultStore {
  const results = new Map<string, unknown>();
  return {
    async put(given) {
      for (const result of given) results.set(result.id, structuredClone(result));
    },
    async list() {
      return structuredClone([...results.values()]);
    },
    async delete(ids) {
      return ids.filter((id) => results.delete(id)).length;
    },
  };
}
