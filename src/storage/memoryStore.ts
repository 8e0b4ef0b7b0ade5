import type { Digest, ModelId } from '../core/ids.ts';
import type { DerivedModel } from '../core/modelfile/derivedModel.ts';
import type { TrustStore } from '../ports/delivery.ts';
import type { KeptForm, Store } from '../ports/store.ts';
import { memoryChunks } from './memoryChunks.ts';
import { memoryConversations } from './memoryConversations.ts';
import { memoryDerived } from './memoryDerived.ts';
import { memoryDocuments } from './memoryDocuments.ts';
import { memoryEvaluations, memorySuites } from './memoryEvaluations.ts';
import { memoryEvents } from './memoryEvents.ts';
import { memoryLog } from './memoryLog.ts';
import { memoryModelfiles } from './memoryModelfiles.ts';
import { memoryModels } from './memoryModels.ts';
import { memoryResults } from './memoryResults.ts';
import { memorySettings } from './memorySettings.ts';
import { memoryTrust } from './memoryTrust.ts';

/** The store without a disk, for tests: the services run over it as over the database, and the same contract holds it. Hands out copies, as a database does. */
export function createMemoryStore(): Store {
  const chunks = new Map<Digest, Blob>();
  const documents = memoryDocuments();
  const settings = memorySettings();
  const suites = memorySuites();
  const others = new Map<string, TrustStore>();
  const derived = new Map<string, KeptForm>();
  const models = memoryModels(chunks, derived);
  const modelfiles = new Map<ModelId, DerivedModel>();
  const { restore: restoreConversations, ...conversations } = memoryConversations();
  return {
    chunks: memoryChunks(chunks),
    models,
    derived: memoryDerived(derived, models),
    modelfiles: memoryModelfiles(modelfiles, models),
    evaluations: memoryEvaluations(),
    suites,
    documents,
    settings,
    events: memoryEvents(),
    log: memoryLog(),
    results: memoryResults(),
    conversations,
    trust: memoryTrust(),
    async restore(data) {
      for (const { document, passages } of data.documents) await documents.put(document, passages);
      for (const { key, value } of data.settings) await settings.set(key, value);
      for (const model of data.modelfiles) modelfiles.set(model.id, structuredClone(model));
      for (const suite of data.suites ?? []) await suites.put(suite);
      return { conversations: data.conversations === undefined || restoreConversations(data.conversations) };
    },
    trustOf(url) {
      const trust = others.get(url) ?? memoryTrust();
      others.set(url, trust);
      return trust;
    },
    close() {},
    async erase() {
      chunks.clear();
    },
  };
}
