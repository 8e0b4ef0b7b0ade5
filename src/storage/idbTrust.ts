import type { TrustStore } from '../ports/delivery.ts';
import type { Connection } from './connection.ts';
import { mayCommit } from './trustCommit.ts';

/** One catalog, one record. */
const KEY = 'catalog';

export const idbTrust = (connection: Connection): TrustStore => ({
  read: () => connection.run('readonly', ['trust'], (tx) => tx.objectStore('trust').get(KEY)),
  commit: (next, expected) =>
    connection.run('readwrite', ['trust'], async (tx) => {
      const trust = tx.objectStore('trust');
      const isFree = mayCommit(await trust.get(KEY), next, expected);
      if (isFree) await trust.put(next, KEY);
      return isFree;
    }),
  clear: () => connection.run('readwrite', ['trust'], (tx) => tx.objectStore('trust').clear()),
});
