import type { Digest, ModelId, RevisionId } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import { isOutdatedForm } from '../core/madeForm.ts';
import type { Manifest } from '../core/manifest.ts';
import { applyChange, type HistoryEntry, MAX_HISTORY, type Quarantined, type Slots, type Transition } from '../core/slots.ts';
import type { Proof } from '../core/trust.ts';
import type { KeptForm, ModelStore } from '../ports/store.ts';
import {
  assertPending,
  damaged,
  entryOf,
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
import type { Lease } from './schema.ts';

export function memoryModels(chunks: Map<Digest, Blob>, derived: Map<string, KeptForm>): ModelStore {
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
      const lease = leaseAfter(changed, leases.get(revision), entry.making);
      if (lease) leases.set(revision, lease);
      journal.set(revision, structuredClone(changed));
      return changed;
    },
    async commitInstall(begun, installedAtMs, role = 'active', became, form) {
      const entry = entryOf(begun, became);
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
      return unfinished.length > 0 || isHeld(current);
    },
    async collectGarbage() {
      const held = heldBy([...slots.values()], [...leases.values()], manifests);
      for (const revision of manifests.keys()) {
        if (held.revisions.has(revision)) continue;
        manifests.delete(revision);
        proofs.delete(revision);
      }
      for (const [key, { about }] of derived) if (!held.revisions.has(about.source) || isOutdatedForm(about)) derived.delete(key);
      const forms = new Set([...derived.values()].flatMap(({ about }) => about.chunks ?? []));
      const garbage = [...chunks].filter(([digest]) => !held.digests.has(digest) && !forms.has(digest));
      for (const [digest] of garbage) chunks.delete(digest);
      return { freedBytes: garbage.reduce((sum, [, data]) => sum + data.size, 0), deletedChunks: garbage.length };
    },
  };
}
