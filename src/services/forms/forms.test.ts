import { webcrypto } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbedDevice } from '../../core/device.ts';
import { parseModelId, parseRevisionId, parseVariantId, type RevisionId } from '../../core/ids.ts';
import { IMPORT_TEXT } from '../../core/importGate.ts';
import { parseMadeForm } from '../../core/madeForm.ts';
import { LOUDNESS_OUTPUT } from '../../core/making.ts';
import { canonicalManifest, type Manifest, type ManifestData, parseManifest, type Variant, variantOf } from '../../core/manifest.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import { queryDim } from '../../forge/llama.ts';
import { TINY as SHAPE } from '../../forge/testing/tinyLlama.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { fromBase64 } from '../ownData/base64.ts';
import { createOrigin } from '../testing/origin.ts';
import { createPlainForge } from '../testing/plainForge.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { createForms, type Delivered, type Forms } from './forms.ts';

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
  [scores, made, loudness] = [[2], [], undefined];
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
  forms = createForms({
    ...{ store, digests, clock, runtime, locks: createOrigin().openTab().locks },
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
