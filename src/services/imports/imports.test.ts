import { webcrypto } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
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
import { queryDim } from '../../forge/llama.ts';
import { TINY } from '../../forge/testing/tinyLlama.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import type { ReadAs, Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createOrigin } from '../testing/origin.ts';
import { createPlainForge } from '../testing/plainForge.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { createImportRecords } from './importRecords.ts';
import { createImports, type Imports } from './imports.ts';

const CHANNELS = TINY.layers * (2 * TINY.dim + queryDim(TINY) + TINY.hidden);
const ID = parseModelId('file:tiny');
const never = new AbortController().signal;
const digests = createDigests(webcrypto.subtle as SubtleCrypto);
const fileOf = (name = 'tiny.gguf', type: 'F16' | 'Q8_0' = 'F16') => new File([new Uint8Array(tinyGguf(type))], name);

let store: Store;
/** What each form scores, by its dtype: the same each time, or one after the other. */
let scores: Partial<Record<string, number | number[]>>;
/** What is measured of tokens in 8 bits. */
let harms: TokenHarm[] | undefined;
/** How the 8-bit form was read for its score. */
let readAs: ReadAs | undefined;
/** Of a graph that listens. */
let loudness: Float32Array<ArrayBuffer> | undefined;
let webgpu: ProbedDevice['webgpu'];
/** What models may take. */
let budget: MemoryBudget;
/** How the graphics processor computes in 16 bits. */
let halves: GpuCheck;
let failing: ErrorCode | undefined;
/** Dtypes in the order in which they were made. */
let made: string[];
let onMaking: (dtype: string) => void;
let imports: Imports;
let disk: ReturnType<typeof createMemoryDisk>;

const forge = createPlainForge({
  store: () => store,
  digests,
  dtypes: ['int8', 'q4', 'fp16', 'q8'],
  onForm: (dtype) => void made.push(dtype),
  onPiece(dtype) {
    onMaking(dtype);
    if (failing) throw new SillError(failing, 'As the test says.');
  },
});

const runtime: Runtime = {
  prepare: () => undefined,
  load: async ({ dtype, build, device, threads, files }) => ({
    ...refusingModel({ loadMs: 1, build, device, threads }),
    measureSinks: async () => harms,
    async score(_text, { as }) {
      if (dtype === 'int8') readAs = as;
      const score = scores[dtype];
      const graph = await files.find(({ path }) => path.endsWith('.onnx'))?.blob.text();
      const heard = loudness && graph?.includes(LOUDNESS_OUTPUT) ? { loudness } : {};
      return { nll: (Array.isArray(score) ? score.shift() : score) ?? Number.NaN, tokens: 40, bytes: 180, top: [], ...heard };
    },
  }),
};

const gpu = (f16: boolean): ProbedDevice['webgpu'] => ({
  ...{ available: true, fallback: false, vendor: '', architecture: '', description: '', f16, features: [] },
  limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
});

/** Another tab, or the same after a reload: it has no files at hand. */
function open(fetcher: Fetcher = () => Promise.reject(new TypeError('offline'))): Imports {
  const tab = createOrigin().openTab();
  const clock = { now: () => 5, monotonicMs: () => 5 };
  return createImports({
    ...{ store, digests, clock, forge, runtime, fetcher, openDiskFile: disk.open, locks: tab.locks, hub: createHub(tab.broadcast, clock) },
    device: createDeviceService(
      async () => ({ ...PLAIN_DEVICE, webgpu }),
      { estimate: async () => ({}), persisted: async () => false },
      {
        ...{ key: 'device', settings: async () => store.settings, isBusy: async () => false },
        experiments: {
          check: async (precision) => (precision === 'f16' ? halves : { verdict: 'right', worstError: 0 }),
          measure: async () => ({}),
        },
      },
    ),
    assets: { ensure: async () => undefined, has: async () => true, sizeBytes: () => 1, keepOnly: async () => undefined },
    sessions: { makeRoom: async () => undefined },
    memory: { budget: async () => budget },
    records: createImportRecords(store.settings),
    ...{ appUrl: 'https://example.org/sill/', sillVersion: '0.1.0' },
  });
}

const run = (file = fileOf(), signal = never) => imports.run({ files: [file] }, { signal });
const nothingIsLeft = async () => {
  expect(await store.models.journal()).toEqual([]);
  expect(await store.chunks.list()).toEqual([]);
  expect(await imports.list()).toEqual({ unfinished: [], finished: [] });
};

beforeEach(() => {
  store = createMemoryStore();
  disk = createMemoryDisk();
  [scores, failing, made, onMaking] = [{ q8: 2, int8: 2.05 }, undefined, [], () => undefined];
  [webgpu, halves, harms] = [PLAIN_DEVICE.webgpu, { verdict: 'right', worstError: 0 }, undefined];
  budget = { bytes: 2 ** 31, reason: 'device', isFirm: false };
  loudness = undefined;
  imports = open();
});

describe('a file that a person brings', () => {
  it('is told of before anything is written', async () => {
    const inspection = await imports.inspect({ files: [fileOf()] }, { signal: never });
    expect(inspection).toMatchObject({ id: ID, installed: false, found: { architecture: 'llama' } });
    // Not the form that others are held against.
    expect(inspection.fits.map(({ variant }) => variant)).toEqual(['int8-wasm', 'q4-webgpu', 'fp16-webgpu']);
    await nothingIsLeft();
  });

  it('becomes a model whose origin is recorded, with how it came out', async () => {
    expect(await run()).toEqual({ id: ID, role: 'active' });
    expect(made).toEqual(['q8', 'int8']);
    const [record] = (await imports.list()).finished;
    expect(record).toMatchObject({ id: ID, variant: 'int8-wasm', scores: { reference: 2, measured: 2.05, bound: 0.1 } });
    expect(record?.errors).toHaveLength(9);
    const manifest = record && (await store.models.manifest(record.revision));
    expect(manifest?.provenance).toMatchObject({ source: 'file: tiny.gguf', integrity: `sha256:${record?.sha256[0]}` });
    // Nothing of the reference stays.
    const kept = manifest?.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)) ?? [];
    expect(new Set((await store.chunks.list()).map(({ digest }) => digest))).toEqual(new Set(kept));
  });

  it('is the same revision when it is brought again, and another one beside it where it is another', async () => {
    await run();
    const first = (await store.models.slots(ID))?.active?.revision;
    expect(await run()).toMatchObject({ role: 'active' });
    expect((await store.models.slots(ID))?.active?.revision).toBe(first);
    expect(await run(fileOf('tiny.gguf', 'Q8_0'))).toMatchObject({ role: 'candidate' });
  });

  it('is refused where too much was lost, or it scores no number, and leaves nothing', async () => {
    for (const int8 of [2.2, Number.NaN]) {
      scores = { q8: 2, int8 };
      await expect(run()).rejects.toMatchObject({ code: 'revision_refused', details: { reference: 2, bound: 0.1 } });
      await nothingIsLeft();
    }
  });

  it('has its worst matrices kept in a higher form where too much was lost, until it is faithful, and remembers which', async () => {
    scores = { q8: 2, int8: [2.4, 2.2, 2.08] };
    expect(await run()).toMatchObject({ role: 'active' });
    expect(made).toEqual(['q8', 'int8', 'int8', 'int8']);
    const [record] = (await imports.list()).finished;
    const { wider = [], tries = [], errors = [] } = record ?? {};
    expect(record?.scores.measured).toBe(2.08);
    expect(tries.map(({ measured }) => measured)).toEqual([2.4, 2.2]);
    expect(tries[0]?.wider).toEqual([]);
    expect(wider.length).toBeGreaterThan(tries[1]?.wider.length ?? 0);
    expect(errors.filter(({ error }) => error === 0).map(({ name }) => name)).toEqual(wider);
    const manifest = record && (await store.models.manifest(record.revision));
    expect(manifest?.provenance.conversion).toContain(wider[0]);
    // It takes more memory than was planned.
    const planned = (await imports.inspect({ files: [fileOf()] }, { signal: never })).fits.find(({ variant }) => variant === 'int8-wasm');
    expect(manifest?.variants[0]?.needs.memoryBytes).toBeGreaterThan(planned?.memoryBytes ?? Number.POSITIVE_INFINITY);
    // Nothing of the tries stays.
    const kept = manifest?.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)) ?? [];
    expect(new Set((await store.chunks.list()).map(({ digest }) => digest))).toEqual(new Set(kept));
  });

  it('has its channels evened by how loud they are in what it is held against, also when it goes on elsewhere', async () => {
    loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    onMaking = (dtype) => {
      failing = dtype === 'int8' ? 'worker_lost' : undefined;
    };
    await expect(run()).rejects.toMatchObject({ code: 'worker_lost' });
    [made, onMaking, failing, loudness] = [[], () => undefined, undefined, undefined];
    await imports.resume(ID, { signal: never });
    expect(made).toEqual(['int8']);
    const [record] = (await imports.list()).finished;
    expect(record).toMatchObject({ recipe: 'gguf-6', evened: true, scores: { measured: 2.05 } });
    const even = record && (await store.models.manifest(record.revision));
    expect(even?.provenance.conversion).toBe('Rewritten to int8 on this device (gguf-6 evened).');
    // Another revision than without, with a graph of the same bytes.
    await run();
    const active = (await store.models.slots(ID))?.candidate;
    const plain = active && (await store.models.manifest(active.revision));
    const digestOf = (manifest: typeof even, end: string) => manifest?.files.find(({ path }) => path.endsWith(end))?.chunks[0]?.digest;
    expect(digestOf(even, '.onnx')).toBe(digestOf(plain, '.onnx'));
    expect(digestOf(even, '.onnx_data')).not.toBe(digestOf(plain, '.onnx_data'));
  });

  it('is made without them evened where that loses too much, also with its worst matrices kept higher', async () => {
    loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    scores = { q8: 2, int8: [2.5, 2.49, 2.05] };
    await run();
    expect(made).toEqual(['q8', 'int8', 'int8', 'int8']);
    const [record] = (await imports.list()).finished;
    expect(record?.evened).toBeUndefined();
    expect(record?.wider).toBeUndefined();
    expect(record?.tries).toEqual([
      { wider: [], measured: 2.5, evened: true },
      { wider: [expect.any(String)], measured: 2.49, evened: true },
    ]);
  });

  it('has its channels evened where another form of it was refused, by listening to itself', async () => {
    webgpu = gpu(false);
    loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    scores = { q8: 2, q4: 3, int8: 2.05 };
    await imports.run({ files: [fileOf()] }, { signal: never, variant: 'q4-webgpu' });
    expect(made.filter((dtype) => dtype !== 'q4')).toEqual(['q8', 'int8', 'int8']);
    expect((await imports.list()).finished[0]).toMatchObject({ variant: 'int8-wasm', evened: true });
  });

  it('has the tokens measured that harm others, and names those in its manifest that do', async () => {
    const sinksOfManifest = async () => {
      await run();
      const active = (await store.models.slots(ID))?.active;
      return active && (await store.models.manifest(active.revision))?.sinkTokens;
    };
    harms = [1, 2, 3, 4, 5].map((id) => ({ id, nats: id === 5 ? 0.2 : 0.004 }));
    // Beginning and end in any case; the line break is not, which the rule without a measurement would have had.
    expect(await sinksOfManifest()).toEqual([1, 2, 5]);
    // Its score is of a prompt that is cut there.
    expect(readAs).toEqual({ sinkTokens: [1, 2, 5] });
  });

  it('becomes the other form where the first one is refused, against the same reference, and remembers why', async () => {
    webgpu = gpu(false);
    scores = { q8: 2, q4: 3, int8: 2.05 };
    expect(await imports.run({ files: [fileOf()] }, { signal: never, variant: 'q4-webgpu' })).toMatchObject({ role: 'active' });
    expect(made.filter((dtype) => dtype === 'q8')).toHaveLength(1);
    const [record] = (await imports.list()).finished;
    expect(record).toMatchObject({
      variant: 'int8-wasm',
      scores: { reference: 2, measured: 2.05 },
      refused: [{ variant: 'q4-webgpu', scores: { reference: 2, measured: 3, bound: 0.15 } }],
    });
    scores = { q8: 2, q4: 3, int8: 2.5 };
    const again = imports.run({ files: [fileOf('other.gguf')] }, { signal: never, variant: 'q4-webgpu' });
    await expect(again).rejects.toMatchObject({
      code: 'revision_refused',
      message: expect.stringMatching(/^As q4-webgpu it needs 3.000 .* as int8-wasm/),
    });
    expect((await imports.list()).unfinished).toEqual([]);
  });

  it('becomes 16 bits where 4 lose too much on a graphics processor that computes so, and 8 where those lose too much as well', async () => {
    webgpu = gpu(true);
    scores = { q8: 2, q4: 3, fp16: 2.01 };
    expect(await run()).toMatchObject({ role: 'active' });
    // First with its worst matrices in 8 bits.
    expect(made).toEqual(['q8', 'q4', 'q4', 'fp16']);
    const [record] = (await imports.list()).finished;
    expect(record).toMatchObject({
      variant: 'fp16-webgpu',
      scores: { reference: 2, measured: 2.01, bound: 0.05 },
      refused: [{ variant: 'q4-webgpu', scores: { measured: 3 } }],
    });
    const manifest = record && (await store.models.manifest(record.revision));
    expect(manifest?.provenance.conversion).toMatch(/^Rewritten to fp16 on this device/);

    scores = { q8: 2, q4: 3, fp16: Number.NaN, int8: 2.05 };
    await run(fileOf('other.gguf'));
    const [other] = (await imports.list()).finished;
    expect(other?.variant).toBe('int8-wasm');
    expect(other?.refused?.map(({ variant }) => variant)).toEqual(['q4-webgpu', 'fp16-webgpu']);

    // Nobody asked for more memory than models may take.
    budget = { bytes: 2 ** 20, reason: 'device', isFirm: false };
    await run(fileOf('third.gguf'));
    const [third] = (await imports.list()).finished;
    expect(third?.variant).toBe('int8-wasm');
    expect(third?.refused?.map(({ variant }) => variant)).toEqual(['q4-webgpu']);
  });

  it('is refused before it is made in a form that takes more than somebody lets models take', async () => {
    budget = { bytes: 2 ** 20, reason: 'chosen', isFirm: true };
    await expect(run()).rejects.toMatchObject({ code: 'model_too_large', details: { id: ID, budgetBytes: 2 ** 20 } });
    expect(made).toEqual([]);
    await nothingIsLeft();
  });

  it('becomes 16 bits where somebody asks for them, and only where they were tested to be right', async () => {
    webgpu = gpu(true);
    scores = { q8: 2, fp16: 2 };
    const asked = { signal: never, variant: 'fp16-webgpu' };
    expect((await imports.inspect({ files: [fileOf()] }, { signal: never })).fits[0]?.variant).toBe('q4-webgpu');
    await imports.run({ files: [fileOf()] }, asked);
    expect((await imports.list()).finished[0]?.variant).toBe('fp16-webgpu');

    halves = { verdict: 'wrong', output: 'matmul', worstError: 1 };
    store = createMemoryStore();
    imports = open();
    await expect(imports.run({ files: [fileOf()] }, asked)).rejects.toMatchObject({
      code: 'unsupported_device',
      details: { reasons: ['gpu-wrong'] },
    });
    scores = { q8: 2, q4: 3, int8: 2.05 };
    await run();
    expect((await imports.list()).finished[0]?.variant).toBe('int8-wasm');

    webgpu = gpu(false);
    store = createMemoryStore();
    imports = open();
    await expect(imports.run({ files: [fileOf()] }, asked)).rejects.toMatchObject({ details: { reasons: ['needs-f16'] } });
  });

  it.each(['quota_exceeded', 'out_of_memory', 'internal'] as const)('leaves nothing when it fails (%s)', async (code) => {
    failing = code;
    await expect(run()).rejects.toMatchObject({ code });
    await nothingIsLeft();
  });

  it('goes on where it was when its worker died, and does not make the reference again', async () => {
    onMaking = (dtype) => {
      failing = dtype === 'int8' ? 'worker_lost' : undefined;
    };
    await expect(run()).rejects.toMatchObject({ code: 'worker_lost' });
    expect((await imports.list()).unfinished).toMatchObject([{ id: ID, state: 'failed', error: { code: 'worker_lost' } }]);
    [made, onMaking, failing] = [[], () => undefined, undefined];
    await imports.resume(ID, { signal: never });
    expect(made).toEqual(['int8']);
    expect((await store.models.slots(ID))?.active).toBeDefined();
  });

  it('is paused and goes on, here without its file, elsewhere with it', async () => {
    onMaking = () => void imports.pause(ID);
    await expect(run()).rejects.toMatchObject({ code: 'aborted' });
    onMaking = () => undefined;
    expect((await imports.list()).unfinished).toMatchObject([{ state: 'paused' }]);
    const later = open();
    expect((await later.list()).unfinished).toMatchObject([{ state: 'needs-file' }]);
    await expect(later.resume(ID, { signal: never })).rejects.toMatchObject({ details: { reason: 'needs_file' } });
    expect(await later.inspect({ files: [fileOf()] }, { signal: never })).toHaveProperty('unfinished');
    expect(await later.inspect({ files: [fileOf('tiny.gguf', 'Q8_0')] }, { signal: never })).not.toHaveProperty('unfinished');
    await imports.resume(ID, { signal: never });
    expect((await imports.list()).unfinished).toEqual([]);
  });

  it('goes on by itself after a reload, where the browser remembers where it lies and may read it', async () => {
    // A browser can store its handles; a test's are objects with functions.
    const settings = new Map<string, unknown>();
    store = {
      ...store,
      settings: {
        get: async (key) => settings.get(key),
        set: async (key, value) => void settings.set(key, value),
        delete: async (key) => void settings.delete(key),
      },
    };
    imports = open();
    let lies = fileOf();
    const handle = { kind: 'file', name: 'tiny.gguf', getFile: async () => lies, queryPermission: async () => allowed } as const;
    let allowed: 'granted' | 'prompt' = 'granted';
    const cutOff = async () => {
      onMaking = (dtype) => void (dtype === 'int8' && imports.pause(ID));
      await expect(imports.run({ files: [lies], handles: [handle] }, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
      onMaking = () => undefined;
      // As a tab leaves it that dies.
      for (const { revision } of await store.models.journal())
        await store.models.updateJournal(revision, (entry) => ({ ...entry, state: 'running' }));
    };
    await cutOff();
    allowed = 'prompt';
    imports = open();
    imports.start();
    expect((await imports.list()).unfinished).toMatchObject([{ state: 'needs-permission' }]);
    expect(await imports.handles(ID)).toEqual([handle]);
    await expect(imports.resume(ID, { signal: never })).rejects.toMatchObject({ details: { reason: 'needs_file' } });

    allowed = 'granted';
    lies = fileOf('tiny.gguf', 'Q8_0');
    await expect(imports.resume(ID, { signal: never })).rejects.toMatchObject({ details: { reason: 'unreadable' } });
    expect((await imports.list()).unfinished).toHaveLength(1);

    lies = fileOf();
    made = [];
    imports = open();
    imports.start();
    await expect.poll(async () => (await store.models.slots(ID))?.active).toBeDefined();
    expect(made).toEqual(['int8']);
    expect(await imports.handles(ID)).toEqual([]);
  });

  it('is cancelled while it is made, and leaves nothing', async () => {
    const cancelled: Array<Promise<boolean>> = [];
    onMaking = () => void cancelled.push(imports.cancel(ID));
    await expect(run()).rejects.toMatchObject({ code: 'aborted' });
    expect((await Promise.all(cancelled)).at(0)).toBe(true);
    await nothingIsLeft();
    expect(await imports.cancel(ID)).toBe(false);
  });

  it('waits for no other: one is made at a time', async () => {
    const both = await Promise.allSettled([run(), run(fileOf('other.gguf'))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'busy' } });
  });
});

describe('an address', () => {
  const body = tinyGguf('F16');
  const serving: Fetcher = async () => new Response(new Uint8Array(body), { headers: { 'content-length': String(body.length) } });

  it('of the site itself is fetched and imported, and goes on by itself after a reload', async () => {
    imports = open(serving);
    onMaking = () => {
      failing = 'worker_lost';
    };
    await expect(imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    [onMaking, failing] = [() => undefined, undefined];
    const [left] = await store.models.journal();
    // As a tab leaves it that dies.
    if (left) await store.models.updateJournal(left.revision, ({ error: _error, ...entry }) => ({ ...entry, state: 'running' }));
    imports = open(serving);
    imports.start();
    await expect.poll(async () => (await store.models.slots(ID))?.active).toBeDefined();
    expect((await imports.list()).finished).toMatchObject([{ source: { kind: 'url', url: 'https://example.org/sill/files/tiny.gguf' } }]);
    await expect.poll(() => disk.sizes).toEqual([]);
  });

  it('is fetched once to be looked at and imported, again when it is looked at again, and not while it is paused', async () => {
    let [fetches, lies] = [0, body];
    imports = open(async () => {
      fetches++;
      return new Response(new Uint8Array(lies));
    });
    const from = { url: 'files/tiny.gguf' };
    await imports.inspect(from, { signal: never });
    lies = tinyGguf('Q8_0');
    expect(await imports.inspect(from, { signal: never })).toMatchObject({ found: { types: { Q8_0: expect.any(Number) } } });
    expect(fetches).toBe(2);
    // The one that was looked at last.
    expect(disk.sizes).toEqual([lies.length]);
    onMaking = () => void imports.pause(ID);
    await expect(imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
    onMaking = () => undefined;
    expect(disk.sizes).toEqual([lies.length]);
    await imports.resume(ID, { signal: never });
    expect(fetches).toBe(2);
    expect(disk.sizes).toEqual([]);
    await imports.run(from, { signal: never });
    expect(fetches).toBe(3);
    expect(disk.sizes).toEqual([]);
  });

  it('lies on the disk for no longer than it is needed: not when it is no model, is cancelled while it waits, or fails', async () => {
    let lies: Uint8Array<ArrayBuffer> = new Uint8Array(5000);
    imports = open(async () => new Response(lies));
    const from = { url: 'files/tiny.gguf' };
    await expect(imports.inspect(from, { signal: never })).rejects.toThrow();
    await expect(imports.run(from, { signal: never })).rejects.toThrow();
    expect(disk.sizes).toEqual([]);
    lies = new Uint8Array(body);
    onMaking = () => void imports.pause(ID);
    await expect(imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
    expect(disk.sizes).toEqual([lies.length]);
    await imports.cancel(ID);
    expect(disk.sizes).toEqual([]);
    onMaking = () => {
      failing = 'worker_lost';
    };
    await expect(imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    expect(disk.sizes).toEqual([]);
  });

  it('where another file lies by now is not taken for the one that was begun, and is not said to be chosen', async () => {
    let lies = body;
    imports = open(async () => new Response(new Uint8Array(lies)));
    onMaking = () => {
      failing = 'worker_lost';
    };
    await expect(imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    [onMaking, failing, lies] = [() => undefined, undefined, tinyGguf('Q8_0')];
    const url = 'https://example.org/sill/files/tiny.gguf';
    await expect(imports.resume(ID, { signal: never })).rejects.toMatchObject({
      ...{ message: expect.stringContaining(url), details: { reason: 'unreadable', url } },
    });
    expect((await imports.list()).unfinished).toHaveLength(1);
  });

  it('of another site is refused before anything is fetched', async () => {
    await expect(imports.inspect({ url: 'https://elsewhere.org/tiny.gguf' }, { signal: never })).rejects.toMatchObject({
      code: 'source_not_allowed',
    });
    await expect(imports.run({ url: 'http://' }, { signal: never })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('that brings a web page is told of', async () => {
    imports = open(async () => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    await expect(imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    await nothingIsLeft();
  });
});
