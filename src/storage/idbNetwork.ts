import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { MAX_NETWORK_LINES, type NetworkLine, type OriginTotal, totalAfter } from '../core/network.ts';
import type { NetworkLedger } from '../ports/network.ts';

/** `atMs` is its place in the order, which is its time, but where the clock was set back; then `clockMs` has the time. */
type StoredLine = NetworkLine & { readonly clockMs?: number };

interface NetworkSchema extends DBSchema {
  lines: { key: string; value: StoredLine; indexes: { byTime: number } };
  totals: { key: string; value: OriginTotal };
}

const DATABASE_NAME = 'sill-network';

/** Lines of several realms come about so much out of their order. What lies further back was written by a clock that was set back. */
const OUT_OF_ORDER_MS = 60 * 60_000;

/**
 * The oldest go, and by its time a line of a clock that was set back would be the oldest, and gone as it comes. It goes behind the last one instead. In
 * the field that the index has: another version of the app may have the database open, so that there is none to be added.
 */
const placed = (line: NetworkLine, lastMs: number): StoredLine =>
  line.atMs > lastMs - OUT_OF_ORDER_MS ? line : { ...line, atMs: lastMs + 1, clockMs: line.atMs };

const asWritten = ({ clockMs, ...line }: StoredLine): NetworkLine => (clockMs === undefined ? line : { ...line, atMs: clockMs });

/**
 * The ledger of requests, in a database of its own: the service worker writes to it too, and may be of another version of the app than the pages, whose
 * database it must never bring to its own form. Writes never fail whoever asks for them: where nothing can be stored, nothing is listed.
 */
export function openIdbNetwork(name = DATABASE_NAME): NetworkLedger & { close(): void } {
  let opening: Promise<IDBPDatabase<NetworkSchema>> | undefined;
  const open = (): Promise<IDBPDatabase<NetworkSchema>> => {
    opening ??= Promise.resolve()
      .then(() =>
        openDB<NetworkSchema>(name, 1, {
          upgrade(db) {
            db.createObjectStore('lines', { keyPath: 'id' }).createIndex('byTime', 'atMs');
            db.createObjectStore('totals', { keyPath: 'origin' });
          },
          blocking: (_current, _blocked, event) => {
            if (event.target instanceof IDBDatabase) event.target.close();
            opening = undefined;
          },
          terminated: () => {
            opening = undefined;
          },
        }),
      )
      .catch((reason: unknown) => {
        opening = undefined;
        throw reason;
      });
    return opening;
  };

  const write = async (lines: readonly NetworkLine[]): Promise<void> => {
    const tx = (await open()).transaction(['lines', 'totals'], 'readwrite', { durability: 'relaxed' });
    const [stored, totals] = [tx.objectStore('lines'), tx.objectStore('totals')];
    let lastMs = (await stored.index('byTime').openKeyCursor(null, 'prev'))?.key ?? Number.NEGATIVE_INFINITY;
    for (const line of lines) {
      const before = await stored.get(line.id);
      const total = totalAfter(await totals.get(line.origin), before, line);
      // That it ended, maybe after hours, changes nothing of its place.
      const place = before && (before.clockMs === undefined ? line : { ...line, atMs: before.atMs, clockMs: line.atMs });
      const next = place ?? placed(line, lastMs);
      lastMs = Math.max(lastMs, next.atMs);
      await stored.put(next);
      if (total) await totals.put(total);
    }
    let surplus = (await stored.count()) - MAX_NETWORK_LINES;
    for (let cursor = surplus > 0 ? await stored.index('byTime').openCursor() : null; cursor && surplus > 0; surplus--) {
      await cursor.delete();
      cursor = await cursor.continue();
    }
    await tx.done;
  };

  /** What came while something was being written, by id: the later form of a line takes the place of the earlier. */
  const pending = new Map<string, NetworkLine>();
  let writing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (pending.size > 0) {
      const lines = [...pending.values()];
      pending.clear();
      await write(lines).catch(() => undefined);
    }
  };

  return {
    put(lines) {
      for (const line of lines) pending.set(line.id, line);
      writing ??= drain().finally(() => {
        writing = undefined;
      });
      return writing;
    },
    async read() {
      const tx = (await open()).transaction(['lines', 'totals'], 'readonly');
      const [lines, totals] = await Promise.all([tx.objectStore('lines').index('byTime').getAll(), tx.objectStore('totals').getAll()]);
      const sinceMs = totals.reduce((first, { firstAtMs }) => Math.min(first, firstAtMs), Number.POSITIVE_INFINITY);
      return { lines: lines.reverse().map(asWritten), totals, ...(Number.isFinite(sinceMs) ? { sinceMs } : {}) };
    },
    async clear() {
      const tx = (await open()).transaction(['lines', 'totals'], 'readwrite');
      await Promise.all([tx.objectStore('lines').clear(), tx.objectStore('totals').clear(), tx.done]);
    },
    close: () => void opening?.then((db) => db.close()).catch(() => undefined),
  };
}
