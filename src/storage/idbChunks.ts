import type { Digest } from '../core/ids.ts';
import type { ChunkStore } from '../ports/store.ts';
import { blobOf, type Stored, storing } from './blobs.ts';
import type { Connection } from './connection.ts';
import type { Spool } from './fileSpool.ts';
import type { ChunkRecord } from './schema.ts';

/**
 * A Blob costs a file of its own. 128 rows, four at a time, in a busy Chromium 156: 620 to 1440 ms as Blobs of 64 KiB and no less as
 * smaller ones; as buffers 80 to 340 ms at 16 KiB, but 630 to 850 at 64 KiB.
 */
const INLINE_BYTES = 32 * 1024;

const contentOf = (record: ChunkRecord | undefined): Blob | undefined => record && blobOf(record.data);

export const idbChunks = (connection: Connection, spool: Spool): ChunkStore => ({
  put: createGroupCommit(connection, spool),
  get: (digest) => connection.run('readonly', ['chunks'], async (tx) => contentOf(await tx.objectStore('chunks').get(digest))),
  getMany: (digests) =>
    connection.run('readonly', ['chunks'], (tx) => {
      const chunks = tx.objectStore('chunks');
      return Promise.all(digests.map(async (digest) => contentOf(await chunks.get(digest))));
    }),
  // Not by way of `getMany`: a Blob is made in 0.3 ms, and of a model's files a hundred chunks and more are kept as buffers.
  join: (digests) =>
    connection.run('readonly', ['chunks'], async (tx) => {
      const chunks = tx.objectStore('chunks');
      const found = await Promise.all(digests.map((digest) => chunks.get(digest)));
      return found.every((record) => record !== undefined) ? new Blob(found.map(({ data }) => data)) : undefined;
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

interface Put {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Bytes go by way of the spool; those of a small chunk, in a buffer of their own, do not. */
  readonly data: Stored | Uint8Array<ArrayBuffer>;
  readonly settle: { resolve(): void; reject(reason: unknown): void };
}

/**
 * Transactions that write follow each other anyway: what is put while one runs is written by the next, all at once. 64 chunks of 1 MiB, in a
 * busy Chromium 156: 42 to 70 MiB/s with a transaction for each, 58 to 154 with one for eight.
 */
function createGroupCommit(connection: Connection, spool: Spool): ChunkStore['put'] {
  let waiting: Put[] = [];
  let writing = false;

  const write = (puts: readonly Put[]): Promise<void> => {
    const large = puts.map(({ data }) => data).filter((data) => data instanceof Uint8Array);
    return spool.through(large, (blobs) => {
      const spooled = new Map(large.map((bytes, index) => [bytes, blobs[index]]));
      const wished = puts.map(({ data }) => (data instanceof Uint8Array ? (spooled.get(data) ?? new Blob([data])) : data));
      return storing(connection, wished, (stored) =>
        connection.run(
          'readwrite',
          ['chunks'],
          async (tx) => {
            const chunks = tx.objectStore('chunks');
            await Promise.all(
              puts.map(async ({ digest, sizeBytes }, index) => {
                const data = stored[index];
                // The bytes of a digest never change: writing them again would only cost disk traffic.
                if (data === undefined || (await chunks.getKey(digest)) !== undefined) return;
                await chunks.put({ digest, sizeBytes, data });
              }),
            );
          },
          puts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        ),
      );
    });
  };
  /** Settles each with what became of it. */
  const writeEach = async (puts: readonly Put[]): Promise<void> => {
    for (const put of puts) await write([put]).then(put.settle.resolve, put.settle.reject);
  };
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const puts = waiting;
      waiting = [];
      try {
        await write(puts);
        for (const { settle } of puts) settle.resolve();
      } catch (reason) {
        // Together they may be too much for the disk where some of them are not.
        if (puts.length > 1) await writeEach(puts);
        else puts[0]?.settle.reject(reason);
      }
    }
    writing = false;
  };

  return async (digest, wished) => {
    const sizeBytes = wished instanceof Blob ? wished.size : wished.length;
    const data = sizeBytes <= INLINE_BYTES ? await bufferOf(wished) : wished;
    await new Promise<void>((resolve, reject) => {
      waiting.push({ digest, sizeBytes, data, settle: { resolve, reject } });
      if (writing) return;
      writing = true;
      void work();
    });
  };
}

const bufferOf = async (data: Blob | Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
  data instanceof Blob ? data.arrayBuffer() : data.slice().buffer;
