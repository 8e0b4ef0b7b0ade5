import type { Store } from '../ports/store.ts';
import type { Connection } from './connection.ts';
import { putDocument } from './idbDocuments.ts';
import { putModelfile } from './idbModelfiles.ts';

export const idbRestore =
  (connection: Connection): Store['restore'] =>
  ({ documents, settings, modelfiles, suites = [] }) =>
    connection.run('readwrite', ['documents', 'passages', 'settings', 'modelfiles', 'suites'], async (tx) => {
      for (const { document, passages } of documents) await putDocument(tx, document, passages);
      for (const { key, value } of settings) await tx.objectStore('settings').put(value, key);
      for (const model of modelfiles) await putModelfile(tx, model);
      for (const suite of suites) await tx.objectStore('suites').put(suite);
    });
