import { webcrypto } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbedDevice } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { parseDigest, parseModelId, parseRevisionId, parseVariantId, type RevisionId } from '../../core/ids.ts';
import { IMPORT_TEXT } from '../../core/importGate.ts';
import { formKey, parseMadeForm, withoutChunks } from '../../core/madeForm.ts';
import { LOUDNESS_OUTPUT, RECIPE } from '../../core/making.ts';
import { canonicalManifest, type Manifest, type ManifestData, parseManifest, type Variant, variantOf } from '../../core/manifest.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import { queryDim } from '../../forge/llama.ts';
import { TINY as SHAPE } from '../../forge/testing/tinyLlama.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { EngineEvent } from '../../protocol/engineReports.ts';
import { FORGE_LOCK } from '../../protocol/locks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { fromBase64 } from '../ownData/base64.ts';
import { createOrigin } from '../testing/origin.ts';
import { createPlainForge } from '../testing/plainForge.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { formReports } from './formReports.ts';
import { createForms, type Delivered, type Forms, madeChunksOf } from './forms.ts';

const ID = parseModelId('tiny');
const FORMS = [
  { dtype: 'int8', device: 'wasm' },
  { dtype: 'q4', device: 'webgpu' },
  { dtype: 'fp16', device: 'webgpu' },
] as const;
const GPU: ProbedDevice['webgpu'] = {
  ...{ available: true, fallback: false, vendor: '', architecture: '', description: '', f16: true, features: [] },
  limits: { maxStorageBufferBindingSize: 2 ** 31 },
};
const digests = createDigests(webcrypto.subtle as SubtleCrypto);
const CHANNELS = SHAPE.layers * (2 * SHAPE.dim + queryDim(SHAPE) + SHAPE.hidden);
const never = new AbortController().signal;
const nothing = () => undefined;

let store: Store;
let forms: Forms;
let locks: Locks;
let manifest: Manifest;
let revision: RevisionId;
/** What a form scores that is no reference, in turn; the last one from then on. */
let scores: number[];
/** Dtypes in the order in which they were made. */
let made: string[];
/** How loud the first channel is in a graph that listens; the others are of 1. */
let loudness: number | undefined;
/** When one of them is begun. */
let onForm: () => void = nothing;
/** What every page is told. */
let told: Array<Extract<EngineEvent, { type: 'making' }>>;

const runtime: Runtime = {
  prepare: nothing,
  async load({ dtype, build, device, threads, files }) {
    const graph = await files.find(({ path }) => path.endsWith('.onnx'))?.blob.text();
    const listens = loudness !== undefined && graph?.includes(LOUDNESS_OUTPUT);
    const heard = new Float32Array(CHANNELS).fill(1).fill(loudness ?? 1, 0, 1);
    return {
      ...refusingModel({ loadMs: 1, build, device, threads }),
      async score() {
        const isMeasured = dtype === 'q8' || (listens && dtype === 'int8');
        const nll = isMeasured ? 2 : ((scores.length > 1 ? scores.shift() : scores[0]) ?? Number.NaN);
        return { nll, tokens: 40, bytes: 180, top: [], ...(listens ? { loudness: heard } : {}) };
      },
    };
  },
};

// What 16 bits round as well.
beforeEach(() => begin('F32'));

async function begin(type: 'F32' | 'F16', more: Partial<ManifestData> = {}): Promise<void> {
  store = createMemoryStore();
  [scores, made, loudness, told, onForm] = [[2], [], undefined, [], nothing];
  const bytes = new Uint8Array(tinyGguf(type));
  const digest = await digests.sha256(bytes);
  await store.chunks.put(digest, new Blob([bytes]));
  manifest = parseManifest({
    ...TINY,
    ...more,
    id: ID,
    files: [{ path: 'tiny.gguf', sizeBytes: bytes.length, chunks: [{ digest, sizeBytes: bytes.length }] }],
    variants: FORMS.map(({ dtype, device }) => ({
      ...{ id: `${dtype}-${device}`, dtype, device, files: ['tiny.gguf'], needs: { memoryBytes: 1 } },
      madeFrom: 'gguf',
    })),
  });
  revision = parseRevisionId(await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest))));
  const clock = { now: () => 5, monotonicMs: () => 5 };
  locks = createOrigin().openTab().locks;
  forms = createForms({
    ...{ store, digests, clock, runtime, locks },
    hub: { tell: (event) => void (event.type === 'making' && told.push(event)) },
    forge: createPlainForge({
      store: () => store,
      digests,
      dtypes: ['int8', 'q4', 'fp16', 'q8'],
      onForm(dtype) {
        made.push(dtype);
        onForm();
      },
    }),
    device: createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu: GPU }), {
      estimate: async () => ({}),
      persisted: async () => false,
    }),
    assets: { ensure: async () => undefined, has: async () => true, sizeBytes: () => 1, keepOnly: async () => undefined },
    sessions: { makeRoom: async () => undefined },
  });
}

/** As an install leaves it. */
async function installed(variant: Variant): Promise<Delivered> {
  const entry = {
    ...{ modelId: ID, revision, variant: variant.id, startedAtMs: 1, licenceAcceptedAtMs: 1 },
    ...({ state: 'paused', by: 'person', rank: 0 } as const),
  };
  await store.models.beginInstall(entry, manifest);
  await store.models.commitInstall(entry, 1);
  return { id: ID, revision, manifest, variant };
}

/** What is stored of the form: how it was made, and the digest of each of its files. */
async function formOf() {
  const [about] = (await store.derived.list()).filter(({ chunks }) => chunks);
  const row = about && (await store.derived.get(about.key));
  const form = row && parseMadeForm(await row.data.text());
  const files = await Promise.all(
    (form?.files ?? []).map(async ({ path, chunks }) => {
      const blob = await store.chunks.join(chunks.map(({ digest }) => digest));
      const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? []);
      return [path, await digests.sha256(bytes)] as const;
    }),
  );
  return { about, form, files };
}

describe('a form of what was delivered', () => {
  it.each(FORMS)(
    'with its worst matrices kept higher is made again bit for bit where it was lost, as $dtype',
    async ({ dtype, device }) => {
      const delivered = await installed(variantOf(manifest, parseVariantId(`${dtype}-${device}`)));
      // Too much is lost twice, before it is faithful.
      scores = [3, 2.5, 2];
      const first = await forms.runnable(delivered, never);
      const before = await formOf();
      expect(made).toEqual(['q8', dtype, dtype, dtype]);
      expect(before.form?.wider?.length).toBeGreaterThan(1);
      expect(before.form?.tries).toHaveLength(2);
      expect(before.about?.recipe).toBe(`gguf-6 wider:${before.form?.wider?.join(',')}`);
      // Everything that was made goes, as a browser does that needs the room; that it was made so is known still.
      await store.chunks.delete(before.about?.chunks ?? []);
      made = [];
      const again = await forms.runnable(delivered, never);
      // At once as it was in the end: no try is made again.
      expect(made).toEqual(['q8', dtype]);
      const after = await formOf();
      expect(after.files).toEqual(before.files);
      expect(after.form?.wider).toEqual(before.form?.wider);
      expect(after.about?.chunks).toEqual(before.about?.chunks);
      expect(again).toEqual(first);
      // Another form than without.
      await store.derived.delete(after.about?.key ?? '');
      await forms.runnable(delivered, never);
      const plain = await formOf();
      expect(plain.form?.wider).toBeUndefined();
      const weights = (files: typeof before.files) => files.find(([path]) => path.endsWith('.onnx_data'))?.[1];
      expect(weights(plain.files)).toBeDefined();
      expect(weights(plain.files)).not.toBe(weights(before.files));
    },
  );

  it('is made again bit for bit with its channels evened, whatever is measured then', async () => {
    loudness = 300;
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    await forms.runnable(delivered, never);
    const before = await formOf();
    expect(made).toEqual(['q8', 'int8']);
    expect(before.about?.recipe).toBe('gguf-6 evened');
    await store.chunks.delete(before.about?.chunks ?? []);
    loudness = 1;
    await forms.runnable(delivered, never);
    const after = await formOf();
    expect(after.files).toEqual(before.files);
    expect(after.form?.evened).toBe(before.form?.evened);
    // Another form than by what is heard now, or without.
    const weights = (files: typeof before.files) => files.find(([path]) => path.endsWith('.onnx_data'))?.[1];
    for (const heard of [1, undefined]) {
      await store.derived.delete(after.about?.key ?? '');
      loudness = heard;
      await forms.runnable(delivered, never);
      expect(weights((await formOf()).files)).not.toBe(weights(before.files));
    }
  });

  it('whose publisher states a score is listened to itself, is made again by what was heard, and goes on with that where it was cut off', async () => {
    await begin('F32', { referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: 2, text: IMPORT_TEXT }] });
    loudness = 300;
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    const cut = new AbortController();
    onForm = () => {
      if (made.length === 2) cut.abort(new DOMException('cut off', 'AbortError'));
    };
    await expect(forms.runnable(delivered, cut.signal)).rejects.toThrow();
    onForm = nothing;
    loudness = 1;
    await forms.runnable(delivered, never);
    expect(made).toEqual(['int8', 'int8', 'int8']);
    const before = await formOf();
    expect(before.about?.recipe).toBe('gguf-6 evened');
    expect((await store.chunks.list()).map(({ digest }) => digest).sort()).toEqual(
      [...new Set([...(before.about?.chunks ?? []), ...manifest.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest))])].sort(),
    );
    // What is named is what was heard before it was cut off: the first channel stands out.
    const [first = 0, second = 0] = fromBase64(before.form?.evened ?? '');
    expect(first).toBeGreaterThan(second + 8);
    await store.chunks.delete(before.about?.chunks ?? []);
    made = [];
    await forms.runnable(delivered, never);
    expect(made).toEqual(['int8']);
    expect((await formOf()).files).toEqual(before.files);
  });

  it('is made as it was before where its channels are evened and too much is lost, and so again', async () => {
    loudness = 300;
    scores = [3, 2.99, 2];
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    await forms.runnable(delivered, never);
    const before = await formOf();
    expect(made).toEqual(['q8', 'int8', 'int8', 'int8']);
    expect(before.about?.recipe).toBe('gguf-6');
    expect(before.form).toMatchObject({
      scores: { measured: 2 },
      tries: [
        { measured: 3, evened: true },
        { measured: 2.99, evened: true },
      ],
    });
    expect(before.form?.wider).toBeUndefined();
    await store.chunks.delete(before.about?.chunks ?? []);
    made = [];
    await forms.runnable(delivered, never);
    expect(made).toEqual(['q8', 'int8']);
    expect((await formOf()).files).toEqual(before.files);
  });

  it('of an earlier version of the app goes before it is made anew, which every page is told of while a question waits', async () => {
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    const old = parseDigest(`sha256:${'e'.repeat(64)}`);
    await store.chunks.put(old, new Blob(['made by gguf-5']));
    const key = formKey(revision, delivered.variant.id).replace(RECIPE, 'gguf-5');
    await store.derived.put(
      { key, recipe: 'gguf-5', source: revision, result: old, sizeBytes: 14, usedAtMs: 1, chunks: [old] },
      new Blob(),
      0,
    );
    // Its room is there before the new one takes as much.
    let wasThere: boolean | undefined;
    onForm = () => void store.chunks.missing([old]).then((missing) => (wasThere ??= missing.length === 0));
    await forms.runnable(delivered, never);
    expect(wasThere).toBe(false);
    expect((await store.derived.list()).map((row) => row.key)).toEqual([formKey(revision, delivered.variant.id)]);
    const phases = told.map(({ progress }) => progress?.phase);
    expect(phases[0]).toBe('looking');
    expect([...new Set(phases)]).toEqual(['looking', 'reference', 'scoring', 'transcoding', undefined]);
    expect(told.every(({ id }) => id === ID)).toBe(true);
    const rewritten = told.findLast(({ progress }) => progress?.phase === 'transcoding')?.progress;
    expect(rewritten?.doneBytes).toBe(rewritten?.totalBytes);
    expect(rewritten?.totalBytes).toBeGreaterThan(0);
    // What is here is not made, and nothing is told of it.
    told = [];
    await forms.runnable(delivered, never);
    expect(told).toEqual([]);
  });

  it('that another one has to be made before is told to wait for it', async () => {
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    let letGo: () => void = nothing;
    let ended = false;
    const other = locks.hold(FORGE_LOCK, () => new Promise<void>((resolve) => (letGo = resolve)));
    const running = forms.runnable(delivered, never).then(() => (ended = true));
    await expect.poll(() => told).toEqual([{ type: 'making', id: ID, progress: { phase: 'waiting', doneBytes: 0, totalBytes: 0 } }]);
    expect(ended).toBe(false);
    letGo();
    await Promise.all([other, running]);
    expect(told.at(1)?.progress?.phase).toBe('looking');
    expect(told.at(-1)).toEqual({ type: 'making', id: ID });
  });

  it('that failed to be made is told to have ended', async () => {
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    onForm = () => {
      throw new SillError('worker_lost', 'As the test says.');
    };
    await expect(forms.runnable(delivered, never)).rejects.toMatchObject({ code: 'worker_lost' });
    expect(told.at(-1)).toEqual({ type: 'making', id: ID });
  });

  it('that was given up for its room is made again bit for bit, and is nothing to verify until then', async () => {
    loudness = 300;
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    await forms.runnable(delivered, never);
    const before = await formOf();
    const row = await store.derived.get(before.about?.key ?? '');
    if (!row) throw new Error('not made');
    await store.derived.put(withoutChunks(row.about), row.data, Number.POSITIVE_INFINITY);
    expect((await store.models.collectGarbage()).deletedChunks).toBe(new Set(row.about.chunks).size);
    expect(await madeChunksOf(store, { revision, variant: delivered.variant.id })).toEqual([]);
    // How it came out is known still.
    expect(await formReports(store)).toHaveLength(1);
    loudness = 1;
    await forms.runnable(delivered, never);
    expect((await formOf()).files).toEqual(before.files);
    expect(await madeChunksOf(store, { revision, variant: delivered.variant.id })).not.toEqual([]);
  });

  it('is reported as one of a file that somebody brought is, with what it is held against', async () => {
    await begin('F32', { referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: 1.99, text: IMPORT_TEXT }] });
    expect(await formReports(store)).toEqual([]);
    const delivered = await installed(variantOf(manifest, parseVariantId('int8-wasm')));
    await forms.runnable(delivered, never);
    const [report, ...others] = await formReports(store);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      ...{ id: ID, revision, variant: 'int8-wasm', recipe: RECIPE, stated: true, tookMs: 0, atMs: 5 },
      source: { kind: 'delivered', files: [{ name: 'tiny.gguf', sizeBytes: manifest.files[0]?.sizeBytes }] },
      scores: { reference: 1.99, measured: 2, bound: 0.1 },
      sha256: [manifest.files[0]?.chunks[0]?.digest.replace('sha256:', '')],
    });
    expect(report?.errors).toHaveLength(9);
    expect(report?.sizeBytes).toBe((await formOf()).about?.sizeBytes);
  });

  it('in 16 bits, of a file of 16 bits, is kept higher where its sums lose too much: its weights lost nothing', async () => {
    await begin('F16');
    scores = [3, 2.5, 2];
    await forms.runnable(await installed(variantOf(manifest, parseVariantId('fp16-webgpu'))), never);
    const { form } = await formOf();
    expect(made).toEqual(['q8', 'fp16', 'fp16', 'fp16']);
    expect(form?.errors.every(({ name, error }) => error === 0 || form.wider?.includes(name))).toBe(true);
    expect(form?.wider?.length).toBeGreaterThan(1);
    expect(form?.wider?.every((name) => name.endsWith('down_proj') || name.endsWith('o_proj'))).toBe(true);
  });
});
