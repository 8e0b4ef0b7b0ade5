import type { TrustStore } from '../ports/delivery.ts';
import type { Connection } from './connection.ts';
import { mayCommit } from './trustCommit.ts';

/** One catalog, one record: the site's own under this name, others under their address, which cannot be the same. */
const OWN = 'catalog';

export const idbTrust = (connection: Connection, key = OWN): TrustStore => ({
  read: () => connection.run('readonly', ['trust'], (tx) => tx.objectStore('trust').get(key)),
  commit: (next, expected) =>
    connection.run('readwrite', ['trust'], async (tx) => {
      const trust = tx.objectStore('trust');
      const isFree = mayCommit(await trust.get(key), next, expected);
      if (isFree) await trust.put(next, key);
      return isFree;
    }),
  clear: () => connection.run('readwrite', ['trust'], (tx) => tx.objectStore('trust').delete(key)),
});
