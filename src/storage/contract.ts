import type { Derived } from '../core/derived.ts';
import { MAX_EVENTS } from '../core/deviceEvent.ts';
import { SillError } from '../core/errors.ts';
import type { HubDescription } from '../core/hubModel.ts';
import { type Digest, parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../core/ids.ts';
import type { AdoptionEntry, ImportEntry, JournalEntry } from '../core/journal.ts';
import { logLine } from '../core/log.ts';
import { type Manifest, parseManifest } from '../core/manifest.ts';
import type { DerivedModel } from '../core/modelfile/derivedModel.ts';
import { MAX_HISTORY } from '../core/slots.ts';
import type { Store } from '../ports/store.ts';
import { conversationContract } from './conversationContract.ts';

/** What the suite asks of a test runner; vitest's globals fit. */
export interface Runner {
  test(name: string, body: () => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
}

/** A digest that looks like one: the store never hashes. */
const digestOf = (letter: string): Digest => parseDigest(`sha256:${letter.repeat(64)}`);
export const A = digestOf('a');
export const B = digestOf('b');
export const C = digestOf('c');
const REVISION_1 = parseRevisionId(digestOf('1'));
export const REVISION_2 = parseRevisionId(digestOf('2'));
const SMALL = parseVariantId('int8-wasm');
const LARGE = parseVariantId('q4-webgpu');
const MODEL = parseModelId('acme/tiny');

const derivedFrom = (key: string, usedAtMs: number): Derived => ({
  ...{ key, recipe: 'test', source: REVISION_1, result: A, sizeBytes: 4, usedAtMs },
});

const DESCRIPTION: HubDescription = {
  id: MODEL,
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: ['en'],
  licence: { spdx: 'MIT', text: 'MIT' },
  parameters: 1,
  variants: [
    { id: SMALL, dtype: 'int8', device: 'wasm', files: ['tokenizer.json', 'int8.onnx'], needs: { memoryBytes: 1 } },
    { id: LARGE, dtype: 'q4', device: 'webgpu', files: ['tokenizer.json', 'q4.onnx'], needs: { memoryBytes: 1 } },
  ],
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
};

/** Variant `int8-wasm` needs chunks `shared` and A, `q4-webgpu` `shared` and C. */
export const manifestWith = (shared: Digest): Manifest =>
  parseManifest({
    schema: 1,
    ...DESCRIPTION,
    files: [
      { path: 'tokenizer.json', sizeBytes: 2, chunks: [{ digest: shared, sizeBytes: 2 }] },
      { path: 'int8.onnx', sizeBytes: 1, chunks: [{ digest: A, sizeBytes: 1 }] },
      { path: 'q4.onnx', sizeBytes: 3, chunks: [{ digest: C, sizeBytes: 3 }] },
    ],
  });

export const entryOf = (revision = REVISION_1, variant = SMALL): JournalEntry => ({
  modelId: MODEL,
  revision,
  variant,
  startedAtMs: 1,
  licenceAcceptedAtMs: 2,
  state: 'running',
  by: 'person',
  rank: 0,
});

/** A model made of others, as a person's Modelfile says. */
export const derivedModel = (id: string, modelfile: string): DerivedModel => ({
  id: parseModelId(id),
  modelfile,
  createdAtMs: 1,
  changedAtMs: 1,
  about: {
    ...{ name: 'Tiny', task: 'text-generation', parameters: 1, languages: ['en'], licence: { spdx: 'MIT', text: 'MIT' } },
    ...{ provenance: 'test', revision: REVISION_1 },
  },
});

/** A first download from a hub, of which these chunks are noted. */
export const adoptionOf = (digests: readonly Digest[]): AdoptionEntry => {
  const chunks = digests.map((digest) => ({ digest, sizeBytes: 1 }));
  return {
    ...entryOf(),
    adoption: {
      url: 'https://hub.example/',
      commit: 'c0ffee',
      description: DESCRIPTION,
      files: [{ path: 'int8.onnx', sizeBytes: 9, chunks }],
    },
  };
};

const blobOf = (sizeBytes: number, fill = 7): Blob => new Blob([new Uint8Array(sizeBytes).fill(fill)]);
const bytesOf = async (blob: Blob | undefined): Promise<number[]> => (blob ? [...new Uint8Array(await blob.arrayBuffer())] : []);
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'resolved',
    (reason: unknown) => (reason instanceof SillError ? reason.code : String(reason)),
  );

async function install(store: Store, entry: JournalEntry, manifest: Manifest, digests: readonly Digest[]): Promise<void> {
  await store.models.beginInstall(entry, manifest);
  for (const digest of digests) await store.chunks.put(digest, blobOf(digest === A ? 1 : digest === C ? 3 : 2));
  await store.models.commitInstall(entry, 10);
}

/** What every form of the store promises. `open` gives an empty store each time; the suite closes it. */
export function storeContract(runner: Runner, open: () => Promise<Store>): void {
  const { equal } = runner;
  const test = (name: string, body: (store: Store) => Promise<void>) =>
    runner.test(name, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        store.close();
      }
    });

  test('a chunk comes back with the bytes that were put', async ({ chunks }) => {
    await chunks.put(A, blobOf(3, 9));
    equal(await bytesOf(await chunks.get(A)), [9, 9, 9]);
    equal(await chunks.get(B), undefined);
  });
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
  test('a large chunk comes back as a small one does', async ({ chunks }) => {
    await chunks.put(A, blobOf(100_000, 9));
    const bytes = await bytesOf(await chunks.get(A));
    equal([bytes.length, bytes.every((byte) => byte === 9)], [100_000, true]);
  });
  test('a chunk that is put twice is kept once, as it was first', async ({ chunks }) => {
    await chunks.put(A, blobOf(3, 9));
    await chunks.put(A, blobOf(5, 1));
    equal(await chunks.list(), [{ digest: A, sizeBytes: 3 }]);
    equal(await bytesOf(await chunks.get(A)), [9, 9, 9]);
  });
  test('many chunks come in the order asked for, with gaps where one is missing', async ({ chunks }) => {
    await chunks.put(A, blobOf(1, 1));
    await chunks.put(B, blobOf(1, 2));
    const found = await chunks.getMany([B, C, A, B]);
    equal(await Promise.all(found.map(bytesOf)), [[2], [], [1], [2]]);
    equal(found[1], undefined);
  });
  test('missing chunks are named in order and once', async ({ chunks }) => {
    await chunks.put(B, blobOf(1));
    equal(await chunks.missing([C, B, A, C]), [C, A]);
    equal(await chunks.missing([]), []);
  });
  test('deleted chunks are gone, and deleting what is not there is no error', async ({ chunks }) => {
    await chunks.put(A, blobOf(1));
    await chunks.put(B, blobOf(2));
    await chunks.delete([A, C]);
    equal(await chunks.list(), [{ digest: B, sizeBytes: 2 }]);
  });
  test('a large chunk survives byte for byte', async ({ chunks }) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
    await chunks.put(A, new Blob([bytes]));
    const back = new Uint8Array((await (await chunks.get(A))?.arrayBuffer()) ?? new ArrayBuffer(0));
    equal(back.length, bytes.length);
    equal(
      back.every((value, i) => value === bytes[i]),
      true,
    );
  });

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

  test('restored documents, settings and Modelfiles stand beside what was there, and replace what has their name', async (store) => {
    const embeddedBy = { modelId: MODEL, revision: REVISION_1 };
    const document = (id: string, name: string) => ({ id, name, sizeBytes: 4, addedAtMs: 1, passages: 1, embeddedBy });
    const passage = (documentId: string, index = 0) => ({ documentId, index, text: 'x', vector: Float32Array.from([1, 0]) });
    await store.documents.put({ ...document('d1', 'old'), passages: 2 }, [passage('d1'), passage('d1', 1)]);
    await store.documents.put(document('d2', 'stays'), [passage('d2')]);
    await store.settings.set('kept', 1);
    await store.restore({
      documents: [
        { document: document('d1', 'new'), passages: [passage('d1')] },
        { document: document('d3', 'added'), passages: [passage('d3')] },
      ],
      settings: [{ key: 'policy', value: { mode: 'off' } }],
      // Its base may come later, with the network.
      modelfiles: [derivedModel('mario', 'FROM acme/tiny')],
      suites: [{ id: 'greetings', text: '{}', savedAtMs: 2 }],
    });
    equal(await store.modelfiles.list(), [derivedModel('mario', 'FROM acme/tiny')]);
    equal(await store.suites.list(), [{ id: 'greetings', text: '{}', savedAtMs: 2 }]);
    equal((await store.documents.list()).map(({ id, name }) => [id, name]).sort(), [
      ['d1', 'new'],
      ['d2', 'stays'],
      ['d3', 'added'],
    ]);
    equal((await store.documents.passages()).length, 3);
    equal([await store.settings.get('kept'), await store.settings.get('policy')], [1, { mode: 'off' }]);
  });

  conversationContract({ test, equal });

  test('documents and their passages are kept, replaced and deleted together', async ({ documents }) => {
    const document = {
      id: 'd1',
      name: 'a.txt',
      sizeBytes: 4,
      addedAtMs: 1,
      passages: 2,
      embeddedBy: { modelId: MODEL, revision: REVISION_1 },
    };
    const matrix = Float32Array.from([1, 0, 0, 1]);
    const passage = (documentId: string, index: number) => ({
      documentId,
      index,
      text: `passage ${index}`,
      vector: matrix.subarray(index * 2, index * 2 + 2),
    });
    await documents.put(document, [passage('d1', 0), passage('d1', 1)]);
    await documents.put({ ...document, id: 'd1-b', name: 'b.txt' }, [passage('d1-b', 0)]);
    matrix.fill(5);
    const kept = await documents.passages();
    equal(
      kept.map((p) => [p.documentId, p.index, [...p.vector], p.vector.buffer.byteLength]),
      [
        ['d1', 0, [1, 0], 8],
        ['d1', 1, [0, 1], 8],
        ['d1-b', 0, [1, 0], 8],
      ],
    );
    await documents.put({ ...document, name: 'c.txt' }, [passage('d1', 0)]);
    equal((await documents.passages()).map((p) => [p.documentId, p.index]).sort(), [
      ['d1', 0],
      ['d1-b', 0],
    ]);
    equal((await documents.list()).map((d) => d.name).sort(), ['b.txt', 'c.txt']);
    equal(await documents.delete('d1'), true);
    equal(await documents.delete('d1'), false);
    equal(
      (await documents.passages()).map((p) => p.documentId),
      ['d1-b'],
    );
  });

  test('what was computed from a revision is kept within a bound, latest use last, and goes with the revision', async (store) => {
    const { derived, models } = store;
    const derivedOf = (key: string, usedAtMs: number): Derived => ({
      ...{ key, usedAtMs, recipe: 'test', source: REVISION_1, result: A, sizeBytes: 4 },
    });
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
    equal([...new Uint8Array((await row?.data.arrayBuffer()) ?? new ArrayBuffer(0))], [7, 7, 7, 7]);
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

  test('a derived model is kept under its name while its base is, replaced by one of the same name, and goes when nobody is made from it', async (store) => {
    const { modelfiles, models } = store;
    const mario = derivedModel('mario', 'FROM acme/tiny\nSYSTEM a');
    equal(await codeOf(modelfiles.put(mario)), 'model_not_installed');
    await install(store, entryOf(), manifestWith(B), [A, B]);
    equal(await codeOf(modelfiles.put(derivedModel('acme/tiny', 'FROM acme/tiny'))), 'invalid_request');
    await modelfiles.put(mario);
    equal(await modelfiles.get(mario.id), mario);
    const luigi = derivedModel('luigi', 'FROM mario');
    await modelfiles.put(luigi);
    equal(await codeOf(modelfiles.put(derivedModel('mario', 'FROM luigi'))), 'invalid_request');
    equal(await codeOf(modelfiles.delete(mario.id)), 'invalid_request');
    const other = { ...mario, modelfile: 'FROM acme/tiny\nSYSTEM b', changedAtMs: 2 };
    await modelfiles.put(other);
    equal(await modelfiles.list(), [luigi, other]);
    await models.remove(MODEL, 20);
    await models.collectGarbage();
    equal((await modelfiles.list()).length, 2);
    equal(await modelfiles.delete(luigi.id), true);
    equal(await modelfiles.delete(luigi.id), false);
    equal(await modelfiles.delete(mario.id), true);
    equal(await modelfiles.list(), []);
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
  test('a form that was made of a revision is held with it, whatever else is kept, and goes with it', async ({
    chunks,
    models,
    derived,
  }) => {
    const entry = entryOf();
    const form = { about: { ...derivedFrom('form', 1), sizeBytes: 100, chunks: [C] }, data: blobOf(4) };
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
    await derived.put(derivedFrom('other', 2), blobOf(4), 4);
    equal((await derived.list()).map(({ key }) => key).sort(), ['form', 'other']);
    await models.remove(MODEL, 11);
    equal((await models.collectGarbage()).deletedChunks, 3);
    equal(await derived.list(), []);
  });
  test('settings come back as they were set and are copies', async ({ settings }) => {
    const value = { threads: 2, list: [1, undefined] };
    await settings.set('runtime', value);
    value.threads = 3;
    equal(await settings.get('runtime'), { threads: 2, list: [1, undefined] });
    await settings.set('runtime', 'other');
    equal(await settings.get('runtime'), 'other');
    await settings.delete('runtime');
    equal(await settings.get('runtime'), undefined);
  });

  test('results of benchmarks replace those of their ids, and come back as they were', async ({ results }) => {
    equal(await results.list(), []);
    const [one, two] = [{ id: 'one', figures: [{ mean: 1.5 }] }, { id: 'two' }];
    const changed = { ...one, state: 'complete' };
    await results.put([one, two]);
    await results.put([changed]);
    equal(
      (await results.list()).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      [changed, two],
    );
    equal(await results.delete(['one', 'three']), 1);
    equal(await results.list(), [two]);
  });

  test('runs of suites come back with their cases in order, and go with them', async ({ evaluations }) => {
    const [one, two] = [{ id: 'one', state: 'running' }, { id: 'two' }];
    const [complete, mended] = [
      { ...one, state: 'complete' },
      { run: 'one', index: 1, pass: true },
    ];
    await evaluations.put(one);
    await evaluations.put(two, [{ run: 'two', index: 0 }]);
    for (const index of [2, 10, 0, 1]) await evaluations.put(one, [{ run: 'one', index }]);
    await evaluations.put(complete, [mended]);
    equal(await evaluations.get('one'), complete);
    equal(await evaluations.get('three'), undefined);
    equal((await evaluations.list()).length, 2);
    equal(await evaluations.cases('one'), [{ run: 'one', index: 0 }, mended, { run: 'one', index: 2 }, { run: 'one', index: 10 }]);
    equal(await evaluations.delete(['one', 'three']), 1);
    equal(await evaluations.cases('one'), []);
    equal(await evaluations.list(), [two]);
    equal(await evaluations.cases('two'), [{ run: 'two', index: 0 }]);
  });

  test('suites replace those of their names, and are listed by them', async ({ suites }) => {
    const suite = (id: string, text: string) => ({ id, text, savedAtMs: 1 });
    await suites.put(suite('b', '1'));
    await suites.put(suite('a', '2'));
    await suites.put(suite('b', '3'));
    equal(
      (await suites.list()).map(({ id, text }) => id + text),
      ['a2', 'b3'],
    );
    equal(await suites.get('b'), suite('b', '3'));
    equal(await suites.delete('b'), true);
    equal(await suites.delete('b'), false);
    equal(await suites.get('b'), undefined);
  });

  test('of events the latest are kept, in their order', async ({ events }) => {
    equal(await events.list(), []);
    const form = { device: 'wasm', threads: 1 } as const;
    const at = (atMs: number) => ({ atMs, type: 'loss', model: MODEL, form, error: { code: 'worker_lost', message: 'It died.' } }) as const;
    for (let i = 0; i < MAX_EVENTS + 3; i++) await events.add(at(i));
    equal(
      (await events.list()).map(({ atMs }) => atMs),
      Array.from({ length: MAX_EVENTS }, (_, i) => i + 3),
    );
  });

  test('the log keeps the latest lines, drops those from before a moment, and gives no number twice', async ({ log }) => {
    equal(await log.list(), { events: [], count: 0 });
    const at = (atMs: number) => logLine({ code: 'installed', model: MODEL, details: { atMs } }, atMs);
    const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => at(first + i));
    await log.add(from(0, 5), { maxLines: 4, sinceMs: 0 });
    await log.add(from(5, 2), { maxLines: 4, sinceMs: 0 });
    const kept = (await log.list()).events;
    equal(
      kept.map(({ atMs }) => atMs),
      [3, 4, 5, 6],
    );
    equal(
      kept.map(({ id }) => id),
      [4, 5, 6, 7],
    );
    await log.add([at(7)], { maxLines: 100, sinceMs: 5 });
    equal(
      (await log.list()).events.map(({ atMs }) => atMs),
      [5, 6, 7],
    );
    equal(
      (await log.list(6)).events.map(({ atMs }) => atMs),
      [6, 7],
    );
    await log.clear();
    await log.add([at(8)], { maxLines: 4, sinceMs: 0 });
    equal(await log.list(), { events: [{ ...at(8), id: 9 }], count: 1 });
  });
}
