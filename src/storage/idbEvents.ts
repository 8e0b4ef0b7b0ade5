import { MAX_EVENTS } from '../core/deviceEvent.ts';
import type { EventStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

export const idbEvents = (connection: Connection): EventStore => ({
  add: (event) =>
    connection.run('readwrite', ['events'], async (tx) => {
      const events = tx.objectStore('events');
      await events.add(event);
      let surplus = (await events.count()) - MAX_EVENTS;
      for (let cursor = await events.openCursor(); cursor && surplus > 0; surplus--) {
        await cursor.delete();
        cursor = await cursor.continue();
      }
    }),
  list: () => connection.run('readonly', ['events'], (tx) => tx.objectStore('events').getAll()),
});
