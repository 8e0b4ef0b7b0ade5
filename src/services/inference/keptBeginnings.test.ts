import { beforeEach, describe, expect, it } from 'vitest';
import { beginningName } from '../../core/derived.ts';
import { SillError } from '../../core/errors.ts';
import { createDigests } from '../../delivery/digests.ts';
import type { KeptBeginning } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { putModel, VARIANT } from '../testing/storeFixture.ts';
import { createKeptBeginnings, type KeptBeginnings } from './keptBeginnings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const digests = createDigests(crypto.subtle);
const input = { kind: 'text', text: 'Be kind.' } as const;
const REPORT = { loadMs: 1, build: 'plain', device: 'wasm', threads: 2, cacheType: 'float32' } as const;

/** A model whose beginning of a text are its letters, with a byte for each. It remembers what it evaluated, and what it was given, until that is found. */
function createModel(report: { readonly threads?: number; readonly cacheType?: 'float32' | 'float16' } = {}) {
  const held = new Map<string, Uint8Array<ArrayBuffer>>();
  const keyOf = (ids: readonly number[], salt: string) => `${salt}:${ids.join()}`;
  return {
    held,
    sealed: new Map<string, Uint8Array<ArrayBuffer>>(),
    ground: '',
    asked: 0,
    exported: 0,
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
      this.exported += 1;
      return held.get(keyOf(ids, salt))?.slice();
    },
    async restoreBeginnings(kept: readonly KeptBeginning[], ground: string) {
      this.ground = ground;
      const fits = ({ tokens, bytes }: KeptBeginning) => tokens === bytes.length;
      for (const each of kept) if (fits(each)) this.sealed.set(each.key, each.bytes);
      return kept.filter((each) => !fits(each)).map(({ key }) => key);
    },
    /** As a prompt does. */
    async open(salt = '', text: string = input.text) {
      const ids = [...new TextEncoder().encode(text)];
      const key = await digests.sha256(new TextEncoder().encode(beginningName(this.ground, salt, ids)));
      const bytes = this.sealed.get(key);
      if (bytes) held.set(keyOf(ids, salt), bytes);
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
  await model.open(cacheSalt, text);
  const recalled = model.held.size;
  model.evaluate(cacheSalt, text);
  const keep = await beginning.take();
  await keep();
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

  it('are noted as used once a day', async () => {
    await run(createModel());
    const usedAt = async () => (await store.derived.list()).map(({ usedAtMs }) => usedAtMs);
    nowMs += DAY_MS - 1;
    await run(createModel());
    expect(await usedAt()).toEqual([1]);
    nowMs += 2;
    await run(createModel());
    expect(await usedAt()).toEqual([nowMs]);
  });

  it('are with their model before anybody asks, and a request looks for nothing', async () => {
    await run(createModel());
    const give = beginnings.ahead(installed.revision);
    const session = { installed, variant, model: createModel() };
    give(session);
    const beginning = beginnings.of(session, { input });
    await beginning.recall();
    expect(session.model.sealed.size).toBe(1);
    expect(session.model.asked).toBe(0);
    // Also where it has to be thrown away meanwhile: what was read is there.
    await session.model.open();
    expect(session.model.held.size).toBe(1);
  });

  it('are given anew to a model that forgot them', async () => {
    await run(createModel());
    const session = { installed, variant, model: createModel() };
    beginnings.ahead(installed.revision)(session);
    await beginnings.of(session, { input }).recall();
    session.model.sealed.clear();
    beginnings.forgotten(session);
    await beginnings.of(session, { input }).recall();
    expect(session.model.sealed.size).toBe(1);
  });

  it('of which there are many are read ahead as far as they take little memory, what was used last first; the others when they are asked for', async () => {
    const large = 20 * 2 ** 20;
    const texts = ['first', 'second', 'third'];
    for (const text of texts) {
      nowMs += 1;
      await run(createModel(), undefined, beginnings, text);
    }
    // As large as those of large models.
    const rows = await store.derived.list();
    for (const about of rows) {
      const row = await store.derived.get(about.key);
      if (row) await store.derived.put({ ...about, sizeBytes: large }, row.data, 1000 * large);
    }
    const session = { installed, variant, model: createModel() };
    beginnings.ahead(installed.revision)(session);
    await beginnings.of(session, { input }).recall();
    expect(session.model.sealed.size).toBe(1);
    await session.model.open('', 'third');
    expect(session.model.held.size).toBe(1);
    const asked = beginnings.of(session, { input: { kind: 'text', text: 'first' } });
    await asked.recall();
    await session.model.open('', 'first');
    expect(session.model.held.size).toBe(2);
  });

  it('that cannot be of the model are thrown away', async () => {
    await run(createModel());
    const [about] = await store.derived.list();
    const row = about && (await store.derived.get(about.key));
    if (!row?.about.beginning) throw new Error('nothing was kept');
    await store.derived.put({ ...row.about, beginning: { ...row.about.beginning, tokens: 3 } }, row.data, 1000);
    expect(await run(createModel())).toBe(0);
    expect(await run(createModel())).toBe(1);
  });

  it('cost a request nothing but time where they cannot be had', async () => {
    const model = { ...createModel(), beginningOf: () => Promise.reject(new Error('no template')) };
    const broken = beginnings.of({ installed, variant, model }, { input });
    await expect(broken.recall()).resolves.toBeUndefined();
    await expect((await broken.take())()).resolves.toBeUndefined();
    const without = { ...createModel(), exportBeginning: async () => undefined };
    const other = beginnings.of({ installed, variant, model: without }, { input });
    await other.recall();
    await (await other.take())();
    expect(await store.derived.list()).toEqual([]);
  });

  it('are taken once while the disk is slow, and again where it failed', async () => {
    const model = createModel();
    model.evaluate();
    const session = { installed, variant, model };
    const take = () => beginnings.of(session, { input }).take();
    const keep = await take();
    const asked = model.exported;
    await (await take())();
    expect(model.exported).toBe(asked);
    expect(await store.derived.list()).toEqual([]);
    const { put } = store.derived;
    store.derived.put = () => Promise.reject(new SillError('quota_exceeded', 'Full.'));
    await keep();
    store.derived.put = put;
    await (await take())();
    expect(model.exported).toBe(asked + 1);
    expect(await store.derived.list()).toHaveLength(1);
  });
});
