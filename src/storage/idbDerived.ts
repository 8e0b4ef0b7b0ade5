import { outdone } from '../core/derived.ts';
import type { Digest, RevisionId } from '../core/ids.ts';
import { isOutdatedForm } from '../core/madeForm.ts';
import { heldRevisions } from '../core/slots.ts';
import type { DerivedStore } from '../ports/store.ts';
import { blobOf, storing } from './blobs.ts';
import type { Connection, Writing } from './connection.ts';

export const idbDerived = (connection: Connection): DerivedStore => ({
  get: async (key) => {
    const row = await connection.run('readonly', ['derived'], (tx) => tx.objectStore('derived').get(key));
    return row && { ...row, data: blobOf(row.data) };
  },
  put: async (derived, blob, maxBytes) => {
    const outdoes = await storing(connection, [blob], ([data = blob]) =>
      connection.run(
        'readwrite',
        ['derived', 'slots'],
        async (tx) => {
          const store = tx.objectStore('derived');
          const slots = await tx.objectStore('slots').getAll();
          // Its model may have been removed meanwhile.
          if (!slots.flatMap(heldRevisions).some(({ revision }) => revision === derived.source)) return false;
          const kept = (await store.getAll()).map((row) => row.about);
          const keys = outdone(kept, derived, maxBytes);
          for (const key of keys) await store.delete(key);
          await store.put({ about: derived, data }, derived.key);
          return keys.length > 0;
        },
        blob.size,
      ),
    );
    if (outdoes) connection.freed();
  },
  touch: (key, atMs) =>
    connection.run('readwrite', ['derived'], async (tx) => {
      const store = tx.objectStore('derived');
      const row = await store.get(key);
      if (row) await store.put({ ...row, about: { ...row.about, usedAtMs: atMs } }, key);
    }),
  list: () => connection.run('readonly', ['derived'], async (tx) => (await tx.objectStore('derived').getAll()).map((row) => row.about)),
  delete: async (key) => {
    await connection.run('readwrite', ['derived'], (tx) => tx.objectStore('derived').delete(key));
    connection.freed();
  },
});

/** Drops what was made from revisions that are gone, or in a way that nothing asks for any more. @returns chunks of the forms that stay */
export async function dropDerived(tx: Writing, held: ReadonlySet<RevisionId>): Promise<Digest[]> {
  const store = tx.objectStore('derived');
  const all = (await store.getAll()).map(({ about }) => about);
  const gone = all.filter((about) => !held.has(about.source) || isOutdatedForm(about));
  for (const { key } of gone) await store.delete(key);
  return all.flatMap((about) => (gone.includes(about) ? [] : (about.chunks ?? [])));
}
