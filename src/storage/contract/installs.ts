import { parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { A, B, blobOf, C, digestOf, entryOf, install, LARGE, MODEL, manifestWith, REVISION_1, REVISION_2, SMALL } from './samples.ts';
import { codeOf, type Suite } from './suite.ts';

/** How an install begins, is noted, and ends: whole or not at all. */
export function installsContract({ test, equal }: Suite): void {
  test('an install that was begun is in the journal until it is committed', async ({ models, chunks }) => {
    const entry = entryOf();
    await models.beginInstall(entry, manifestWith(B));
    equal(await models.journal(), [entry]);
    equal((await models.manifest(REVISION_1))?.id, MODEL);
    equal(await models.slots(MODEL), undefined);
    await chunks.put(A, blobOf(1));
    await chunks.put(B, blobOf(2));
    const slots = await models.commitInstall(entry, 10);
    equal(slots, { modelId: MODEL, active: { revision: REVISION_1, variant: SMALL, installedAtMs: 10, licenceAcceptedAtMs: 2 } });
    equal(await models.slots(MODEL), slots);
    equal(await models.allSlots(), [slots]);
    equal(await models.journal(), []);
  });
  test('an install without all its chunks is refused and can go on', async ({ models, chunks }) => {
    const entry = entryOf();
    await models.beginInstall(entry, manifestWith(B));
    await chunks.put(A, blobOf(1));
    equal(await codeOf(models.commitInstall(entry, 10)), 'installation_damaged');
    equal(await models.slots(MODEL), undefined);
    equal(await models.journal(), [entry]);
    await chunks.put(B, blobOf(2));
    equal(await codeOf(models.commitInstall(entry, 10)), 'resolved');
  });
  test('an install of a variant that the manifest lacks is refused and leaves nothing', async ({ models }) => {
    equal(await codeOf(models.beginInstall(entryOf(REVISION_1, parseVariantId('fp16')), manifestWith(B))), 'invalid_request');
    equal(await models.journal(), []);
    equal(await models.manifest(REVISION_1), undefined);
  });
  test('committing twice changes nothing the second time', async ({ models, ...store }) => {
    await install({ models, ...store }, entryOf(), manifestWith(B), [A, B]);
    const first = await models.slots(MODEL);
    equal(await models.commitInstall(entryOf(), 99), first);
    await models.beginInstall(entryOf(), manifestWith(B));
    equal(await models.commitInstall(entryOf(), 99), first);
    equal(await models.journal(), []);
  });
  test('an install that was cancelled in another tab is not committed', async ({ models, chunks }) => {
    await models.beginInstall(entryOf(), manifestWith(B));
    await chunks.put(A, blobOf(1));
    await chunks.put(B, blobOf(2));
    await models.abandonInstall(REVISION_1);
    equal(await codeOf(models.commitInstall(entryOf(), 10)), 'aborted');
    await models.beginInstall(entryOf(REVISION_1, LARGE), manifestWith(B));
    equal(await codeOf(models.commitInstall(entryOf(), 10)), 'aborted');
    equal((await models.journal()).length, 1);
  });
  test('a second revision becomes active and the first one previous', async (store) => {
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await install(store, entryOf(REVISION_2), manifestWith(C), [A, C]);
    const slots = await store.models.slots(MODEL);
    equal([slots?.active?.revision, slots?.previous?.revision], [REVISION_2, REVISION_1]);
  });
  test('a journal entry is updated only while it is there', async ({ models }) => {
    await models.beginInstall(entryOf(), manifestWith(B));
    const fail = (entry: JournalEntry): JournalEntry => ({
      ...entry,
      state: 'failed',
      error: { code: 'network_unavailable', message: 'Offline.' },
    });
    equal(await models.updateJournal(REVISION_1, fail), fail(entryOf()));
    equal(await models.journal(), [fail(entryOf())]);
    await models.abandonInstall(REVISION_1);
    equal(await models.updateJournal(REVISION_1, fail), undefined);
    equal(await models.journal(), []);
  });
  test('of two changes of a journal entry at once none is lost', async ({ models }) => {
    await models.beginInstall(entryOf(), manifestWith(B));
    const next = (entry: JournalEntry): JournalEntry => ({ ...entry, rank: entry.rank + 1 });
    await Promise.all([models.updateJournal(REVISION_1, next), models.updateJournal(REVISION_1, next)]);
    equal((await models.journal())[0]?.rank, 2);
  });
  test('removing a model empties its slots, drops its unfinished installs and says whether there was anything', async (store) => {
    const { models } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await models.beginInstall(entryOf(REVISION_2), manifestWith(C));
    const other: JournalEntry = { ...entryOf(parseRevisionId(digestOf('3'))), modelId: parseModelId('other') };
    await models.beginInstall(other, manifestWith(B));
    equal(await models.remove(MODEL, 20), true);
    equal(await models.slots(MODEL), undefined);
    equal(await models.journal(), [other]);
    equal(await models.remove(MODEL, 20), false);
  });

  test('what proves a revision is kept as long as the revision is held', async (store) => {
    const { models } = store;
    const proof = { files: { 'timestamp.json': '{}' }, manifest: '{}' };
    await models.beginInstall(entryOf(), manifestWith(B), proof);
    equal(await models.proof(REVISION_1), proof);
    // Begun again from a source that is not signed: what was proven stays so.
    await models.beginInstall(entryOf(), manifestWith(B));
    equal(await models.proof(REVISION_1), proof);
    await models.collectGarbage();
    equal(await models.proof(REVISION_1), proof);
    await models.abandonInstall(REVISION_1);
    await models.collectGarbage();
    equal(await models.proof(REVISION_1), undefined);
  });
}
