import { describe, expect, test } from 'vitest';
import { parseModelId, parseRevisionId } from '../core/ids.ts';
import { A, adoptionOf, B, C, derivedModel, entryOf, manifestWith } from './contract/samples.ts';
import { openIdbStore } from './idbStore.ts';
import { MIGRATIONS } from './schema.ts';
import { becomeVersion } from './testing/becomeVersion.ts';

const MODEL = parseModelId('acme/tiny');
const HUB = parseRevisionId(`sha256:${'8'.repeat(64)}`);
const OTHER = parseRevisionId(`sha256:${'9'.repeat(64)}`);
const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);

/** An installed model, a paused download, a document and a setting, as a person's database holds them. */
async function fill(name: string, { adopting = false } = {}): Promise<void> {
  const store = await openIdbStore({ name });
  await store.models.beginInstall(entryOf(), manifestWith(B));
  await store.chunks.put(A, new Blob([BYTES]));
  await store.chunks.put(B, new Blob(['bb']));
  await store.models.commitInstall(entryOf(), 10);
  await store.models.beginInstall({ ...entryOf(OTHER), state: 'paused' }, manifestWith(B));
  await store.documents.put(
    { id: 'd', name: 'd.txt', sizeBytes: 3, addedAtMs: 1, passages: 1, embeddedBy: { modelId: MODEL, revision: OTHER } },
    [{ documentId: 'd', index: 0, text: 'abc', vector: Float32Array.of(1, 0) }],
  );
  await store.settings.set('device-id', 'kept');
  const result = { id: 'r', figures: [1] };
  await store.results.put([result]);
  store.close();
  if (adopting) await beginAdopting(name);
}

/** A first download from a hub, as it was kept before it was an entry of the queue. */
async function beginAdopting(name: string): Promise<void> {
  const store = await openIdbStore({ name });
  await store.settings.set('adopting-model', { id: 'hf:acme/tiny', lease: HUB, files: [] });
  await store.chunks.put(C, new Blob(['ccc']));
  await store.models.beginAdoption({ ...adoptionOf([C]), revision: HUB });
  // In place of the entry there was that setting.
  const opening = indexedDB.open(name);
  const db = await new Promise<IDBDatabase>((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const tx = db.transaction('journal', 'readwrite');
  tx.objectStore('journal').delete(HUB);
  await new Promise((resolve) => {
    tx.oncomplete = resolve;
  });
  db.close();
  store.close();
}

describe('a database that an earlier version of the app left', () => {
  for (let version = 1; version < MIGRATIONS.length; version++) {
    test(`of version ${version} keeps its models, downloads, documents, settings and results`, async () => {
      const name = `sill-test-${crypto.randomUUID()}`;
      const adopting = version < 6;
      await fill(name, { adopting });
      await becomeVersion({ name, version, into: `${name}-old` });

      const store = await openIdbStore({ name: `${name}-old` });
      const active = (await store.models.slots(MODEL))?.active;
      expect(active?.installedAtMs).toBe(10);
      expect(active && (await store.models.manifest(active.revision))?.id).toBe(MODEL);
      const chunk = await store.chunks.get(A);
      expect(chunk && new Uint8Array(await chunk.arrayBuffer())).toEqual(BYTES);
      expect(await store.models.journal()).toMatchObject([{ revision: OTHER, state: 'paused', by: 'person', rank: 0 }]);
      expect((await store.documents.list()).map(({ id }) => id)).toEqual(['d']);
      expect([...((await store.documents.passages())[0]?.vector ?? [])]).toEqual([1, 0]);
      expect(await store.settings.get('device-id')).toBe('kept');
      expect(await store.results.list()).toEqual([{ id: 'r', figures: [1] }]);
      // It ends: what it held is garbage.
      expect(await store.settings.get('adopting-model')).toBeUndefined();
      expect(await store.models.collectGarbage()).toEqual(
        adopting ? { freedBytes: 3, deletedChunks: 1 } : { freedBytes: 0, deletedChunks: 0 },
      );
      // What came later works on it too.
      expect(await store.models.collectGarbage()).toEqual({ freedBytes: 0, deletedChunks: 0 });
      await store.models.change(MODEL, { type: 'pin', revision: active?.revision, atMs: 11 });
      expect((await store.models.history(MODEL)).at(-1)?.event).toBe('pinned');
      await store.modelfiles.put(derivedModel('mario', 'FROM acme/tiny'));
      expect((await store.modelfiles.list()).map(({ id }) => id)).toEqual(['mario']);
      store.close();
    });
  }

  test('of a later version is refused and not touched', async () => {
    const name = `sill-test-${crypto.randomUUID()}`;
    await fill(name);
    const opening = indexedDB.open(name, MIGRATIONS.length + 1);
    const later = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    later.close();
    await expect(openIdbStore({ name })).rejects.toMatchObject({ code: 'app_outdated' });
    const databases = await indexedDB.databases();
    expect(databases.find((each) => each.name === name)?.version).toBe(MIGRATIONS.length + 1);
  });
});
