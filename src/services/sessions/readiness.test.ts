import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceAbilities } from '../../core/device.ts';
import { parseModelId } from '../../core/ids.ts';
import { PLAIN_REPORT } from '../../core/testing/plainDevice.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { putModel } from '../testing/storeFixture.ts';
import { getReady, type ReadinessDeps } from './readiness.ts';
import type { ModelState } from './sessions.ts';

let store: Store;
let states: ModelState[];
const usedAtMs = new Map<string, number>();
const prepare = vi.fn<(threads: number) => void>();
let hasRuntime: boolean;
let able: DeviceAbilities;
const ON_PROCESSOR: DeviceAbilities = { ...PLAIN_REPORT, logicalCores: 2, wasm: { ...PLAIN_REPORT.wasm, threads: true } };
const WITH_GPU: DeviceAbilities = {
  ...ON_PROCESSOR,
  webgpu: { available: true, fallback: false, vendor: '', architecture: '', description: '', f16: true, features: [], limits: {} },
};

const ready = () => {
  const deps: ReadinessDeps = {
    ...{ store, runtime: { prepare }, sessions: { states: () => states } },
    usage: { lastUsedAtMs: async (id) => usedAtMs.get(id) },
    device: { abilities: async () => able },
    assets: { has: async () => hasRuntime },
  };
  return getReady(deps);
};

beforeEach(() => {
  store = createMemoryStore();
  states = [];
  hasRuntime = true;
  able = ON_PROCESSOR;
  usedAtMs.clear();
  usedAtMs.set('writer', 1);
  prepare.mockReset();
});

describe('when the app is opened', () => {
  it('starts nothing on a device without a model', async () => {
    await ready();
    expect(prepare).not.toHaveBeenCalled();
  });

  it('starts the runtime with the threads that the model asked last would run with', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    await ready();
    expect(prepare).toHaveBeenCalledExactlyOnceWith(2);
  });

  it('starts none where nobody has asked a model yet: most who open the app then look after it', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    usedAtMs.clear();
    await ready();
    expect(prepare).not.toHaveBeenCalled();
  });

  it('starts none for a model on the graphics processor, whose runtime is another', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    await putModel(store, { model: 'painter', parts: ['b'], device: 'webgpu' });
    usedAtMs.set('painter', 2);
    able = WITH_GPU;
    await ready();
    expect(prepare).not.toHaveBeenCalled();
    // Without one it runs on the processor as well.
    able = ON_PROCESSOR;
    await ready();
    expect(prepare).toHaveBeenCalledTimes(1);
  });

  it('spares a device with little memory', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    able = { ...ON_PROCESSOR, memoryBytes: 2 ** 31 };
    await ready();
    expect(prepare).not.toHaveBeenCalled();
  });

  it('fetches nothing for it', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    hasRuntime = false;
    await ready();
    expect(prepare).not.toHaveBeenCalled();
  });

  it('leaves it to whoever has asked meanwhile', async () => {
    await putModel(store, { model: 'writer', parts: ['a'] });
    states = [{ id: parseModelId('writer'), underWay: 1, waiting: 0 }];
    await ready();
    expect(prepare).not.toHaveBeenCalled();
  });
});
