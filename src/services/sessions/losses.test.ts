import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbedDevice } from '../../core/device.ts';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { FORGIVEN_AFTER_MS, MAX_LOSSES } from '../../core/trouble.ts';
import type { LoadSpec, Runtime } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService, type DeviceService } from '../device/device.ts';
import { placeModel } from '../device/placement.ts';
import { createHub } from '../hub.ts';
import { createOrigin } from '../testing/origin.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { putModel, SMALLER } from '../testing/storeFixture.ts';
import { createMemory } from './memory.ts';
import type { Session } from './session.ts';
import { createSessions, type Sessions } from './sessions.ts';

const id = parseModelId('tiny');
const never = new AbortController().signal;
const WITH_GPU: ProbedDevice = {
  ...PLAIN_DEVICE,
  wasm: { ...PLAIN_DEVICE.wasm, jspi: true },
  webgpu: { available: true, fallback: false, vendor: '', architecture: '', description: '', f16: false, features: [], limits: {} },
};

let store: Store;
let nowMs = 0;
/** What the next loads fail with; undefined loads. */
let failing: Array<ErrorCode | undefined> = [];
let loads: LoadSpec[] = [];
let probed: ProbedDevice = PLAIN_DEVICE;
let kept = true;

const runtime: Runtime = {
  prepare: () => undefined,
  async load(spec) {
    loads.push(spec);
    const code = failing.shift();
    if (code) throw new SillError(code, `Loading failed: ${code}.`);
    return refusingModel({ loadMs: 1, build: spec.build, device: spec.device, threads: spec.threads });
  },
};

/** An engine that starts on this device; its tab may die. */
function start(): { sessions: Sessions; device: DeviceService; die(): void } {
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const tab = origin.openTab();
  const hub = createHub(tab.broadcast, clock);
  const device = createDeviceService(async () => probed, PLAIN_STORAGE);
  const sessions = createSessions({
    ...{ store, runtime, clock, hub, device },
    memory: createMemory({ settings: store.settings, device, clock, hub }),
    assets: {
      keepOnly: async () => undefined,
      ensure: async () => (kept ? undefined : Promise.reject(new SillError('network_unavailable', 'No.'))),
      has: async () => kept,
      sizeBytes: () => 14,
    },
    locks: tab.locks,
    repairs: { damageBehind: async () => undefined, mendUnasked: async () => false },
    usage: { note: () => undefined },
  });
  return { sessions, device, die: () => tab.close() };
}
let origin = createOrigin();
let sessions: Sessions;

/** Work that dies as often as it is told to, then says in which form it was done. */
const dying = (...codes: ErrorCode[]) => {
  const left = [...codes];
  return async (session: Session) => {
    const code = left.shift();
    if (code) throw new SillError(code, `It died: ${code}.`);
    return { form: session.form, fallback: session.fallback };
  };
};
const ask = (...codes: ErrorCode[]) => sessions.use(id, never, dying(...codes));
const formsOf = () => loads.map(({ device, threads, build }) => `${device} ${threads} ${build}`);

beforeEach(async () => {
  [nowMs, failing, loads, probed, kept] = [0, [], [], PLAIN_DEVICE, true];
  store = createMemoryStore();
  origin = createOrigin();
  await putModel(store, { model: 'tiny', parts: ['weights'] });
  sessions = start().sessions;
});

describe('a model that is lost under a request', () => {
  it.each(['worker_lost', 'out_of_memory', 'runtime_failed', 'device_lost'] as const)(
    '(%s) is started again in a lighter form, and the request is answered, with the reason',
    async (code) => {
      const { form, fallback } = await ask(code);
      expect(formsOf()).toEqual(['wasm 2 plain', 'wasm 1 plain']);
      expect(form).toEqual({ device: 'wasm', threads: 1 });
      expect(fallback).toEqual({ from: { device: 'wasm', threads: 2 }, reason: code, message: `It died: ${code}.` });
      expect((await store.events.list()).map(({ type }) => type)).toEqual(['loss', 'fallback']);
    },
  );

  it('is started again once, not for ever', async () => {
    await expect(ask('worker_lost', 'out_of_memory')).rejects.toMatchObject({ code: 'out_of_memory' });
    expect(loads).toHaveLength(2);
  });

  it('while it starts is no different', async () => {
    failing = ['runtime_failed'];
    expect((await ask()).fallback).toMatchObject({ reason: 'runtime_failed' });
    expect(formsOf()).toEqual(['wasm 2 plain', 'wasm 1 plain']);
  });

  it('stays in the lighter form, over a restart too, until what was wrong may be over', async () => {
    await ask('out_of_memory');
    sessions.unload(id);
    await ask();
    sessions = start().sessions;
    await ask();
    nowMs += FORGIVEN_AFTER_MS;
    sessions = start().sessions;
    expect((await ask()).fallback).toBeUndefined();
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 1, 1, 2]);
  });

  it('stays in the lighter form in memory no longer than that, however long somebody wants it there', async () => {
    const ask = (...codes: ErrorCode[]) => sessions.use(id, never, dying(...codes), { keepAliveMs: Number.POSITIVE_INFINITY });
    await ask('device_lost');
    nowMs += FORGIVEN_AFTER_MS - 1;
    expect((await ask()).fallback).toBeDefined();
    expect(loads).toHaveLength(2);
    nowMs += 1;
    expect(await sessions.use(id, never, dying())).toEqual({ form: { device: 'wasm', threads: 2 }, fallback: undefined });
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 2]);
    // Whoever asks for nothing of the kind leaves the wish as it was.
    expect(sessions.states()).toMatchObject([{ id, phase: 'loaded', expiresAtMs: Number.POSITIVE_INFINITY }]);
  });

  it('answers those who come while others hold it in the lighter form, and is started anew between them', async () => {
    await ask('worker_lost');
    let end: () => void = () => undefined;
    let isHeld = false;
    const long = sessions.use(id, never, () => {
      isHeld = true;
      return new Promise<void>((resolve) => (end = resolve));
    });
    await vi.waitFor(() => expect(isHeld).toBe(true));
    nowMs += FORGIVEN_AFTER_MS;
    expect((await ask()).fallback).toBeDefined();
    end();
    await long;
    const both = await Promise.all([ask(), ask()]);
    expect(both.map(({ fallback }) => fallback)).toEqual([undefined, undefined]);
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 2]);
  });

  it('runs as it was meant to at once when somebody loads it by hand, also while it is in memory', async () => {
    await ask('worker_lost');
    await sessions.forgive(id);
    expect((await ask()).fallback).toBeUndefined();
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 2]);
  });

  it('and is to stay in memory is started anew before anybody asks', async () => {
    await ask('worker_lost');
    nowMs += FORGIVEN_AFTER_MS;
    await sessions.renew(never);
    expect(loads).toHaveLength(2);
    await sessions.use(id, never, async () => undefined, { keepAliveMs: Number.POSITIVE_INFINITY });
    await sessions.renew(never);
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 2]);
    await ask('worker_lost');
    await sessions.renew(never);
    expect(loads).toHaveLength(4);
    nowMs += FORGIVEN_AFTER_MS;
    await sessions.renew(never);
    expect(loads.map(({ threads }) => threads)).toEqual([2, 1, 2, 1, 2]);
  });

  it('after it was unloaded is not started again: somebody wanted it gone', async () => {
    const request = sessions.use(id, never, async () => {
      sessions.unload(id);
      throw new SillError('worker_lost', 'The model was unloaded.');
    });
    await expect(request).rejects.toMatchObject({ code: 'worker_lost' });
    expect(loads).toHaveLength(1);
    expect(await store.events.list()).toEqual([]);
  });

  it('for a reason that lies in the request is not lost at all', async () => {
    await expect(ask('context_length_exceeded')).rejects.toMatchObject({ code: 'context_length_exceeded' });
    await expect(ask('installation_damaged')).rejects.toMatchObject({ code: 'installation_damaged' });
    expect(loads).toHaveLength(1);
  });

  it('again and again is given up with a reason, until it is forgiven', async () => {
    for (let i = 0; i < MAX_LOSSES / 2; i++) await expect(ask('worker_lost', 'worker_lost')).rejects.toMatchObject({ code: 'worker_lost' });
    await expect(ask()).rejects.toMatchObject({ code: 'crash_loop', details: { losses: MAX_LOSSES, code: 'worker_lost' } });
    sessions = start().sessions;
    await expect(ask()).rejects.toMatchObject({ code: 'crash_loop' });
    expect(loads).toHaveLength(MAX_LOSSES);
    await sessions.forgive(id);
    expect((await ask()).fallback).toBeUndefined();
  });

  it('between answers does not add up', async () => {
    for (let i = 0; i < 2 * MAX_LOSSES; i++) await ask('worker_lost');
  });
});

describe('a model that runs out of memory in its lightest form', () => {
  const putBoth = (has: boolean, device: 'wasm' | 'webgpu' = 'wasm') =>
    putModel(store, { model: 'tiny', parts: ['weights'], device, memoryBytes: 20, smaller: { part: 'less', memoryBytes: 10, has } });
  const sizes = () => loads.map(({ files }) => files.reduce((sum, { blob }) => sum + blob.size, 0));
  const exhaust = async (losses: number) => {
    for (let lost = 0; lost < losses; lost += 2) await ask('out_of_memory', 'out_of_memory').catch(() => undefined);
  };

  it.each([
    ['wasm', PLAIN_DEVICE, 2],
    ['webgpu', WITH_GPU, 3],
  ] as const)('goes on as a smaller variant that is stored, made for %s, and says why', async (place, on, forms) => {
    probed = on;
    sessions = start().sessions;
    await putBoth(true, place);
    await exhaust(2);
    const answer = await sessions.use(id, never, async (session) => {
      if (forms === 3 && loads.length === 3) throw new SillError('out_of_memory', 'It died: out_of_memory.');
      return session;
    });
    expect(answer).toMatchObject({ variant: { id: SMALLER }, form: { device: 'wasm', threads: 2 } });
    expect(answer.fallback).toMatchObject({ reason: 'out_of_memory', variant: SMALLER, from: { device: place, threads: 2 } });
    expect(sizes()).toEqual([...Array(forms).fill(7), 4]);
    expect((await store.events.list()).at(-1)).toMatchObject({ type: 'fallback', fallback: { variant: SMALLER } });
    nowMs += FORGIVEN_AFTER_MS;
    sessions = start().sessions;
    expect((await sessions.use(id, never, async (session) => session.fallback)) ?? 'as installed').toBe('as installed');
  });

  it('stays what it is where the smaller variant is not stored, or where it is not memory that it failed on', async () => {
    await putBoth(false);
    await exhaust(2);
    await ask();
    expect(sizes()).toEqual([7, 7, 7]);
    await sessions.forgive(id);
    sessions.unload(id);
    await putBoth(true);
    loads = [];
    await ask('worker_lost', 'worker_lost').catch(() => undefined);
    await ask();
    expect(sizes()).toEqual([7, 7, 7]);
  });
});

describe('a start that takes its page with it', () => {
  const startAndDie = async () => {
    const { sessions: mortal, die } = start();
    failing = [];
    let begun: () => void = () => undefined;
    const loading = new Promise<void>((resolve) => (begun = resolve));
    const load = runtime.load;
    runtime.load = async (spec) => {
      loads.push(spec);
      begun();
      return new Promise(() => undefined);
    };
    void mortal.use(id, never, async () => undefined);
    await loading;
    // The note is written beside the start.
    await new Promise((resolve) => setTimeout(resolve, 5));
    runtime.load = load;
    die();
  };

  it('is counted: a device that opens its page by itself does not crash for ever', async () => {
    for (let i = 0; i < MAX_LOSSES; i++) await startAndDie();
    await expect(ask()).rejects.toMatchObject({ code: 'crash_loop' });
  });

  it('once may have been somebody who closed the tab, and changes nothing', async () => {
    await startAndDie();
    expect((await ask()).fallback).toBeUndefined();
  });
});

describe('a variant for the GPU', () => {
  beforeEach(async () => {
    probed = WITH_GPU;
    store = createMemoryStore();
    await putModel(store, { model: 'tiny', parts: ['weights'], device: 'webgpu' });
    sessions = start().sessions;
  });

  it('goes on with threads of WASM when its device is lost, then with one', async () => {
    await ask('device_lost');
    await ask('out_of_memory');
    expect(formsOf()).toEqual(['webgpu 2 jspi', 'wasm 2 plain', 'wasm 1 plain']);
  });

  it('goes on with the build that it was installed with, where the better one cannot be fetched', async () => {
    kept = false;
    await ask('device_lost');
    expect(formsOf()).toEqual(['webgpu 2 jspi', 'wasm 2 jspi']);
  });

  it('runs where a person wants it', async () => {
    await placeModel(store.settings, id, 'wasm');
    expect((await ask()).fallback).toMatchObject({ reason: 'wished' });
    expect(formsOf()).toEqual(['wasm 2 plain']);
  });

  it('whose GPU was withdrawn since it was installed runs on the processor and says so', async () => {
    probed = PLAIN_DEVICE;
    sessions = start().sessions;
    expect((await ask()).fallback).toMatchObject({ reason: 'gpu-missing' });
  });

  it('that started before the browser had its GPU goes to it once that is there, also where it is to stay in memory and nobody asks', async () => {
    probed = PLAIN_DEVICE;
    const begun = start();
    sessions = begun.sessions;
    await sessions.use(id, never, dying(), { keepAliveMs: Number.POSITIVE_INFINITY });
    await sessions.renew(never);
    expect((await ask()).fallback).toMatchObject({ reason: 'gpu-missing' });
    expect(formsOf()).toEqual(['wasm 2 plain']);
    probed = WITH_GPU;
    await begun.device.report(true);
    await sessions.renew(never);
    expect((await ask()).fallback).toBeUndefined();
    expect(formsOf()).toEqual(['wasm 2 plain', 'webgpu 2 jspi']);
    expect(sessions.states()).toMatchObject([{ id, expiresAtMs: Number.POSITIVE_INFINITY }]);
  });

  it('that somebody moved to the processor stays there', async () => {
    await placeModel(store.settings, id, 'wasm');
    await ask();
    await ask();
    expect(formsOf()).toEqual(['wasm 2 plain']);
  });
});
