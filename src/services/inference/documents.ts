import { SillError } from '../../core/errors.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import { splitPassages } from '../../core/passages.ts';
import { dot, topBy } from '../../core/similarity.ts';
import type { Random } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Passage, Store, StoredDocument } from '../../ports/store.ts';
import type { DocumentSummary, SearchHit } from '../../protocol/engineReports.ts';
import type { Hub } from '../hub.ts';
import type { Inference, InferenceCall } from './inference.ts';

/** Small enough that cancelling and progress feel immediate on a slow device. */
const EMBED_BATCH = 8;
/** A book; beyond it, embedding takes hours on the devices this is for. */
const MAX_TEXT_CHARS = 5_000_000;

export interface Documents {
  list(model: ModelId): Promise<DocumentSummary[]>;
  /** Splits, embeds and stores. Nothing is stored when it is cancelled. @throws SillError `empty_input` | `invalid_request` | what inference throws */
  add(
    request: { readonly model: ModelId; readonly name: string; readonly text: string },
    call: {
      readonly signal: AbortSignal;
      readonly client?: string | undefined;
      readonly onProgress: (donePassages: number, totalPassages: number) => Promise<void>;
    },
  ): Promise<DocumentSummary>;
  remove(id: string): Promise<boolean>;
  /** Passages nearest in meaning, best first. Those embedded by another model or revision cannot be compared and are left out. */
  search(request: { readonly model: ModelId; readonly query: string; readonly top: number }, call: InferenceCall): Promise<SearchHit[]>;
}

export interface DocumentsDeps {
  readonly store: Store;
  readonly inference: Inference;
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: Hub;
}

export function createDocuments({ store, inference, clock, random, hub }: DocumentsDeps): Documents {
  const currentRevision = async (model: ModelId) => (await store.models.slots(model))?.active?.revision;
  const embeddedBy = (document: StoredDocument, modelId: ModelId, revision: RevisionId | undefined) =>
    document.embeddedBy.modelId === modelId && document.embeddedBy.revision === revision;

  return {
    async list(model) {
      const revision = await currentRevision(model);
      const documents = await store.documents.list();
      return documents.map((document) => summaryOf(document, !embeddedBy(document, model, revision)));
    },

    async add({ model, name, text }, { signal, client, onProgress }) {
      if (text.length > MAX_TEXT_CHARS) {
        throw new SillError(
          'invalid_request',
          `${name} is too long: ${text.length} characters, of at most ${MAX_TEXT_CHARS}. Split it into several files.`,
        );
      }
      const texts = splitPassages(text);
      if (texts.length === 0) throw new SillError('empty_input', `${name} holds no text.`, { details: { name } });
      const id = random.uuid();
      const passages: Passage[] = [];
      let revision: RevisionId | undefined;
      await onProgress(0, texts.length);
      for (let from = 0; from < texts.length; from += EMBED_BATCH) {
        const batch = texts.slice(from, from + EMBED_BATCH);
        const { vectors, dimensions, run } = await inference.embed(model, batch, { signal, client, priority: 'background' });
        if (revision !== undefined && revision !== run.revision) {
          throw new SillError('busy', `${model} was updated while ${name} was being read. Add it again.`);
        }
        revision = run.revision;
        for (const [i, passage] of batch.entries()) {
          const vector = vectors.slice(i * dimensions, (i + 1) * dimensions);
          passages.push({ documentId: id, index: from + i, text: passage, vector });
        }
        await onProgress(passages.length, texts.length);
      }
      if (revision === undefined) throw new SillError('internal', 'No passage was embedded.');
      const document: StoredDocument = {
        id,
        name,
        sizeBytes: new TextEncoder().encode(text).byteLength,
        addedAtMs: clock.now(),
        passages: passages.length,
        embeddedBy: { modelId: model, revision },
      };
      await store.documents.put(document, passages);
      hub.tell({ type: 'documents' });
      return summaryOf(document, false);
    },

    async remove(id) {
      const removed = await store.documents.delete(id);
      if (removed) hub.tell({ type: 'documents' });
      return removed;
    },

    async search({ model, query, top }, call) {
      if (query.trim() === '') throw new SillError('empty_input', 'Write what you are looking for.');
      const { vectors, run } = await inference.embed(model, [query], call);
      const comparable = new Map(
        (await store.documents.list())
          .filter((document) => embeddedBy(document, model, run.revision))
          .map((document) => [document.id, document]),
      );
      const passages = (await store.documents.passages()).filter((passage) => comparable.has(passage.documentId));
      return topBy(passages, top, (passage) => dot(vectors, passage.vector)).map(({ item, score }) => ({
        documentId: item.documentId,
        documentName: comparable.get(item.documentId)?.name ?? '',
        index: item.index,
        text: item.text,
        score,
      }));
    },
  };
}

const summaryOf = (document: StoredDocument, outdated: boolean): DocumentSummary => ({
  id: document.id,
  name: document.name,
  sizeBytes: document.sizeBytes,
  passages: document.passages,
  addedAtMs: document.addedAtMs,
  outdated,
});
