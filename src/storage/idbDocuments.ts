import type { DocumentStore, Passage, StoredDocument } from '../ports/store.ts';
import type { Connection, Writing } from './connection.ts';

/** Document and passages, in place of a document of the same id. */
export async function putDocument(tx: Writing, document: StoredDocument, passages: readonly Passage[]): Promise<void> {
  const store = tx.objectStore('passages');
  await store.delete(passagesOf(document.id));
  // A row of a matrix is a view: cloned as it is, each would carry the whole matrix into the database.
  await Promise.all(passages.map((passage) => store.put({ ...passage, vector: passage.vector.slice() })));
  await tx.objectStore('documents').put(document);
}

/** Every passage of a document: keys are [document, index], and an array sorts after every number. */
const passagesOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

export const idbDocuments = (connection: Connection): DocumentStore => ({
  put: (document, passages) => connection.run('readwrite', ['documents', 'passages'], (tx) => putDocument(tx, document, passages)),
  list: () => connection.run('readonly', ['documents'], (tx) => tx.objectStore('documents').getAll()),
  passages: () => connection.run('readonly', ['passages'], (tx) => tx.objectStore('passages').getAll()),
  delete: (id) =>
    connection.run('readwrite', ['documents', 'passages'], async (tx) => {
      const documents = tx.objectStore('documents');
      const existed = (await documents.getKey(id)) !== undefined;
      await documents.delete(id);
      await tx.objectStore('passages').delete(passagesOf(id));
      return existed;
    }),
});
