import type { Store } from '../ports/store.ts';
import { type ClosedBy, connect } from './connection.ts';
import { clearSpool, createFileSpool } from './fileSpool.ts';
import { idbChunks } from './idbChunks.ts';
import { idbConversations } from './idbConversations.ts';
import { idbDerived } from './idbDerived.ts';
import { idbDocuments } from './idbDocuments.ts';
import { idbEvaluations, idbSuites } from './idbEvaluations.ts';
import { idbEvents } from './idbEvents.ts';
import { idbLog } from './idbLog.ts';
import { idbModelfiles } from './idbModelfiles.ts';
import { idbModels } from './idbModels.ts';
import { idbRestore } from './idbRestore.ts';
import { idbResults } from './idbResults.ts';
import { idbSettings } from './idbSettings.ts';
import { idbTrust } from './idbTrust.ts';

export interface IdbStoreOptions {
  readonly name?: string;
  /** An older version of the app in another tab keeps the database; opening goes on when that tab is closed or reloaded. */
  readonly onBlocked?: () => void;
  /** The database was given up to a newer version of the app in another tab, or to an erasure: the page must be reloaded. */
  readonly onClosed?: (why: ClosedBy) => void;
}

const DATABASE_NAME = 'sill';

/**
 * Everything kept on the device, in IndexedDB. A connection that the browser dropped is opened again on the next use.
 * @throws SillError `storage_unavailable` where the browser stores nothing (private mode, refused) | `app_outdated` (newer schema) | `quota_exceeded`
 */
export async function openIdbStore(options: IdbStoreOptions = {}): Promise<Store> {
  const connection = connect({ ...options, name: options.name ?? DATABASE_NAME });
  await connection.open();
  return {
    chunks: idbChunks(connection, createFileSpool()),
    models: idbModels(connection),
    documents: idbDocuments(connection),
    settings: idbSettings(connection),
    events: idbEvents(connection),
    log: idbLog(connection),
    results: idbResults(connection),
    derived: idbDerived(connection),
    conversations: idbConversations(connection),
    modelfiles: idbModelfiles(connection),
    evaluations: idbEvaluations(connection),
    suites: idbSuites(connection),
    trust: idbTrust(connection),
    restore: idbRestore(connection),
    trustOf: (url) => idbTrust(connection, url),
    close: () => connection.close(),
    async erase() {
      await clearSpool();
      await connection.erase();
    },
  };
}
