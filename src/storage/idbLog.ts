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
  list: () =>
    connection.run('readonly', ['log'], async (tx) => {
      const log = tx.objectStore('log');
      const [keys, lines] = await Promise.all([log.getAllKeys(), log.getAll()]);
      return lines.map((line, i) => ({ ...line, id: keys[i] ?? 0 }));
    }),
  clear: () => connection.run('readwrite', ['log'], (tx) => tx.objectStore('log').clear()),
});
