import { beforeEach, describe, expect, it } from 'vitest';
import { createDigests } from '../../delivery/digests.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { putModel, VARIANT } from '../testing/storeFixture.ts';
import { createKeptBeginnings, type KeptBeginnings } from './keptBeginnings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const digests = createDigests(crypto.subtle);
const input = { kind: 'text', text: 'Be kind.' } as const;
const REPORT = { loadMs: 1, build: 'plain', device: 'wasm', threads: 2, cacheType: 'float32' } as const;

/** A model whose beginning of a text are its letters, and that remembers what it was given or has evaluated. */
function createModel(report: { readonly threads?: number; readonly cacheType?: 'float32' | 'float16' } = {}) {
  const held = new Map<string, Uint8Array<ArrayBuffer>>();
  const keyOf = (ids: readonly number[], salt: string) => `${salt}:${ids.join()}`;
  return {
    held,
    asked: 0,
    report: { ...REPORT, ...report },
    async beginningOf(of: typeof input | { readonly kind: string }) {
      this.asked += 1;
      return 'text' in of ? [...new TextEncoder().encode(of.text)] : [];
    },
    /** As a request does that is answered. */
    evaluate(salt = '', text: string = input.text) {
      const ids = [...new TextEncoder().encode(text)];
      held.set(
        keyOf(ids, salt),
        Uint8Array.from(ids, (id) => id ^ 255),
      );
    },
    async exportBeginning(ids: readonly number[], salt: string) {
      return held.get(keyOf(ids, salt))?.slice();
    },
    async importBeginning(ids: readonly number[], salt: string, bytes: Uint8Array<ArrayBuffer>) {
      held.set(keyOf(ids, salt), bytes);
      return bytes.length === ids.length;
    },
  };
}

let store: Store;
let nowMs = 0;
let beginnings: KeptBeginnings;
const variant = { id: VARIANT };
let installed: Parameters<KeptBeginnings['of']>[0]['installed'];
const versions = { sill: '0.1.0', onnxruntime: '1' };
const open = (change: Partial<typeof versions> = {}) =>
  createKeptBeginnings({ store, digests, clock: { now: () => nowMs, monotonicMs: () => nowMs }, versions: { ...versions, ...change } });

beforeEach(async () => {
  store = createMemoryStore();
  nowMs = 1;
  const { revision } = await putModel(store, { model: 'tiny', parts: ['weights'] });
  installed = { revision, variant: VARIANT, installedAtMs: 0, licenceAcceptedAtMs: 0 };
  beginnings = open();
});

/** A request of a run that is answered. */
async function run(model: ReturnType<typeof createModel>, cacheSalt?: string, by = beginnings, text: string = input.text) {
  const beginning = by.of({ installed, variant, model }, { input: { kind: 'text', text }, cacheSalt });
  await beginning.recall();
  const recalled = model.held.size;
  model.evaluate(cacheSalt, text);
  await beginning.keep();
  return recalled;
}

describe('beginnings that are kept on the device', () => {
  it('are there in the next run of the same model in the same form', async () => {
    expect(await run(createModel())).toBe(0);
    const next = createModel();
    expect(await run(next)).toBe(1);
    expect([...next.held.values()][0]).toEqual(Uint8Array.from(new TextEncoder().encode(input.text), (id) => id ^ 255));
  });

  it('are not taken for another salt, another text, another form, or by another version', async () => {
    await run(createModel());
    expect(await run(createModel(), 'https://guest.example')).toBe(0);
    expect(await run(createModel(), undefined, beginnings, 'Be brief.')).toBe(0);
    expect(await run(createModel({ threads: 1 }))).toBe(0);
    expect(await run(createModel(), undefined, open({ onnxruntime: '2' }))).toBe(0);
    expect(await run(createModel(), 'https://guest.example')).toBe(1);
  });

  it('are kept with the type of their numbers, and are nothing to a cache of another', async () => {
    await run(createModel());
    expect((await store.derived.list()).map(({ recipe }) => recipe)).toEqual(['prompt-beginning float32']);
    expect(await run(createModel({ cacheType: 'float16' }))).toBe(0);
    // Also where a row says so alone, whatever it is found under.
    const about = (await store.derived.list()).find(({ recipe }) => recipe.endsWith('float32'));
    const row = about && (await store.derived.get(about.key));
    if (row) await store.derived.put({ ...row.about, recipe: 'prompt-beginning float16' }, row.data, 1000);
    expect(await run(createModel())).toBe(0);
    expect(await run(createModel())).toBe(1);
    expect((await store.derived.list()).map(({ recipe }) => recipe).sort()).toEqual([
      'prompt-beginning float16',
      'prompt-beginning float32',
    ]);
  });

  it('that are damaged are not used, and made again', async () => {
    await run(createModel());
    const [about] = await store.derived.list();
    if (!about) throw new Error('nothing was kept');
    await store.derived.put(about, new Blob([new Uint8Array(about.sizeBytes)]), 1000);
    expect(await run(createModel())).toBe(0);
    expect(await run(createModel())).toBe(1);
    expect((await store.derived.list()).map(({ result }) => result)).toEqual([about.result]);
  });

  it('go with their model', async () => {
    await run(createModel());
    await store.models.remove((await putModel(store, { model: 'other', parts: ['x'] })).modelId, 2);
    await store.models.collectGarbage();
    expect(await store.derived.list()).toHaveLength(1);
    const [slots] = await store.models.allSlots();
    if (slots) await store.models.remove(slots.modelId, 3);
    await store.models.collectGarbage();
    expect(await store.derived.list()).toEqual([]);
  });

  it('are read once a run, and noted as used once a day', async () => {
    await run(createModel());
    const usedAt = async () => (await store.derived.list()).map(({ usedAtMs }) => usedAtMs);
    nowMs += DAY_MS - 1;
    await run(createModel());
    expect(await usedAt()).toEqual([1]);
    nowMs += 2;
    const model = createModel();
    await run(model);
    expect(await usedAt()).toEqual([nowMs]);
    const [about] = await store.derived.list();
    if (about) await store.derived.delete(about.key);
    model.held.clear();
    expect(await run(model)).toBe(0);
  });

  it('cost a request nothing but time where they cannot be had', async () => {
    const model = { ...createModel(), beginningOf: () => Promise.reject(new Error('no template')) };
    const broken = beginnings.of({ installed, variant, model }, { input });
    await expect(broken.recall()).resolves.toBeUndefined();
    await expect(broken.keep()).resolves.toBeUndefined();
    const without = { ...createModel(), exportBeginning: async () => undefined };
    const other = beginnings.of({ installed, variant, model: without }, { input });
    await other.recall();
    await other.keep();
    expect(await store.derived.list()).toEqual([]);
  });
});
