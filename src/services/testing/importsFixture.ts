import { webcrypto } from 'node:crypto';
import { expect } from 'vitest';
import type { GpuCheck, ProbedDevice } from '../../core/device.ts';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import { LOUDNESS_OUTPUT } from '../../core/making.ts';
import type { MemoryBudget } from '../../core/memoryBudget.ts';
import type { TokenHarm } from '../../core/sinkSearch.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { createDigests } from '../../delivery/digests.ts';
import { createMemoryDisk } from '../../delivery/testing/memoryDisk.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import type { StorageManagerPort } from '../../ports/browser.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ReadAs, Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createImportRecords } from '../imports/importRecords.ts';
import { createImports, type Imports } from '../imports/imports.ts';
import { createOrigin } from './origin.ts';
import { createPlainForge } from './plainForge.ts';
import { refusingModel } from './refusingModel.ts';

/** What `fileOf()` is imported as. */
export const IMPORTED = parseModelId('file:tiny');
export const never = new AbortController().signal;

export const fileOf = (name = 'tiny.gguf', type: 'F16' | 'Q8_0' = 'F16') => new File([new Uint8Array(tinyGguf(type))], name);

export const gpu = (f16: boolean): ProbedDevice['webgpu'] => ({
  ...{ available: true, fallback: false, vendor: '', architecture: '', description: '', f16, features: [] },
  limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
});

/** A device that imports: with the real forge over tiny files, and a runtime that scores what the test says. */
export class ImportsFixture {
  store: Store = createMemoryStore();
  /** What each form scores, by its dtype: the same each time, or one after the other. */
  scores: Partial<Record<string, number | number[]>> = { q8: 2, int8: 2.05 };
  /** What is measured of tokens in 8 bits. */
  harms: TokenHarm[] | undefined;
  /** How the 8-bit form was read for its score. */
  readAs: ReadAs | undefined;
  /** Of a graph that listens. */
  loudness: Float32Array<ArrayBuffer> | undefined;
  webgpu: ProbedDevice['webgpu'] = PLAIN_DEVICE.webgpu;
  /** What models may take. */
  budget: MemoryBudget = { bytes: 2 ** 31, reason: 'device', isFirm: false };
  /** What the browser says of the disk. */
  room: Awaited<ReturnType<StorageManagerPort['estimate']>> = {};
  /** How the graphics processor computes in 16 bits. */
  halves: GpuCheck = { verdict: 'right', worstError: 0 };
  /** What making fails with. */
  failing: ErrorCode | undefined;
  /** What forms take in memory, by their dtype, of a file that is larger than it is. */
  takes: Partial<Record<string, number>> = {};
  /** What scoring a form fails with, by its dtype. */
  unrunnable: Partial<Record<string, ErrorCode>> = {};
  /** Dtypes in the order in which they were made. */
  made: string[] = [];
  onMaking: (dtype: string) => void = () => undefined;
  readonly disk = createMemoryDisk();
  imports: Imports;
  readonly #digests = createDigests(webcrypto.subtle as SubtleCrypto);
  readonly #plainForge = createPlainForge({
    store: () => this.store,
    digests: this.#digests,
    dtypes: ['int8', 'q4', 'fp16', 'q8'],
    onForm: (dtype) => void this.made.push(dtype),
    onPiece: (dtype) => {
      this.onMaking(dtype);
      if (this.failing) throw new SillError(this.failing, 'As the test says.');
    },
  });
  readonly #forge: Forge = {
    ...this.#plainForge,
    inspect: async (files, options) => {
      const found = await this.#plainForge.inspect(files, options);
      const forms = found.forms.map((form) => {
        const { memoryBytes } = form.variant.needs;
        return {
          ...form,
          variant: { ...form.variant, needs: { ...form.variant.needs, memoryBytes: this.takes[form.dtype] ?? memoryBytes } },
        };
      });
      return { ...found, forms };
    },
  };
  readonly #runtime: Runtime = {
    prepare: () => undefined,
    load: async ({ dtype, build, device, threads, files }) => ({
      ...refusingModel({ loadMs: 1, build, device, threads }),
      measureSinks: async () => this.harms,
      score: async (_text, { as }) => {
        const failure = this.unrunnable[dtype];
        if (failure) throw new SillError(failure, 'As the test says.');
        if (dtype === 'int8') this.readAs = as;
        const score = this.scores[dtype];
        const graph = await files.find(({ path }) => path.endsWith('.onnx'))?.blob.text();
        const heard = this.loudness && graph?.includes(LOUDNESS_OUTPUT) ? { loudness: this.loudness } : {};
        return { nll: (Array.isArray(score) ? score.shift() : score) ?? Number.NaN, tokens: 40, bytes: 180, top: [], ...heard };
      },
    }),
  };

  constructor() {
    this.imports = this.open();
  }

  /** Another tab, or the same after a reload: it has no files at hand. */
  open(fetcher: Fetcher = () => Promise.reject(new TypeError('offline'))): Imports {
    const tab = createOrigin().openTab();
    const clock = { now: () => 5, monotonicMs: () => 5 };
    const { store } = this;
    return createImports({
      ...{ store, digests: this.#digests, clock, forge: this.#forge, runtime: this.#runtime, fetcher, openDiskFile: this.disk.open },
      ...{ locks: tab.locks, hub: createHub(tab.broadcast, clock) },
      device: createDeviceService(
        async () => ({ ...PLAIN_DEVICE, webgpu: this.webgpu }),
        { estimate: async () => this.room, persisted: async () => false },
        {
          ...{ key: 'device', settings: async () => store.settings, now: () => 0, isBusy: async () => false },
          experiments: {
            check: async (precision) => (precision === 'f16' ? this.halves : { verdict: 'right', worstError: 0 }),
            measure: async () => ({}),
          },
        },
      ),
      assets: { ensure: async () => undefined, has: async () => true, sizeBytes: () => 1, keepOnly: async () => undefined },
      sessions: { makeRoom: async () => () => undefined },
      memory: { budget: async () => this.budget },
      records: createImportRecords(store.settings),
      ...{ appUrl: 'https://example.org/sill/', sillVersion: '0.1.0' },
    });
  }

  run(file = fileOf(), signal = never) {
    return this.imports.run({ files: [file] }, { signal });
  }

  /** The next piece of `dtype` is the last one: its worker dies. */
  dieMaking(dtype?: string): void {
    this.onMaking = (making) => {
      this.failing = dtype === undefined || making === dtype ? 'worker_lost' : undefined;
    };
  }

  /** Whatever goes wrong does so no more. */
  mend(): void {
    [this.onMaking, this.failing, this.unrunnable] = [() => undefined, undefined, {}];
  }

  async expectNothingLeft(): Promise<void> {
    expect(await this.store.models.journal()).toEqual([]);
    expect(await this.store.chunks.list()).toEqual([]);
    expect(await this.imports.list()).toEqual({ unfinished: [], finished: [] });
  }
}
