import type { Store } from '../ports/store.ts';
import type { Connection } from './connection.ts';
import { restoreConversations } from './idbConversations.ts';
import { putDocument } from './idbDocuments.ts';
import { putModelfile } from './idbModelfiles.ts';

export const idbRestore =
  (connection: Connection): Store['restore'] =>
  ({ documents, settings, modelfiles, suites = [], conversations }) =>
    connection.run('readwrite', ['documents', 'passages', 'settings', 'modelfiles', 'suites', 'conversations', 'messages'], async (tx) => {
      for (const { document, passages } of documents) await putDocument(tx, document, passages);
      for (const { key, value } of settings) await tx.objectStore('settings').put(value, key);
      for (const model of modelfiles) await putModelfile(tx, model);
      for (const suite of suites) await tx.objectStore('suites').put(suite);
      return { conversations: conversations === undefined || (await restoreConversations(tx, conversations)) };
    });
