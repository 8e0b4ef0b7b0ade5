import type { Digest } from '../core/ids.ts';
import type { ChunkStore } from '../ports/store.ts';
import { blobOf, type Stored, storing } from './blobs.ts';
import type { Connection } from './connection.ts';
import type { Spool, ToStore } from './fileSpool.ts';
import type { ChunkRecord } from './schema.ts';
import { isFull } from './storageError.ts';

/**
 * A Blob costs a file of its own. 128 rows, four at a time, in a busy Chromium 156: 620 to 1440 ms as Blobs of 64 KiB and no less as
 * smaller ones; as buffers 80 to 340 ms at 16 KiB, but 630 to 850 at 64 KiB.
 */
const INLINE_BYTES = 32 * 1024;

const contentOf = (record: ChunkRecord | undefined): Blob | undefined => record && blobOf(record.data);

export const idbChunks = (connection: Connection, spool: Spool): ChunkStore => ({
  put: createGroupCommit(connection, spool),
  get: (digest) => connection.run('readonly', ['chunks'], async (tx) => contentOf(await tx.objectStore('chunks').get(digest))),
  // A Blob is made in 0.3 ms, and of a model's files a hundred chunks and more are kept as buffers: they become one together.
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
  delete: async (digests) => {
    await connection.run('readwrite', ['chunks'], async (tx) => {
      const chunks = tx.objectStore('chunks');
      await Promise.all(digests.map((digest) => chunks.delete(digest)));
    });
    if (digests.length > 0) connection.freed();
  },
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
  readonly data: ToStore;
  readonly settle: { resolve(): void; reject(reason: unknown): void };
}

/** While one is stored the next is written to its file. */
const AT_ONCE = 2;

/**
 * Transactions that write follow each other anyway: what is put while one runs is written by the next, all at once. 64 chunks of 1 MiB, in a
 * busy Chromium 156: 42 to 70 MiB/s with a transaction for each, 58 to 154 with one for eight.
 */
function createGroupCommit(connection: Connection, spool: Spool): ChunkStore['put'] {
  let waiting: Put[] = [];
  let underWay = 0;
  /** Never rejects. */
  let line: Promise<unknown> = Promise.resolve();

  /**
   * Whether what was lent by the spool is there when its file is gone. In a window that remembers nothing Chromium keeps the Blob itself where it copies
   * what is in it elsewhere, and the first that is stored would be unreadable: it is read back, and stored again from memory.
   */
  let isCopied = false;

  /** @returns those that were not there */
  const store = (puts: readonly Put[], before: Promise<unknown>): Promise<Put[]> =>
    spool.through(
      puts.map(({ data }) => data),
      async (lent) => {
        await before;
        return storing(connection, lent, (stored) =>
          connection.run(
            'readwrite',
            ['chunks'],
            async (tx) => {
              const chunks = tx.objectStore('chunks');
              const fresh = await Promise.all(
                puts.map(async (put, index) => {
                  const { digest, sizeBytes } = put;
                  // The bytes of a digest never change: writing them again would only cost disk traffic.
                  if ((await chunks.getKey(digest)) !== undefined) return [];
                  await chunks.put({ digest, sizeBytes, data: stored[index] as Stored });
                  return [put];
                }),
              );
              return fresh.flat();
            },
            puts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
          ),
        );
      },
    );
  const write = async (puts: readonly Put[], before: Promise<unknown>): Promise<void> => {
    const fresh = await store(puts, before);
    const [lent] = isCopied ? [] : fresh.filter(({ data }) => data instanceof Uint8Array);
    if (!lent) return;
    isCopied = await isReadable(connection, lent.digest);
    if (isCopied) return;
    spool.giveUp();
    isCopied = true;
    const spoilt = fresh.filter(({ data }) => data instanceof Uint8Array);
    await connection.run('readwrite', ['chunks'], async (tx) => {
      await Promise.all(spoilt.map(({ digest }) => tx.objectStore('chunks').delete(digest)));
    });
    await store(spoilt, Promise.resolve());
  };
  /** Settles each with what became of it. */
  const writeEach = async (puts: readonly Put[]): Promise<void> => {
    for (const put of puts) await write([put], Promise.resolve()).then(put.settle.resolve, put.settle.reject);
  };
  const writeAll = async (puts: readonly Put[], before: Promise<unknown>): Promise<void> => {
    const isLent = spool.isUsed && puts.some(({ data }) => data instanceof Uint8Array);
    try {
      await write(puts, before);
      for (const { settle } of puts) settle.resolve();
    } catch (reason) {
      if (isLent && isFull(reason)) {
        // There may be room once no file takes any: again, behind the one that has its file already.
        spool.giveUp();
        waiting = [...puts, ...waiting];
      } else if (puts.length > 1) {
        // Together they may be too much for the disk where some of them are not.
        await writeEach(puts);
      } else puts[0]?.settle.reject(reason);
    }
    underWay -= 1;
    begin();
  };
  const begin = (): void => {
    // What needs no file has nothing to do before its turn, and goes with what else comes until then.
    const mayBegin = underWay === 0 || (isCopied && underWay < AT_ONCE && waiting.some(({ data }) => data instanceof Uint8Array));
    if (waiting.length === 0 || !mayBegin) return;
    const puts = waiting;
    waiting = [];
    underWay += 1;
    line = writeAll(puts, line);
  };

  return async (digest, wished) => {
    const sizeBytes = wished instanceof Blob ? wished.size : wished.length;
    const data = sizeBytes <= INLINE_BYTES ? await bufferOf(wished) : wished;
    await new Promise<void>((resolve, reject) => {
      waiting.push({ digest, sizeBytes, data, settle: { resolve, reject } });
      begin();
    });
  };
}

async function isReadable(connection: Connection, digest: Digest): Promise<boolean> {
  const stored = await connection.run('readonly', ['chunks'], async (tx) => contentOf(await tx.objectStore('chunks').get(digest)));
  try {
    await stored?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    // Of what is in the database nothing else keeps it from being read: it was there a moment ago.
    return false;
  }
}

const bufferOf = async (data: Blob | Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
  data instanceof Blob ? data.arrayBuffer() : data.slice().buffer;
