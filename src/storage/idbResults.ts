import type { ResultStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

export const idbResults = (connection: Connection): ResultStore => ({
  put: (results) =>
    connection.run('readwrite', ['results'], async (tx) => {
      const store = tx.objectStore('results');
      await Promise.all(results.map((result) => store.put(result, result.id)));
    }),
  list: () => connection.run('readonly', ['results'], (tx) => tx.objectStore('results').getAll()),
  delete: (ids) =>
    connection.run('readwrite', ['results'], async (tx) => {
      const store = tx.objectStore('results');
      const found = await Promise.all(ids.map((id) => store.getKey(id)));
      await Promise.all(ids.map((id) => store.delete(id)));
      return found.filter((key) => key !== undefined).length;
    }),
});
