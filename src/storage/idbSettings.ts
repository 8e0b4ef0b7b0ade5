import type { SettingsStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

export const idbSettings = (connection: Connection): SettingsStore => ({
  get: (key) => connection.run('readonly', ['settings'], (tx) => tx.objectStore('settings').get(key)),
  set: (key, value) =>
    connection.run('readwrite', ['settings'], async (tx) => {
      await tx.objectStore('settings').put(value, key);
    }),
  delete: (key) => connection.run('readwrite', ['settings'], (tx) => tx.objectStore('settings').delete(key)),
});
