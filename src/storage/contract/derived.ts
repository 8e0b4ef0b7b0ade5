import type { Derived } from '../../core/derived.ts';
import { type Digest, parseVariantId } from '../../core/ids.ts';
import { formKey } from '../../core/madeForm.ts';
import { A, B, blobOf, bytesOf, C, digestOf, entryOf, install, MODEL, manifestWith, REVISION_1 } from './samples.ts';
import { codeOf, type Suite } from './suite.ts';

const D = digestOf('d');

const derivedOf = (key: string, usedAtMs: number): Derived => ({
  ...{ key, recipe: 'test', source: REVISION_1, result: A, sizeBytes: 4, usedAtMs },
});

/** What every store of things computed from revisions does. */
export function derivedContract({ test, equal }: Suite): void {
  test('what was computed from a revision is kept within a bound, latest use last, and goes with the revision', async (store) => {
    const { derived, models } = store;
    const keysOf = async () => (await derived.list()).map(({ key }) => key).sort();
    await derived.put(derivedOf('early', 1), blobOf(4), 12);
    equal(await keysOf(), []);
    await install(store, entryOf(), manifestWith(B), [A, B]);
    for (const [key, usedAtMs] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      await derived.put(derivedOf(key, usedAtMs), blobOf(4), 12);
    const row = await derived.get('b');
    equal(row?.about, derivedOf('b', 2));
    equal(await bytesOf(row?.data), [7, 7, 7, 7]);
    await derived.touch('a', 9);
    await derived.touch('none', 9);
    await derived.put(derivedOf('d', 4), blobOf(4), 12);
    equal(await keysOf(), ['a', 'c', 'd']);
    equal((await derived.get('a'))?.about.usedAtMs, 9);
    await derived.put(derivedOf('d', 5), blobOf(4), 12);
    await derived.delete('c');
    equal(await keysOf(), ['a', 'd']);
    await models.collectGarbage();
    equal(await keysOf(), ['a', 'd']);
    await models.remove(MODEL, 20);
    await models.collectGarbage();
    equal(await keysOf(), []);
  });
  test('a form that was made of a revision is held with it, whatever else is kept, and goes with it', async ({
    chunks,
    models,
    derived,
  }) => {
    const entry = entryOf();
    const form = { about: { ...derivedOf('form', 1), sizeBytes: 100, chunks: [C] }, data: blobOf(4) };
    await models.beginInstall(entry, manifestWith(B));
    await models.updateJournal(REVISION_1, (now) => ({
      ...now,
      making: { recipe: 'r', files: [{ path: 'made.onnx', sizeBytes: 1, chunks: [{ digest: C, sizeBytes: 1 }] }] },
    }));
    for (const digest of [A, B, C]) await chunks.put(digest, blobOf(1));
    equal((await models.collectGarbage()).deletedChunks, 0);
    await chunks.delete([C]);
    equal(await codeOf(models.commitInstall(entry, 10, 'active', undefined, form)), 'installation_damaged');
    await chunks.put(C, blobOf(1));
    await models.commitInstall(entry, 10, 'active', undefined, form);
    equal((await models.collectGarbage()).deletedChunks, 0);
    // It is no cache: what is kept to save time gives way to others like it, and never it to them.
    await derived.put(derivedOf('other', 2), blobOf(4), 4);
    equal((await derived.list()).map(({ key }) => key).sort(), ['form', 'other']);
    await models.remove(MODEL, 11);
    equal((await models.collectGarbage()).deletedChunks, 3);
    equal(await derived.list(), []);
  });
  test('a form that an earlier version of the app made goes with the next look for garbage, though its revision stays', async (store) => {
    const { chunks, models, derived } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    const made = (key: string, digest: Digest) => derived.put({ ...derivedOf(key, 1), chunks: [digest] }, blobOf(4), 4);
    await made(`form gguf-1 ${REVISION_1} int8-wasm`, C);
    await made(formKey(REVISION_1, parseVariantId('int8-wasm')), D);
    for (const digest of [C, D]) await chunks.put(digest, blobOf(1));
    equal((await models.collectGarbage()).deletedChunks, 1);
    equal(await chunks.missing([A, B, C, D]), [C]);
    equal((await derived.list()).length, 1);
    equal((await models.slots(MODEL))?.active?.revision, REVISION_1);
  });
  test('what is made of a revision is let go of when it is made in another way, and what was delivered is not', async ({
    chunks,
    models,
  }) => {
    const making = (digest: Digest) => ({
      recipe: 'r',
      files: [{ path: 'made.onnx', sizeBytes: 1, chunks: [{ digest, sizeBytes: 1 }] }],
    });
    await models.beginInstall(entryOf(), manifestWith(B));
    for (const digest of [A, B, C, D]) await chunks.put(digest, blobOf(1));
    await models.updateJournal(REVISION_1, (now) => ({ ...now, making: making(C) }));
    await models.updateJournal(REVISION_1, (now) => ({ ...now, making: making(D) }));
    equal((await models.collectGarbage()).deletedChunks, 1);
    equal((await chunks.missing([A, B, C, D])).length, 1);
    equal((await chunks.missing([C])).length, 1);
  });
}
