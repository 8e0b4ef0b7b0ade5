import type { DocumentStore, Passage, StoredDocument } from '../ports/store.ts';

export function memoryDocuments(): DocumentStore {
  const documents = new Map<string, { document: StoredDocument; passages: Passage[] }>();
  return {
    async put(document, passages) {
      documents.set(document.id, structuredClone({ document, passages: passages.map((p) => ({ ...p, vector: p.vector.slice() })) }));
    },
    async list() {
      return structuredClone([...documents.values()].map((kept) => kept.document));
    },
    async passages() {
      return structuredClone([...documents.values()].flatMap((kept) => kept.passages));
    },
    async delete(id) {
      return documents.delete(id);
    },
  };
}
