import type { LogStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

export const idbLog = (connection: Connection): LogStore => ({
  add: (lines, { maxLines, sinceMs }) =>
    connection.run('readwrite', ['log'], async (tx) => {
      const log = tx.objectStore('log');
      for (const line of lines) await log.add(line);
      let surplus = (await log.count()) - maxLines;
      for (let cursor = await log.openCursor(); cursor && (surplus > 0 || cursor.value.atMs < sinceMs); surplus--) {
        await cursor.delete();
        cursor = await cursor.continue();
      }
    }),
  list: (after = 0) =>
    connection.run('readonly', ['log'], async (tx) => {
      const log = tx.objectStore('log');
      const range = IDBKeyRange.lowerBound(after, true);
      const [keys, lines, count] = await Promise.all([log.getAllKeys(range), log.getAll(range), log.count()]);
      return { events: lines.map((line, i) => ({ ...line, id: keys[i] ?? 0 })), count };
    }),
  clear: () => connection.run('readwrite', ['log'], (tx) => tx.objectStore('log').clear()),
});
