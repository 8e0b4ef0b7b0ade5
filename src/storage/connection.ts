import { deleteDB, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import { createReturningRoom } from './returningRoom.ts';
import { type Database, MIGRATIONS, migrate, type Schema } from './schema.ts';
import { closedByCaller, closedByErasing, closedByUpgrade, isConnectionLost, isFull, openError, useError } from './storageError.ts';

export type ClosedBy = 'upgrade' | 'erasure';

export interface ConnectionOptions {
  readonly name: string;
  /** An older version of the app in another tab keeps us from opening; opening goes on when that tab is closed or reloaded. */
  readonly onBlocked?: () => void;
  /** This connection gave way to a newer version of the app, or to an erasure: nothing works until the page is reloaded. */
  readonly onClosed?: (why: ClosedBy) => void;
}

type Names = Array<StoreNames<Schema>>;
type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<Schema, Names, Mode>;
export type Writing = Transaction<'readwrite'>;

export interface Connection {
  /** Opens now, so that a refusal is known at the start. @throws SillError `storage_unavailable` | `quota_exceeded` */
  open(): Promise<void>;
  /**
   * Runs `body` in one transaction and resolves when it is on disk; what `body` throws aborts it. `body` may await nothing but
   * requests of the transaction. `neededBytes` is what it stores of content, where it does.
   * @throws SillError `storage_unavailable` | `quota_exceeded`, or the SillError that `body` threw
   */
  run<Mode extends IDBTransactionMode, T>(
    mode: Mode,
    stores: Names,
    body: (tx: Transaction<Mode>) => Promise<T>,
    neededBytes?: number,
  ): Promise<T>;
  /** Blobs were deleted: a transaction of any realm that needs room and finds none is tried again until the browser has taken theirs back. */
  freed(): void;
  close(): void;
  /** Deletes the database once every connection to it is closed. Nothing works afterwards. @throws SillError `storage_unavailable` */
  erase(): Promise<void>;
}

/** One database connection that survives being dropped by the browser and gives way to a newer version of the app. */
export function connect(options: ConnectionOptions, migrations = MIGRATIONS): Connection {
  let opening: Promise<Database> | undefined;
  let ended: (() => Error) | undefined;
  const room = createReturningRoom(globalThis.navigator?.locks);

  const open = (): Promise<Database> => {
    if (ended) return Promise.reject(ended());
    if (opening) return opening;
    // Inside `then`, because a browser that forbids storage throws at once instead of failing the request.
    const current: Promise<Database> = Promise.resolve()
      .then(() =>
        openDB<Schema>(options.name, migrations.length, {
          upgrade: (db, oldVersion, _newVersion, tx) => migrate(db, oldVersion, tx, migrations),
          blocked: () => options.onBlocked?.(),
          blocking: (_current, blockedVersion, event) => {
            // A deletion asks for no version.
            const why = blockedVersion === null ? 'erasure' : 'upgrade';
            ended ??= why === 'erasure' ? closedByErasing : closedByUpgrade;
            // The newer tab waits for this: without it, its upgrade would be blocked until this tab is closed.
            if (event.target instanceof IDBDatabase) event.target.close();
            options.onClosed?.(why);
          },
          terminated: () => forget(current),
        }),
      )
      .catch((reason: unknown) => {
        forget(current);
        throw openError(reason);
      });
    opening = current;
    return current;
  };

  const forget = (stale: Promise<Database>) => {
    if (opening === stale) opening = undefined;
  };

  const once: Connection['run'] = async (mode, stores, body, neededBytes) => {
    const first = open();
    try {
      return await inTransaction(await first, mode, stores, body);
    } catch (reason) {
      if (!isConnectionLost(reason) || ended) throw ended ? ended() : useError(reason, neededBytes);
    }
    // Site data cleared, or Safari back from the background: the event may come after the failure, so try a new connection.
    forget(first);
    try {
      return await inTransaction(await open(), mode, stores, body);
    } catch (reason) {
      throw useError(reason, neededBytes);
    }
  };

  return {
    async open() {
      await open();
    },
    async run(mode, stores, body, neededBytes) {
      for (;;) {
        try {
          return await once(mode, stores, body, neededBytes);
        } catch (reason) {
          if (neededBytes === undefined || !isFull(reason) || !(await room.wait())) throw reason;
        }
      }
    },
    freed() {
      room.expect();
    },
    async erase() {
      ended ??= closedByErasing;
      // An opening that failed leaves nothing to close; the deletion is wanted all the more.
      await opening?.then((db) => db.close()).catch(() => undefined);
      try {
        await deleteDB(options.name, { blocked: () => options.onBlocked?.() });
      } catch (reason) {
        throw useError(reason);
      }
    },
    close() {
      ended ??= closedByCaller;
      // An opening that failed has told its caller already; there is nothing to close.
      opening?.then(
        (db) => db.close(),
        () => undefined,
      );
    },
  };
}

async function inTransaction<Mode extends IDBTransactionMode, T>(
  db: Database,
  mode: Mode,
  stores: Names,
  body: (tx: Transaction<Mode>) => Promise<T>,
): Promise<T> {
  const tx = db.transaction(stores, mode);
  try {
    const result = await body(tx);
    await tx.done;
    return result;
  } catch (reason) {
    // A full disk shows on the transaction only: its requests fail with a bare AbortError, which would hide the cause.
    const cause = tx.error ?? reason;
    abort(tx);
    // Settles with the same failure; unheard it would be an unhandled rejection.
    await tx.done.catch(() => undefined);
    throw cause;
  }
}

function abort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // Finished already, by the failure that brought us here.
  }
}
