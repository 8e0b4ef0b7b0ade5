import type { ModelId, RevisionId } from '../core/ids.ts';
import type { Manifest } from '../core/manifest.ts';
import { applyChange, type HistoryEntry, MAX_HISTORY, type Transition } from '../core/slots.ts';
import type { ModelStore } from '../ports/store.ts';
import { storing } from './blobs.ts';
import type { Connection, Writing } from './connection.ts';
import { dropDerived } from './idbDerived.ts';
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
import { isFull } from './storageError.ts';

/** @param owed lines of stories for which there was no room */
export const idbModels = (connection: Connection, owed: Array<readonly HistoryEntry[]> = []): ModelStore => ({
  manifest: (revision) => connection.run('readonly', ['manifests'], (tx) => tx.objectStore('manifests').get(revision)),
  slots: (modelId) => connection.run('readonly', ['slots'], (tx) => tx.objectStore('slots').get(modelId)),
  allSlots: () => connection.run('readonly', ['slots'], (tx) => tx.objectStore('slots').getAll()),

  proof: (revision) => connection.run('readonly', ['proofs'], (tx) => tx.objectStore('proofs').get(revision)),
  beginInstall: (entry, manifest, proof) =>
    connection.run('readwrite', ['journal', 'manifests', 'leases', 'proofs'], async (tx) => {
      await tx.objectStore('leases').put(leaseOf(entry, manifest));
      await tx.objectStore('manifests').put(manifest, entry.revision);
      if (proof) await tx.objectStore('proofs').put(proof, entry.revision);
      await tx.objectStore('journal').put(entry);
    }),
  journal: () => connection.run('readonly', ['journal'], (tx) => tx.objectStore('journal').getAll()),
  beginAdoption: (entry) =>
    connection.run('readwrite', ['journal', 'leases'], async (tx) => {
      await tx.objectStore('leases').put(notedLease(entry));
      await tx.objectStore('journal').put(entry);
    }),
  updateJournal: (revision, change) =>
    connection.run('readwrite', ['journal', 'leases'], async (tx) => {
      const journal = tx.objectStore('journal');
      const entry = await journal.get(revision);
      if (!entry) return undefined;
      const noted = entry.making;
      const changed = change(entry);
      const leases = tx.objectStore('leases');
      const lease = leaseAfter(changed, await leases.get(revision), noted);
      if (lease) await leases.put(lease);
      await journal.put(changed);
      return changed;
    }),
  commitInstall: (begun, installedAtMs, role = 'active', became, form) =>
    storing(connection, form ? [form.data] : [], ([data]) =>
      connection.run('readwrite', ['slots', 'journal', 'leases', 'manifests', 'chunks', 'history', 'quarantine', 'derived'], async (tx) => {
        const entry = entryOf(begun, became);
        const current = await tx.objectStore('slots').get(entry.modelId);
        const pending = await tx.objectStore('journal').get(begun.revision);
        const end = async () => {
          await tx.objectStore('journal').delete(begun.revision);
          await tx.objectStore('leases').delete(begun.revision);
        };
        if (current && isCommitted(current, entry, role)) {
          if (pending?.variant === entry.variant) await end();
          return current;
        }
        assertPending(pending, entry);
        const manifest = became?.manifest ?? (await tx.objectStore('manifests').get(entry.revision));
        if (!manifest) throw damaged(entry, []);
        const chunks = tx.objectStore('chunks');
        const needed = neededBy(manifest, entry, form);
        const found = await Promise.all(needed.map((digest) => chunks.getKey(digest)));
        const missing = needed.filter((_, i) => found[i] === undefined);
        if (missing.length > 0) throw damaged(entry, missing);
        const next = installed(current, entry, manifest, installedAtMs, role);
        if (became) await tx.objectStore('manifests').put(manifest, entry.revision);
        if (form) await tx.objectStore('derived').put({ ...form, data: data ?? form.data }, form.about.key);
        await keep(tx, next);
        await end();
        return next.slots;
      }),
    ),
  change: (modelId, change) =>
    connection.run('readwrite', ['slots', 'history', 'quarantine'], async (tx) => {
      const slots = await tx.objectStore('slots').get(modelId);
      if (!slots) throw notInstalled(modelId);
      const next = applyChange(slots, change);
      await keep(tx, next);
      return next.slots;
    }),
  history: (modelId) => connection.run('readonly', ['history'], (tx) => tx.objectStore('history').index('byModel').getAll(modelId)),
  quarantined: () => connection.run('readonly', ['quarantine'], (tx) => tx.objectStore('quarantine').getAll()),
  abandonInstall: (revision) =>
    connection.run('readwrite', ['journal', 'leases'], async (tx) => {
      await tx.objectStore('journal').delete(revision);
      await tx.objectStore('leases').delete(revision);
    }),
  remove: async (modelId: ModelId, atMs) => {
    const { wasThere } = await removed(connection, modelId, atMs, true).catch(async (reason: unknown) => {
      if (!isFull(reason)) throw reason;
      // On a full disk browsers let a transaction delete and not add: the line of the story has to wait for the room that this makes.
      const without = await removed(connection, modelId, atMs, false);
      owed.push(without.story);
      return without;
    });
    return wasThere;
  },
  collectGarbage: async () => {
    const freed = await collected(connection);
    if (freed.deletedChunks > 0) connection.freed();
    for (const said of owed.splice(0)) {
      const [line] = said;
      // Still no room: a line less in the story, and nothing else.
      if (line) await connection.run('readwrite', ['history'], (tx) => remember(tx, line.modelId, said)).catch(() => undefined);
    }
    return freed;
  },
});

const removed = (connection: Connection, modelId: ModelId, atMs: number, remembers: boolean) =>
  connection.run('readwrite', ['slots', 'journal', 'leases', 'history'], async (tx) => {
    const slots = await tx.objectStore('slots').get(modelId);
    const unfinished = (await tx.objectStore('journal').getAll()).filter((entry) => entry.modelId === modelId);
    const story = removalOf(slots, atMs);
    await tx.objectStore('slots').delete(modelId);
    if (remembers) await remember(tx, modelId, story);
    for (const { revision } of unfinished) {
      await tx.objectStore('journal').delete(revision);
      await tx.objectStore('leases').delete(revision);
    }
    return { wasThere: unfinished.length > 0 || isHeld(slots), story };
  });

const collected = (connection: Connection) =>
  connection.run('readwrite', ['slots', 'leases', 'manifests', 'proofs', 'chunks', 'derived'], async (tx) => {
    const manifestStore = tx.objectStore('manifests');
    const [revisions, stored] = await Promise.all([manifestStore.getAllKeys(), manifestStore.getAll()]);
    const manifests = new Map<RevisionId, Manifest>();
    for (const [i, revision] of revisions.entries()) {
      const manifest = stored[i];
      if (manifest) manifests.set(revision, manifest);
    }
    const held = heldBy(await tx.objectStore('slots').getAll(), await tx.objectStore('leases').getAll(), manifests);
    for (const revision of revisions) {
      if (held.revisions.has(revision)) continue;
      await manifestStore.delete(revision);
      await tx.objectStore('proofs').delete(revision);
    }
    const forms = await dropDerived(tx, held.revisions);
    const digests = new Set([...held.digests, ...forms]);

    const chunks = tx.objectStore('chunks');
    let freedBytes = 0;
    let deletedChunks = 0;
    let cursor = await chunks.index('bySize').openKeyCursor();
    while (cursor) {
      if (!digests.has(cursor.primaryKey)) {
        await chunks.delete(cursor.primaryKey);
        freedBytes += cursor.key;
        deletedChunks += 1;
      }
      cursor = await cursor.continue();
    }
    return { freedBytes, deletedChunks };
  });

/** Everything that a decision says, in the transaction in which it was made. */
async function keep(tx: Writing, { slots, history, quarantined }: Transition): Promise<void> {
  await tx.objectStore('slots').put(slots);
  await remember(tx, slots.modelId, history);
  if (quarantined) await tx.objectStore('quarantine').put(quarantined);
}

/** Adds to a model's story and forgets its oldest lines. */
async function remember(tx: Writing, modelId: ModelId, lines: readonly HistoryEntry[]): Promise<void> {
  const history = tx.objectStore('history');
  for (const line of lines) await history.add(line);
  const keys = await history.index('byModel').getAllKeys(modelId);
  for (const key of keys.slice(0, -MAX_HISTORY)) await history.delete(key);
}
