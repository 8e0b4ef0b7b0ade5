import { beforeEach, describe, expect, it } from 'vitest';
import { parseDigest, parseModelId } from '../../core/ids.ts';
import { formKey } from '../../core/madeForm.ts';
import { RECIPE } from '../../core/making.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import type { Store } from '../../ports/store.ts';
import { FORGE_LOCK, loadedLock } from '../../protocol/locks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createUsage } from '../sessions/usage.ts';
import { createFakeLocks, putModel, VARIANT } from '../testing/storeFixture.ts';
import { createFreeing, type Freeing } from './freeing.ts';
import { storageReport } from './storage.ts';
import { dropOutdatedForms } from './storedForms.ts';

const clock = { now: () => 1000, monotonicMs: () => 1000 };
let store: Store;
let locks: ReturnType<typeof createFakeLocks>;
let freeing: Freeing;
let usage: ReturnType<typeof createUsage>;

beforeEach(async () => {
  store = createMemoryStore();
  locks = createFakeLocks();
  usage = createUsage(store.settings, clock);
  freeing = createFreeing({
    store,
    locks,
    clock,
    usage,
    hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
    models: {
      async remove(id) {
        await store.models.remove(id, 0);
        return { freedBytes: (await store.models.collectGarbage()).freedBytes };
      },
    },
  });
  await putModel(store, { model: 'stale', parts: ['stale-weights'], atMs: 1 });
  await putModel(store, { model: 'fresh', parts: ['one', 'shared'], atMs: 5 });
  await putModel(store, { model: 'fresh', parts: ['second', 'shared'], atMs: 6 });
  await putModel(store, { model: 'begun', parts: ['half'], atMs: 7, unfinished: true });
});

/** A form of so many bytes that was made of the active version of a model, to run in. */
async function putForm(model: string, bytes: string, recipe = RECIPE) {
  const active = (await store.models.slots(parseModelId(model)))?.active;
  if (!active) throw new Error('not installed');
  const { revision, variant } = active;
  const digest = parseDigest(`sha256:${bytes.charCodeAt(0).toString(16).padStart(64, '0')}`);
  await store.chunks.put(digest, new Blob([bytes]));
  const about = {
    ...{ key: formKey(revision, variant).replace(RECIPE, recipe), recipe, source: revision, result: digest, sizeBytes: bytes.length },
    ...{ usedAtMs: 900, chunks: [digest], tookMs: 40_000 },
  };
  await store.derived.put(about, new Blob(['how it was made']), Number.POSITIVE_INFINITY);
  return { about, digest, revision };
}

const words = async (bytes: number) =>
  (await freeing.propose(bytes)).steps.map(({ kind, modelId, freesBytes }) => [kind, modelId, freesBytes]);

describe('space', () => {
  it('is found in unfinished downloads and earlier versions, then in the model that was not used for longest', async () => {
    expect(await words(4)).toEqual([['unfinished', 'begun', 4]]);
    expect(await words(7)).toEqual([
      ['unfinished', 'begun', 4],
      ['previous', 'fresh', 3],
    ]);
    expect((await words(8)).at(-1)?.slice(0, 2)).toEqual(['model', 'stale']);
    usage.note(parseModelId('stale'));
    await Promise.resolve();
    expect((await words(8)).at(-1)?.slice(0, 2)).toEqual(['model', 'fresh']);
  });

  it('is found first in what can be computed again, also of a model that is loaded, and that alone goes', async () => {
    const active = (await store.models.slots(parseModelId('fresh')))?.active;
    if (!active) throw new Error('not installed');
    const result = parseDigest(`sha256:${'b'.repeat(64)}`);
    const about = { key: 'k', recipe: 'prompt-beginning', source: active.revision, result, sizeBytes: 5, usedAtMs: 900 };
    await store.derived.put(about, new Blob(['12345']), 100);
    await locks.share(loadedLock('fresh'), async () => {
      const { steps } = await freeing.propose(5);
      expect(steps).toEqual([{ kind: 'derived', modelId: 'fresh', revision: active.revision, freesBytes: 5 }]);
      expect(await freeing.free(steps)).toMatchObject({ kept: [], freedBytes: 5 });
    });
    expect(await store.derived.list()).toEqual([]);
    expect((await store.models.slots(parseModelId('fresh')))?.active).toEqual(active);
    expect(await words(4)).toEqual([['unfinished', 'begun', 4]]);
  });

  it('is found in what was made of a download to run before the download itself goes, and that is made again in the same way', async () => {
    const { about, digest, revision } = await putForm('stale', 'made-of-it-here');
    expect(await words(15)).toEqual([['form', 'stale', 15]]);
    const { steps } = await freeing.propose(15);
    expect(await freeing.free(steps)).toMatchObject({ kept: [], freedBytes: 15 });
    expect(await store.chunks.missing([digest])).toEqual([digest]);
    expect((await store.models.slots(parseModelId('stale')))?.active?.revision).toBe(revision);
    // How it was made is known still.
    expect(await (await store.derived.get(about.key))?.data.text()).toBe('how it was made');
    expect((await freeing.propose(1000)).steps.map(({ kind }) => kind)).not.toContain('form');
  });

  it('is not found in the form of a model that is loaded or pinned, also not as instructions, and forgetting those leaves it', async () => {
    const { digest, revision } = await putForm('stale', 'made-of-it-here');
    const step = { modelId: parseModelId('stale'), revision };
    await locks.share(loadedLock('stale'), async () => {
      expect((await freeing.propose(1000)).steps.map(({ modelId }) => modelId)).not.toContain('stale');
      expect((await freeing.free([{ ...step, kind: 'form' }])).kept.map(({ error }) => error.code)).toEqual(['busy']);
    });
    await freeing.free([{ ...step, kind: 'derived' }]);
    expect(await store.derived.list()).toHaveLength(1);
    await store.models.change(step.modelId, { type: 'pin', revision, atMs: 0 });
    expect((await freeing.propose(1000)).steps.map(({ modelId }) => modelId)).not.toContain('stale');
    expect(await store.chunks.missing([digest])).toEqual([]);
    // By hand, told what it costs, a person may.
    expect(await freeing.free([{ ...step, kind: 'form' }])).toMatchObject({ kept: [], freedBytes: 15 });
  });

  it('is found with the whole model, its form among it', async () => {
    await putForm('stale', 'made-of-it-here');
    expect(await words(4 + 3 + 15 + 1)).toEqual([['model', 'stale', 28]]);
  });

  it('is not taken from a form that is being made, and is from one that a tab left behind', async () => {
    const id = parseModelId('stale');
    const active = (await store.models.slots(id))?.active;
    const manifest = active && (await store.models.manifest(active.revision));
    if (!active || !manifest) throw new Error('not installed');
    const digest = parseDigest(`sha256:${'c'.repeat(64)}`);
    await store.chunks.put(digest, new Blob(['begun']));
    await store.models.beginInstall(
      {
        ...{ modelId: id, revision: active.revision, variant: active.variant, startedAtMs: 1, licenceAcceptedAtMs: 1 },
        ...{ state: 'running', by: 'import', rank: 0 },
        making: { recipe: RECIPE, files: [{ path: 'x', sizeBytes: 9, chunks: [{ digest, sizeBytes: 5 }] }] },
      },
      manifest,
    );
    await locks.share(FORGE_LOCK, async () => expect((await words(1000)).map(([, model]) => model)).not.toContain('stale'));
    expect(await words(5)).toContainEqual(['unfinished', 'stale', 5]);
  });

  it('is not found in what is loaded, pinned or being installed', async () => {
    await locks.share(loadedLock('stale'), async () => {
      for (const { revision } of await store.models.journal())
        await store.models.updateJournal(revision, (entry) => ({ ...entry, state: 'queued' }));
      const [slots] = (await store.models.allSlots()).filter(({ modelId }) => modelId === 'fresh');
      if (!slots?.active) throw new Error('not installed');
      await store.models.change(slots.modelId, { type: 'pin', revision: slots.active.revision, atMs: 0 });
      expect(await words(1000)).toEqual([['previous', 'fresh', 3]]);
    });
  });

  it('is given back exactly as it was agreed, and the rest goes on', async () => {
    const { steps, freesBytes } = await freeing.propose(7);
    expect(await freeing.free(steps)).toMatchObject({ removed: steps.map(({ kind }) => ({ kind })), kept: [], freedBytes: freesBytes });
    const slots = await store.models.slots(parseModelId('fresh'));
    expect([slots?.active !== undefined, slots?.previous]).toEqual([true, undefined]);
    expect(await store.models.journal()).toEqual([]);
    expect((await store.models.history(parseModelId('fresh'))).at(-1)?.event).toBe('removed');
    expect(await words(1000)).toEqual([
      ['model', 'stale', 13],
      ['model', 'fresh', 12],
    ]);
  });

  it('is not sought in the very download that wants it', async () => {
    const { steps } = await freeing.propose(1, parseModelId('begun'));
    expect(steps.map(({ modelId }) => modelId)).not.toContain('begun');
    expect(steps.length).toBeGreaterThan(0);
  });

  it('is not taken from what came into use after it was proposed', async () => {
    const { steps } = await freeing.propose(1000);
    await locks.share(loadedLock('stale'), async () => {
      const report = await freeing.free(steps);
      expect(report.kept.map(({ step, error }) => [step.modelId, error.code])).toEqual([['stale', 'busy']]);
      expect((await store.models.slots(parseModelId('stale')))?.active).toBeDefined();
    });
    expect((await freeing.free(steps)).kept.map(({ error }) => error.code)).toContain('busy');
  });
});

describe('the report', () => {
  const report = (remembered: Parameters<typeof storageReport>[1] = []) =>
    storageReport(
      {
        store,
        locks,
        usage,
        device: createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE),
        assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
        storageManager: { estimate: async () => ({ quotaBytes: 100 }), persisted: async () => true },
        keptFiles: { runtimeBytes: async () => 14, shellBytes: () => Promise.reject(new Error('no caches here')) },
        inspection: { verifiedAtMs: async ({ installedAtMs }) => installedAtMs },
      },
      remembered,
    );

  it('tells for each revision what is its own, with whom it shares, and counts each chunk once in all', async () => {
    const { models, modelBytes, unfinished, unfinishedBytes, runtimeBytes, shellBytes } = await report();
    expect(
      models.map(({ id, role, sizeBytes, ownBytes, sharedWith }) => [id, role, sizeBytes, ownBytes, sharedWith.map((s) => s.sizeBytes)]),
    ).toEqual([
      ['stale', 'active', 13, 13, []],
      ['fresh', 'active', 12, 6, [6]],
      ['fresh', 'previous', 9, 3, [6]],
    ]);
    expect([modelBytes, unfinishedBytes, runtimeBytes, shellBytes]).toEqual([28, 4, 14, 0]);
    expect(unfinished).toMatchObject([{ id: 'begun', storedBytes: 4, totalBytes: 4, running: false }]);
  });

  it('tells what was made of a version to run as a part of it, and not as kept instructions or as lost', async () => {
    const { about, digest } = await putForm('stale', 'made-of-it-here');
    const { models, modelBytes, derivedBytes, unfinishedBytes } = await report();
    expect(models[0]).toMatchObject({ sizeBytes: 28, ownBytes: 28, madeBytes: 15, madeInMs: 40_000, derivedBytes: 0, lostBytes: 0 });
    expect([modelBytes, derivedBytes, unfinishedBytes]).toEqual([43, 0, 4]);
    expect(models[1]?.madeBytes).toBe(0);
    // It is made again: nothing that a repair would have to bring.
    await store.chunks.delete([digest]);
    expect((await report()).models[0]).toMatchObject({ sizeBytes: 13, madeBytes: 0, lostBytes: 0 });
    // Of another recipe nobody needs it.
    await store.derived.delete(about.key);
    await putForm('stale', 'old-form', 'gguf-1');
    const after = await report();
    expect(after.models[0]).toMatchObject({ sizeBytes: 13, madeBytes: 0, derivedBytes: 0 });
    expect([after.derivedBytes, after.unfinishedBytes]).toEqual([0, 12]);
    await dropOutdatedForms(store);
    expect((await report()).unfinishedBytes).toBe(4);
  });

  it('tells what is lost of a revision, whether it is loaded, and when it was used', async () => {
    const { digests, modelId } = await putModel(store, { model: 'hurt', parts: ['hurt-a', 'hurt-bb'], atMs: 9 });
    await store.chunks.delete(digests.slice(0, 1));
    usage.note(modelId);
    await locks.share(loadedLock('hurt'), async () => {
      expect((await report()).models.at(-1)).toMatchObject({ lostBytes: 6, loaded: true, lastUsedAtMs: 1000, verifiedAtMs: 9 });
    });
  });

  it('knows a model that vanished with the database from one that somebody removed', async () => {
    const remembered = ['stale', 'gone', 'vanished'].map((id) => ({ id: parseModelId(id), name: id, variant: VARIANT, sizeBytes: 1 }));
    await putModel(store, { model: 'gone', parts: ['g'] });
    await store.models.remove(parseModelId('gone'), 0);
    expect((await report(remembered)).lost.map(({ id }) => id)).toEqual(['vanished']);
  });
});
