import { webcrypto } from 'node:crypto';
import type { ProbedDevice } from '../../core/device.ts';
import { parseModelId, parseRevisionId, parseVariantId, type RevisionId } from '../../core/ids.ts';
import { parseMadeForm } from '../../core/madeForm.ts';
import { LOUDNESS_OUTPUT } from '../../core/making.ts';
import { canonicalManifest, type Manifest, type ManifestData, parseManifest, variantOf } from '../../core/manifest.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createDigests } from '../../delivery/digests.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import { queryDim } from '../../forge/llama.ts';
import { TINY as SHAPE } from '../../forge/testing/tinyLlama.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { EngineEvent } from '../../protocol/engineReports.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createForms, type Delivered, type Forms } from '../forms/forms.ts';
import { createOrigin } from './origin.ts';
import { createPlainForge } from './plainForge.ts';
import { refusingModel } from './refusingModel.ts';

export const DELIVERED = parseModelId('tiny');
export const FORMS = [
  { dtype: 'int8', device: 'wasm' },
  { dtype: 'q4', device: 'webgpu' },
  { dtype: 'fp16', device: 'webgpu' },
] as const;
const GPU: ProbedDevice['webgpu'] = {
  ...{ available: true, fallback: false, vendor: '', architecture: '', description: '', f16: true, features: [] },
  limits: { maxStorageBufferBindingSize: 2 ** 31 },
};
const CHANNELS = SHAPE.layers * (2 * SHAPE.dim + queryDim(SHAPE) + SHAPE.hidden);
const digests = createDigests(webcrypto.subtle as SubtleCrypto);

/** A device to which a catalog delivered a tiny GGUF file: with the real forge, and a runtime that scores what the test says. */
export class FormsFixture {
  readonly store: Store = createMemoryStore();
  readonly locks = createOrigin().openTab().locks;
  /** What a form scores that is no reference, in turn; the last one from then on. */
  scores = [2];
  /** Dtypes in the order in which they were made. */
  made: string[] = [];
  /** How loud the first channel is in a graph that listens; the others are of 1. */
  loudness: number | undefined;
  /** When one of them is begun. */
  onForm: () => void = () => undefined;
  /** What every page is told. */
  told: Array<Extract<EngineEvent, { type: 'making' }>> = [];
  readonly forms: Forms;

  private constructor(
    readonly manifest: Manifest,
    readonly revision: RevisionId,
  ) {
    const clock = { now: () => 5, monotonicMs: () => 5 };
    const { store, locks } = this;
    this.forms = createForms({
      ...{ store, digests, clock, locks, runtime: this.#runtime },
      hub: { tell: (event) => void (event.type === 'making' && this.told.push(event)) },
      forge: createPlainForge({
        store: () => store,
        digests,
        dtypes: ['int8', 'q4', 'fp16', 'q8'],
        onForm: (dtype) => {
          this.made.push(dtype);
          this.onForm();
        },
      }),
      device: createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu: GPU }), PLAIN_STORAGE),
      assets: { ensure: async () => undefined, has: async () => true, sizeBytes: () => 1, keepOnly: async () => undefined },
      sessions: { makeRoom: async () => () => undefined },
    });
  }

  /** @param delivered a file, by its type, or the parts of one: `F32` is what 16 bits round as well */
  static async begin(
    delivered: 'F32' | 'F16' | ReadonlyMap<string, Uint8Array<ArrayBuffer>> = 'F32',
    more: Partial<ManifestData> = {},
  ): Promise<FormsFixture> {
    const files = typeof delivered === 'string' ? new Map([['tiny.gguf', new Uint8Array(tinyGguf(delivered))]]) : delivered;
    const chunks = await Promise.all(
      [...files].map(async ([path, bytes]) => ({ path, bytes, digest: await digests.sha256(bytes), sizeBytes: bytes.length })),
    );
    const manifest = parseManifest({
      ...TINY,
      ...more,
      id: DELIVERED,
      files: chunks.map(({ path, digest, sizeBytes }) => ({ path, sizeBytes, chunks: [{ digest, sizeBytes }] })),
      variants: FORMS.map(({ dtype, device }) => ({
        ...{ id: `${dtype}-${device}`, dtype, device, files: [...files.keys()], needs: { memoryBytes: 1 } },
        madeFrom: 'gguf',
      })),
    });
    const revision = parseRevisionId(await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest))));
    const fixture = new FormsFixture(manifest, revision);
    for (const { digest, bytes } of chunks) await fixture.store.chunks.put(digest, new Blob([bytes]));
    return fixture;
  }

  /** As an install leaves it. */
  async installed(id = 'int8-wasm'): Promise<Delivered> {
    const { store, revision, manifest } = this;
    const variant = variantOf(manifest, parseVariantId(id));
    const entry = {
      ...{ modelId: DELIVERED, revision, variant: variant.id, startedAtMs: 1, licenceAcceptedAtMs: 1 },
      ...({ state: 'paused', by: 'person', rank: 0 } as const),
    };
    await store.models.beginInstall(entry, manifest);
    await store.models.commitInstall(entry, 1);
    return { id: DELIVERED, revision, manifest, variant };
  }

  /** What is stored of the form: how it was made, and the digest of each of its files. */
  async formOf() {
    const { store } = this;
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

  readonly #runtime: Runtime = {
    prepare: () => undefined,
    load: async ({ dtype, build, device, threads, files }) => {
      const graph = await files.find(({ path }) => path.endsWith('.onnx'))?.blob.text();
      const listens = this.loudness !== undefined && graph?.includes(LOUDNESS_OUTPUT);
      const heard = new Float32Array(CHANNELS).fill(1).fill(this.loudness ?? 1, 0, 1);
      return {
        ...refusingModel({ loadMs: 1, build, device, threads }),
        score: async () => {
          const isMeasured = dtype === 'q8' || (listens && dtype === 'int8');
          const nll = isMeasured ? 2 : ((this.scores.length > 1 ? this.scores.shift() : this.scores[0]) ?? Number.NaN);
          return { nll, tokens: 40, bytes: 180, top: [], ...(listens ? { loudness: heard } : {}) };
        },
      };
    },
  };
}
