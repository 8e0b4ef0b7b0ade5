import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { parseManifest } from '../../core/manifest.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import type { LoadedModel, LoadSpec, Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createOrigin } from '../testing/origin.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { createMemory } from './memory.ts';
import { createSessions, type Sessions } from './sessions.ts';

const id = parseModelId('tiny');
const revision = parseRevisionId(`sha256:${'e'.repeat(64)}`);
const variant = parseVariantId('int8-wasm');
const other = parseVariantId('other-wasm');
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const manifest = parseManifest({
  ...TINY,
  files: [{ path: 'weights.bin', sizeBytes: 5, chunks: [{ digest, sizeBytes: 5 }] }],
  variants: [variant, other].map((each) => ({
    id: each,
    dtype: 'int8',
    device: 'wasm',
    files: ['weights.bin'],
    needs: { memoryBytes: 1 },
  })),
});
const never = new AbortController().signal;
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** A runtime that loads nothing and can be told to die: these tests are about turns, not about numbers. */
function scriptedRuntime(): Runtime & { loads: LoadSpec[]; kill(): void; unloaded: number; gate: Promise<void> } {
  let lose: (reason: Error) => void = () => undefined;
  const runtime = {
    loads: [] as LoadSpec[],
    unloaded: 0,
    prepare: () => undefined,
    gate: Promise.resolve(),
    kill: () => lose(new Error('the worker died')),
    async load(spec: LoadSpec): Promise<LoadedModel> {
      runtime.loads.push(spec);
      await runtime.gate;
      return {
        ...refusingModel({ loadMs: 5, build: 'plain', device: 'wasm', threads: spec.threads }),
        lost: new Promise((resolve) => (lose = resolve)),
        unload: () => {
          runtime.unloaded += 1;
        },
      };
    },
  };
  return runtime;
}

let store: Store;
let runtime: ReturnType<typeof scriptedRuntime>;
let sessions: Sessions;
let between: string[];

async function activate(which: typeof variant): Promise<void> {
  const entry = {
    modelId: id,
    revision,
    variant: which,
    startedAtMs: 0,
    licenceAcceptedAtMs: 0,
    state: 'running',
    by: 'person',
    rank: 0,
  } as const;
  await store.models.beginInstall(entry, manifest);
  await store.models.commitInstall(entry, 0);
}

beforeEach(async () => {
  store = createMemoryStore();
  runtime = scriptedRuntime();
  await store.chunks.put(digest, new Blob(['bytes']));
  await activate(variant);
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const device = createDeviceService(async () => ({ ...PLAIN_DEVICE, logicalCores: 16 }), PLAIN_STORAGE);
  between = [];
  sessions = createSessions({
    ...{ store, runtime, device, hub },
    memory: createMemory({ settings: store.settings, device, clock, hub }),
    assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
    clock,
    locks: createOrigin().openTab().locks,
    repairs: { damageBehind: async () => undefined, mendUnasked: async () => false },
    usage: { note: () => undefined },
    between: { stop: () => between.push('stop'), look: () => between.push(`look, ${sessions.states()[0]?.underWay} under way`) },
  });
});

describe('requests to one model', () => {
  it('stop what is done between them when they come, and say when they have left', async () => {
    const work = sessions.use(id, never, async () => between.push('work'));
    expect(between).toEqual(['stop']);
    await work;
    await expect(sessions.use(id, AbortSignal.abort(), async () => undefined)).rejects.toThrow();
    expect(between).toEqual(['stop', 'work', 'look, 0 under way', 'stop', 'look, 0 under way']);
  });

  it('load it once, with the stored bytes, and begin in the order they came, four together', async () => {
    const log: string[] = [];
    const request = (name: string) =>
      sessions.use(id, never, async (_, loadMs) => {
        log.push(`${name} begins${loadMs === undefined ? '' : ' after loading'}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push(`${name} ends`);
      });
    await Promise.all(['1st', '2nd', '3rd', '4th', '5th'].map(request));
    expect(log.map((line) => line.replace(' after loading', ''))).toEqual([
      ...['1st begins', '2nd begins', '3rd begins', '4th begins'],
      ...['1st ends', '5th begins', '2nd ends', '3rd ends', '4th ends', '5th ends'],
    ]);
    expect(log[0]).toBe('1st begins after loading');
    expect(runtime.loads).toHaveLength(1);
    expect(await runtime.loads[0]?.files[0]?.blob.text()).toBe('bytes');
    expect(runtime.loads[0]?.threads).toBe(4);
  });

  it('that give up while they wait do not let the next one in early', async () => {
    const log: string[] = [];
    const slow = sessions.use(
      id,
      never,
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        log.push('slow ends');
      },
      { alone: true },
    );
    const abort = new AbortController();
    const gaveUp = sessions.use(id, abort.signal, async () => log.push('never'));
    const last = sessions.use(id, never, async () => log.push('last'));
    abort.abort();
    await expect(gaveUp).rejects.toMatchObject({ code: 'aborted' });
    await Promise.all([slow, last]);
    expect(log).toEqual(['slow ends', 'last']);
  });

  it('that want to be alone wait for those under way, and hold back those who come later', async () => {
    const log: string[] = [];
    const request = (name: string, alone: boolean, ms: number) =>
      sessions.use(
        id,
        never,
        async () => {
          log.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, ms));
          log.push(`${name} ends`);
        },
        { alone },
      );
    const between = () => sessions.between(id, never, async () => log.push(`between, ${sessions.loaded().length} loaded`));
    await Promise.all([
      request('one', false, 10),
      request('two', false, 20),
      request('alone', true, 5),
      between(),
      request('three', false, 1),
    ]);
    expect(log).toEqual([
      ...['one begins', 'two begins', 'one ends', 'two ends'],
      ...['alone begins', 'alone ends', 'between, 0 loaded', 'three begins', 'three ends'],
    ]);
  });

  it('go on after one of them failed', async () => {
    const failed = sessions.use(id, never, () => Promise.reject(new SillError('empty_input', 'Nothing there.')));
    const next = sessions.use(id, never, async () => 'fine');
    await expect(failed).rejects.toMatchObject({ code: 'empty_input' });
    expect(await next).toBe('fine');
  });
});

describe('a revision that was replaced while it answers', () => {
  it('answers to the end; those who come later wait for that and get the new one', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const log: string[] = [];
    const old = sessions.use(id, never, async (session) => {
      await gate;
      log.push(`old ends, ${session.installed.variant}, unloaded: ${runtime.unloaded}`);
    });
    await vi.waitFor(() => expect(runtime.loads).toHaveLength(1));
    await activate(other);
    const later = ['a', 'b'].map((name) => sessions.use(id, never, async ({ installed }) => log.push(`${name}: ${installed.variant}`)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log).toEqual([]);
    open();
    await Promise.all([old, ...later]);
    expect(log).toEqual(['old ends, int8-wasm, unloaded: 0', 'a: other-wasm', 'b: other-wasm']);
    expect(runtime).toMatchObject({ unloaded: 1 });
    expect(runtime.loads).toHaveLength(2);
  });
});

describe('a loaded model', () => {
  it('is loaded again after its worker died', async () => {
    await sessions.use(id, never, async () => undefined);
    runtime.kill();
    await vi.waitFor(() => expect(sessions.loaded()).toHaveLength(0));
    await sessions.use(id, never, async () => undefined);
    expect(runtime.loads).toHaveLength(2);
  });

  it('gives its memory back when it is unloaded, and only then', async () => {
    await sessions.use(id, never, async () => undefined);
    expect(runtime.unloaded).toBe(0);
    expect(sessions.unload(id)).toBe(true);
    expect(runtime.unloaded).toBe(1);
    expect(sessions.unload(id)).toBe(false);
  });

  it('that nobody waits for any more is kept for the next request, not leaked', async () => {
    let open: () => void = () => undefined;
    runtime.gate = new Promise<void>((resolve) => (open = resolve));
    const abort = new AbortController();
    const gaveUp = sessions.use(id, abort.signal, async () => undefined);
    await vi.waitFor(() => expect(runtime.loads).toHaveLength(1));
    abort.abort();
    await expect(gaveUp).rejects.toMatchObject({ code: 'aborted' });
    open();
    await sessions.use(id, never, async () => undefined);
    expect(runtime.loads).toHaveLength(1);
  });
});

describe('a model that cannot be loaded', () => {
  it('is named when it is not installed', async () => {
    await expect(sessions.use(parseModelId('absent'), never, async () => 1)).rejects.toMatchObject({ code: 'model_not_installed' });
  });

  it('names the file of which a chunk was evicted', async () => {
    await store.chunks.delete([digest]);
    await expect(sessions.use(id, never, async () => 1)).rejects.toMatchObject({
      code: 'installation_damaged',
      details: { path: 'weights.bin' },
    });
  });
});

describe('what a model remembers of prompts', () => {
  it('goes with its worker where the model does not let go of it', async () => {
    await sessions.use(id, never, async () => undefined);
    await sessions.forgetBeginnings(id, 1000);
    expect(runtime.unloaded).toBe(1);
    expect(sessions.loaded()).toEqual([]);
  });

  it('goes with its worker where a request does not end in time', async () => {
    let end: () => void = () => undefined;
    const answering = sessions.use(id, never, () => new Promise<void>((resolve) => (end = resolve)));
    await vi.waitFor(() => expect(runtime.loads).toHaveLength(1));
    await vi.waitFor(() => expect(sessions.loaded()).toHaveLength(1));
    await sessions.forgetBeginnings(id, 10);
    expect(runtime.unloaded).toBe(1);
    end();
    await answering;
  });
});
