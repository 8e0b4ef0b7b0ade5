import type { Digest } from '../../core/ids.ts';
import type { ImportEntry } from '../../core/journal.ts';
import { A, adoptionOf, B, blobOf, C, DESCRIPTION, entryOf, MODEL, manifestWith, REVISION_1, REVISION_2 } from './samples.ts';
import { codeOf, type Suite } from './suite.ts';

/** How that ends of which no manifest was there when it began. */
export function adoptionsContract({ test, equal }: Suite): void {
  test('what an adoption notes outlives a garbage collection, until it is given up or begun anew', async ({ chunks, models }) => {
    for (const digest of [A, B]) await chunks.put(digest, blobOf(1));
    await models.beginAdoption(adoptionOf([A]));
    equal(await models.collectGarbage(), { freedBytes: 1, deletedChunks: 1 });
    await models.updateJournal(REVISION_1, () => adoptionOf([A, B]));
    await chunks.put(B, blobOf(1));
    equal(await models.collectGarbage(), { freedBytes: 0, deletedChunks: 0 });
    await models.updateJournal(REVISION_1, () => ({ ...adoptionOf([B]), state: 'paused' }));
    equal(await models.collectGarbage(), { freedBytes: 1, deletedChunks: 1 });
    equal(
      (await models.journal()).map(({ state }) => state),
      ['paused'],
    );
    await models.abandonInstall(REVISION_1);
    equal(await models.collectGarbage(), { freedBytes: 1, deletedChunks: 1 });
  });
  test('an adoption ends as the revision that it turned out to be', async ({ chunks, models }) => {
    const became = { revision: REVISION_2, manifest: manifestWith(B) };
    await models.beginAdoption(adoptionOf([B]));
    await chunks.put(B, blobOf(2));
    equal(await codeOf(models.commitInstall(adoptionOf([B]), 10, 'active', became)), 'installation_damaged');
    equal([await models.slots(MODEL), await models.manifest(REVISION_2), (await models.journal()).length], [undefined, undefined, 1]);
    await chunks.put(A, blobOf(1));
    equal((await models.commitInstall(adoptionOf([B]), 10, 'active', became)).active?.revision, REVISION_2);
    equal((await models.manifest(REVISION_2))?.id, MODEL);
    equal(await models.journal(), []);
    equal(await models.collectGarbage(), { freedBytes: 0, deletedChunks: 0 });
    // As another tab would that had been told of it too late.
    equal((await models.commitInstall(adoptionOf([B]), 11, 'active', became)).active?.installedAtMs, 10);
  });
  test('an adoption that was cancelled does not end as a model', async ({ chunks, models }) => {
    for (const digest of [A, B]) await chunks.put(digest, blobOf(1));
    await models.beginAdoption(adoptionOf([A]));
    await models.abandonInstall(REVISION_1);
    const became = { revision: REVISION_2, manifest: manifestWith(B) };
    equal(await codeOf(models.commitInstall(adoptionOf([A]), 10, 'active', became)), 'aborted');
    equal([await models.slots(MODEL), await models.manifest(REVISION_2)], [undefined, undefined]);
  });
  test('what is made of a file is spared while it is made, and no longer', async ({ chunks, models }) => {
    const noting = (digests: readonly Digest[]): ImportEntry => ({
      ...entryOf(),
      by: 'import',
      importing: { source: { kind: 'url', url: 'https://example.org/tiny.gguf' }, description: DESCRIPTION, fingerprint: 'f' },
      making: { recipe: 'r', files: [{ path: 'int8.onnx', sizeBytes: 3, chunks: digests.map((digest) => ({ digest, sizeBytes: 1 })) }] },
    });
    for (const digest of [A, B, C]) await chunks.put(digest, blobOf(1));
    await models.beginAdoption(noting([A]));
    await models.updateJournal(REVISION_1, () => noting([A, B]));
    equal((await models.collectGarbage()).deletedChunks, 1);
    equal(await chunks.missing([A, B, C]), [C]);
    await models.abandonInstall(REVISION_1);
    equal((await models.collectGarbage()).deletedChunks, 2);
  });
}
