import { parseModelId } from '../../core/ids.ts';
import { MAX_HISTORY } from '../../core/slots.ts';
import { A, B, blobOf, C, entryOf, install, MODEL, manifestWith, REVISION_1, REVISION_2 } from './samples.ts';
import { codeOf, type Suite } from './suite.ts';

/** How revisions of a model follow one another. */
export function slotsContract({ test, equal }: Suite): void {
  test('an update lies beside the running revision, keeps its chunks, and becomes active when it is promoted', async (store) => {
    const { models, chunks } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await models.beginInstall(entryOf(REVISION_2), manifestWith(C));
    await chunks.put(C, blobOf(2));
    const staged = await models.commitInstall(entryOf(REVISION_2), 20, 'candidate');
    equal([staged.active?.revision, staged.candidate?.revision], [REVISION_1, REVISION_2]);
    equal(await models.commitInstall(entryOf(REVISION_2), 99, 'candidate'), staged);
    equal(await models.journal(), []);
    equal(await models.collectGarbage(), { freedBytes: 0, deletedChunks: 0 });
    equal((await models.change(MODEL, { type: 'count-try', revision: REVISION_2, atMs: 21 })).candidate?.tries, 1);
    const promoted = await models.change(MODEL, { type: 'promote', revision: REVISION_2, atMs: 22, gate: { passed: true, tookMs: 5 } });
    equal([promoted.active?.revision, promoted.previous?.revision, promoted.candidate], [REVISION_2, REVISION_1, undefined]);
    equal(await models.slots(MODEL), promoted);
    equal(
      (await models.history(MODEL)).map((line) => [line.event, line.revision, line.atMs, line.sizeBytes]),
      [
        ['installed', REVISION_1, 10, 3],
        ['staged', REVISION_2, 20, 3],
        ['activated', REVISION_2, 22, undefined],
      ],
    );
    equal((await models.history(MODEL)).at(-1)?.gate, { passed: true, tookMs: 5 });
  });
  test('the first revision of a model is active at once, even as a candidate', async (store) => {
    await store.models.beginInstall(entryOf(), manifestWith(B));
    await store.chunks.put(A, blobOf(1));
    await store.chunks.put(B, blobOf(2));
    equal((await store.models.commitInstall(entryOf(), 10, 'candidate')).active?.revision, REVISION_1);
  });
  test('a rejected candidate is quarantined, gives its chunks free and stays known after the model is removed', async (store) => {
    const { models, chunks } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await models.beginInstall(entryOf(REVISION_2), manifestWith(C));
    await chunks.put(C, blobOf(2));
    await models.commitInstall(entryOf(REVISION_2), 20, 'candidate');
    await models.change(MODEL, { type: 'reject', revision: REVISION_2, atMs: 30, reason: 'It writes nonsense.' });
    equal(await models.quarantined(), [{ revision: REVISION_2, modelId: MODEL, reason: 'It writes nonsense.', atMs: 30 }]);
    equal((await models.slots(MODEL))?.active?.revision, REVISION_1);
    equal(await models.collectGarbage(), { freedBytes: 2, deletedChunks: 1 });
    await models.remove(MODEL, 40);
    equal((await models.quarantined()).length, 1);
    equal(
      (await models.history(MODEL)).map((line) => line.event),
      ['installed', 'staged', 'rejected', 'removed'],
    );
  });
  test('going back and pinning are kept', async (store) => {
    await install(store, entryOf(), manifestWith(B), [A, B]);
    await install(store, entryOf(REVISION_2), manifestWith(C), [A, C]);
    await store.models.change(MODEL, { type: 'roll-back', atMs: 30, reason: 'worse' });
    await store.models.change(MODEL, { type: 'pin', revision: REVISION_1, atMs: 31 });
    const slots = await store.models.slots(MODEL);
    equal(
      [slots?.active?.revision, slots?.previous?.revision, slots?.declined, slots?.pinned],
      [REVISION_1, REVISION_2, [REVISION_2], REVISION_1],
    );
  });
  test('the story of a model is bounded and keeps what is newest, whatever happens to other models', async (store) => {
    const { models } = store;
    await install(store, entryOf(), manifestWith(B), [A, B]);
    for (let i = 0; i < MAX_HISTORY; i++) {
      await models.change(MODEL, { type: 'pin', revision: i % 2 === 0 ? REVISION_1 : undefined, atMs: 100 + i });
    }
    const story = await models.history(MODEL);
    equal([story.length, story[0]?.event, story[0]?.atMs, story.at(-1)?.atMs], [MAX_HISTORY, 'pinned', 100, 99 + MAX_HISTORY]);
    await models.remove(MODEL, 1000);
    const removed = await models.history(MODEL);
    equal([removed.length, removed[0]?.atMs, removed.at(-1)?.event], [MAX_HISTORY, 101, 'removed']);
  });
  test('a change that has lost its ground changes nothing', async (store) => {
    const { models } = store;
    equal(await codeOf(models.change(MODEL, { type: 'roll-back', atMs: 1 })), 'model_not_installed');
    await install(store, entryOf(), manifestWith(B), [A, B]);
    const before = await models.slots(MODEL);
    equal(await codeOf(models.change(MODEL, { type: 'promote', revision: REVISION_2, atMs: 1 })), 'aborted');
    equal(await models.slots(MODEL), before);
    equal((await models.history(MODEL)).length, 1);
    equal(await models.history(parseModelId('other')), []);
  });
}
