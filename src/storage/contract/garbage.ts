import { A, B, blobOf, C, entryOf, install, LARGE, MODEL, manifestWith, REVISION_1, REVISION_2 } from './samples.ts';
import type { Suite } from './suite.ts';

/** What is freed, and what never is. */
export function garbageContract({ test, equal }: Suite): void {
  test('garbage collection takes nothing that is installed or being installed', async (store) => {
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await store.models.beginInstall(entryOf(REVISION_2, LARGE), manifestWith(B));
    await store.chunks.put(C, blobOf(3));
    equal(await store.models.collectGarbage(), { freedBytes: 0, deletedChunks: 0 });
    equal(await store.chunks.missing([A, B, C]), []);
  });
  test('garbage collection frees what an abandoned install left and spares what an installed model shares with it', async (store) => {
    const { models, chunks } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await models.beginInstall(entryOf(REVISION_2, LARGE), manifestWith(B));
    await chunks.put(C, blobOf(3));
    await models.abandonInstall(REVISION_2);
    equal(await models.collectGarbage(), { freedBytes: 3, deletedChunks: 1 });
    equal(await chunks.missing([A, B, C]), [C]);
    equal(await models.manifest(REVISION_2), undefined);
    equal((await models.manifest(REVISION_1))?.id, MODEL);
  });
  test('garbage collection keeps the previous revision and frees everything after removal', async (store) => {
    const { models, chunks } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await install(store, entryOf(REVISION_2), manifestWith(C), [A, C]);
    equal(await models.collectGarbage(), { freedBytes: 0, deletedChunks: 0 });
    await models.remove(MODEL, 20);
    equal(await models.collectGarbage(), { freedBytes: 6, deletedChunks: 3 });
    equal(await chunks.list(), []);
    equal(await models.manifest(REVISION_1), undefined);
  });
}
