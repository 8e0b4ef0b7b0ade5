import { type Derived, outdone } from '../core/derived.ts';
import { type DeviceEvent, MAX_EVENTS } from '../core/deviceEvent.ts';
import type { Digest, ModelId, RevisionId } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import type { LogEvent } from '../core/log.ts';
import type { Manifest } from '../core/manifest.ts';
import { assertDerivable, assertRemovable, type DerivedModel } from '../core/modelfile/derivedModel.ts';
import {
  applyChange,
  type HistoryEntry,
  heldRevisions,
  MAX_HISTORY,
  type Quarantined,
  type Slots,
  type Transition,
} from '../core/slots.ts';
import type { Proof } from '../core/trust.ts';
import type { TrustStore } from '../ports/delivery.ts';
import type {
  ChunkStore,
  DerivedStore,
  DocumentStore,
  EventStore,
  LogStore,
  ModelfileStore,
  ModelStore,
  Passage,
  ResultStore,
  SettingsStore,
  Store,
  StoredDocument,
} from '../ports/store.ts';
import {
  assertPending,
  damaged,
  heldBy,
  installed,
  isCommitted,
  isHeld,
  leaseAfter,
  leaseOf,
  neededBy,
  notedLease,
  notInstalled,
  removalOf,
} from './installation.ts';
import { memoryConversations } from './memoryConversations.ts';
import { memoryEvaluations, memorySuites } from './memoryEvaluations.ts';
import { memoryTrust } from './memoryTrust.ts';
import type { Lease } from './schema.ts';

/** The store without a disk: for tests, and where a browser refuses storage. Holds and hands out copies, as a database does. */
export function createMemoryStore(): Store {
  const chunks = new Map<Digest, Blob>();
  const documents = memoryDocuments();
  const settings = memorySettings();
  const suites = memorySuites();
  const others = new Map<string, TrustStore>();
  const derived = new Map<string, { about: Derived; data: Blob }>();
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

const memoryChunks = (chunks: Map<Digest, Blob>): ChunkStore => ({
  async put(digest, data) {
    if (!chunks.has(digest)) chunks.set(digest, data);
  },
  async get(digest) {
    return chunks.get(digest);
  },
  async getMany(digests) {
    return digests.map((digest) => chunks.get(digest));
  },
  async missing(digests) {
    return [...new Set(digests)].filter((digest) => !chunks.has(digest));
  },
  async delete(digests) {
    for (const digest of digests) chunks.delete(digest);
  },
  async list() {
    return [...chunks].map(([digest, data]) => ({ digest, sizeBytes: data.size }));
  },
});

const memoryDerived = (kept: Map<string, { about: Derived; data: Blob }>, models: Pick<ModelStore, 'allSlots'>): DerivedStore => ({
  async get(key) {
    return kept.get(key);
  },
  async put(about, data, maxBytes) {
    if (!(await models.allSlots()).flatMap(heldRevisions).some(({ revision }) => revision === about.source)) return;
    for (const key of outdone(
      [...kept.values()].map((row) => row.about),
      about,
      maxBytes,
    ))
      kept.delete(key);
    kept.set(about.key, { about: structuredClone(about), data });
  },
  async touch(key, atMs) {
    const row = kept.get(key);
    if (row) kept.set(key, { ...row, about: { ...row.about, usedAtMs: atMs } });
  },
  async list() {
    return structuredClone([...kept.values()].map((row) => row.about));
  },
  async delete(key) {
    kept.delete(key);
  },
});

const memoryModelfiles = (kept: Map<ModelId, DerivedModel>, models: Pick<ModelStore, 'allSlots' | 'journal'>): ModelfileStore => ({
  async get(id) {
    return structuredClone(kept.get(id));
  },
  async list() {
    return structuredClone([...kept.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  },
  async put(model) {
    const [slots, journal] = [await models.allSlots(), await models.journal()];
    const installed = new Set<ModelId>([...slots.filter(isHeld), ...journal].map(({ modelId }) => modelId));
    assertDerivable(model, { derived: [...kept.values()], isInstalled: (id) => installed.has(id) });
    kept.set(model.id, structuredClone(model));
  },
  async delete(id) {
    assertRemovable(id, [...kept.values()]);
    return kept.delete(id);
  },
});

function memoryModels(chunks: Map<Digest, Blob>, derived: Map<string, { about: Derived; data: Blob }>): ModelStore {
  const manifests = new Map<RevisionId, Manifest>();
  const slots = new Map<ModelId, Slots>();
  const proofs = new Map<RevisionId, Proof>();
  const journal = new Map<RevisionId, JournalEntry>();
  const leases = new Map<RevisionId, Lease>();
  const quarantine = new Map<RevisionId, Quarantined>();
  let history: HistoryEntry[] = [];
  const remember = (modelId: ModelId, lines: readonly HistoryEntry[]) => {
    history.push(...structuredClone(lines));
    const kept = new Set(history.filter((line) => line.modelId === modelId).slice(-MAX_HISTORY));
    history = history.filter((line) => line.modelId !== modelId || kept.has(line));
  };
  const keep = (next: Transition): Slots => {
    slots.set(next.slots.modelId, structuredClone(next.slots));
    remember(next.slots.modelId, next.history);
    if (next.quarantined) quarantine.set(next.quarantined.revision, structuredClone(next.quarantined));
    return structuredClone(next.slots);
  };
  const drop = (revision: RevisionId) => {
    leases.delete(revision);
    return journal.delete(revision);
  };
  return {
    async manifest(revision) {
      return structuredClone(manifests.get(revision));
    },
    async slots(modelId) {
      return structuredClone(slots.get(modelId));
    },
    async allSlots() {
      return structuredClone([...slots.values()]);
    },
    async proof(revision) {
      return structuredClone(proofs.get(revision));
    },
    async beginInstall(entry, manifest, proof) {
      if (proof) proofs.set(entry.revision, structuredClone(proof));
      leases.set(entry.revision, leaseOf(entry, manifest));
      manifests.set(entry.revision, structuredClone(manifest));
      journal.set(entry.revision, structuredClone(entry));
    },
    async beginAdoption(entry) {
      leases.set(entry.revision, notedLease(entry));
      journal.set(entry.revision, structuredClone(entry));
    },
    async journal() {
      return structuredClone([...journal.values()]);
    },
    async updateJournal(revision, change) {
      const entry = journal.get(revision);
      if (!entry) return undefined;
      const changed = change(structuredClone(entry));
      const lease = leaseAfter(changed, leases.get(revision));
      if (lease) leases.set(revision, lease);
      journal.set(revision, structuredClone(changed));
      return changed;
    },
    async commitInstall(begun, installedAtMs, role = 'active', became, form) {
      const entry = { ...begun, revision: became?.revision ?? begun.revision };
      const current = slots.get(entry.modelId);
      const pending = journal.get(begun.revision);
      if (current && isCommitted(current, entry, role)) {
        if (pending?.variant === entry.variant) drop(begun.revision);
        return structuredClone(current);
      }
      assertPending(pending, entry);
      const manifest = became?.manifest ?? manifests.get(entry.revision);
      if (!manifest) throw damaged(entry, []);
      const missing = neededBy(manifest, entry, form).filter((digest) => !chunks.has(digest));
      if (missing.length > 0) throw damaged(entry, missing);
      const next = keep(installed(current, entry, manifest, installedAtMs, role));
      if (became) manifests.set(entry.revision, structuredClone(manifest));
      if (form) derived.set(form.about.key, { about: structuredClone(form.about), data: form.data });
      drop(begun.revision);
      return next;
    },
    async change(modelId, change) {
      const current = slots.get(modelId);
      if (!current) throw notInstalled(modelId);
      return keep(applyChange(current, change));
    },
    async history(modelId) {
      return structuredClone(history.filter((line) => line.modelId === modelId));
    },
    async quarantined() {
      return structuredClone([...quarantine.values()]);
    },
    async abandonInstall(revision) {
      drop(revision);
    },
    async remove(modelId, atMs) {
      const current = slots.get(modelId);
      const unfinished = [...journal.values()].filter((entry) => entry.modelId === modelId);
      slots.delete(modelId);
      remember(modelId, removalOf(current, atMs));
      for (const { revision } of unfinished) drop(revision);
      return unfinished.length > 0 || (current !== undefined && heldRevisions(current).length > 0);
    },
    async collectGarbage() {
      const held = heldBy([...slots.values()], [...leases.values()], manifests);
      for (const revision of manifests.keys()) {
        if (held.revisions.has(revision)) continue;
        manifests.delete(revision);
        proofs.delete(revision);
      }
      for (const [key, { about }] of derived) if (!held.revisions.has(about.source)) derived.delete(key);
      const forms = new Set([...derived.values()].flatMap(({ about }) => about.chunks ?? []));
      const garbage = [...chunks].filter(([digest]) => !held.digests.has(digest) && !forms.has(digest));
      for (const [digest] of garbage) chunks.delete(digest);
      return { freedBytes: garbage.reduce((sum, [, data]) => sum + data.size, 0), deletedChunks: garbage.length };
    },
  };
}

function memoryDocuments(): DocumentStore {
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

function memorySettings(): SettingsStore {
  const settings = new Map<string, unknown>();
  return {
    async get(key) {
      return structuredClone(settings.get(key));
    },
    async set(key, value) {
      settings.set(key, structuredClone(value));
    },
    async delete(key) {
      settings.delete(key);
    },
  };
}

function memoryEvents(): EventStore {
  let events: DeviceEvent[] = [];
  return {
    async add(event) {
      events = [...events, structuredClone(event)].slice(-MAX_EVENTS);
    },
    async list() {
      return structuredClone(events);
    },
  };
}

function memoryLog(): LogStore {
  let events: LogEvent[] = [];
  let lastId = 0;
  return {
    async add(lines, { maxLines, sinceMs }) {
      const added = structuredClone(lines).map((line) => {
        lastId += 1;
        return { ...line, id: lastId };
      });
      events = [...events, ...added].slice(-maxLines);
      while (events[0] && events[0].atMs < sinceMs) events.shift();
    },
    async list(after = 0) {
      return { events: structuredClone(events.filter(({ id }) => id > after)), count: events.length };
    },
    async clear() {
      events = [];
    },
  };
}

function memoryResults(): ResultStore {
  const results = new Map<string, unknown>();
  return {
    async put(given) {
      for (const result of given) results.set(result.id, structuredClone(result));
    },
    async list() {
      return structuredClone([...results.values()]);
    },
    async delete(ids) {
      return ids.filter((id) => results.delete(id)).length;
    },
  };
}
