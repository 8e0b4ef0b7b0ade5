import type { Digest } from '../core/ids.ts';
import type { ChunkStore } from '../ports/store.ts';
import type { Connection } from './connection.ts';

export const idbChunks = (connection: Connection): ChunkStore => ({
  put: (digest, data) =>
    connection.run(
      'readwrite',
      ['chunks'],
      async (tx) => {
        const chunks = tx.objectStore('chunks');
        // The bytes of a digest never change: writing them again would only cost disk traffic.
        if ((await chunks.getKey(digest)) === undefined) await chunks.put({ digest, sizeBytes: data.size, data });
      },
      data.size,
    ),
  get: (digest) => connection.run('readonly', ['chunks'], async (tx) => (await tx.objectStore('chunks').get(digest))?.data),
  getMany: (digests) =>
    connection.run('readonly', ['chunks'], (tx) => {
      const chunks = tx.objectStore('chunks');
      return Promise.all(digests.map(async (digest) => (await chunks.get(digest))?.data));
    }),
  missing: (digests) =>
    connection.run('readonly', ['chunks'], async (tx) => {
      const chunks = tx.objectStore('chunks');
      const asked = [...new Set(digests)];
      const found = await Promise.all(asked.map((digest) => chunks.getKey(digest)));
      return asked.filter((_, i) => found[i] === undefined);
    }),
  delete: (digests) =>
    connection.run('readwrite', ['chunks'], async (tx) => {
      const chunks = tx.objectStore('chunks');
      await Promise.all(digests.map((digest) => chunks.delete(digest)));
    }),
  list: () =>
    connection.run('readonly', ['chunks'], async (tx) => {
      const sizes: Array<{ digest: Digest; sizeBytes: number }> = [];
      let cursor = await tx.objectStore('chunks').index('bySize').openKeyCursor();
      while (cursor) {
        sizes.push({ digest: cursor.primaryKey, sizeBytes: cursor.key });
        cursor = await cursor.continue();
      }
      return sizes;
    }),
});
