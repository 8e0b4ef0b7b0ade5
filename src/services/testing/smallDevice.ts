import { vi } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import type { MemorySettings } from '../../core/memorySettings.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createMemory, type Memory } from '../sessions/memory.ts';
import { createSessions, type Sessions, type UseOptions } from '../sessions/sessions.ts';
import { createOrigin } from './origin.ts';
import { ScriptedModels } from './scriptedModels.ts';
import { putModel } from './storeFixture.ts';

// A device of 400 MiB, of which models get half, with three models of 80: what is exported is of the test that runs.

export const MIB = 2 ** 20;
export const never = new AbortController().signal;
export const [a, b, c] = [parseModelId('a'), parseModelId('b'), parseModelId('c')];

export let store: Store;
export let runtime: ScriptedModels;
export let memory: Memory;
export let sessions: Sessions;
/** Whatever waits for the answers that a test holds. */
export let open: Array<() => void> = [];

/** For `beforeEach`. */
export async function newSmallDevice(): Promise<() => void> {
  store = createMemoryStore();
  runtime = new ScriptedModels();
  open = [];
  for (const name of ['a', 'b', 'c']) {
    await putModel(store, { model: name, parts: [`weights of ${name}`], memoryBytes: 80 * MIB });
    runtime.takes.set(name, 80);
  }
  start();
  return () => void vi.useRealTimers();
}

/** An engine over what is stored. */
export function start(): void {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const probe = async () => ({ ...PLAIN_DEVICE, memoryBytes: 400 * MIB });
  const device = createDeviceService(probe, PLAIN_STORAGE);
  memory = createMemory({ settings: store.settings, device, clock, hub });
  sessions = createSessions({
    ...{ store, runtime, clock, hub, device, memory },
    assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
    locks: createOrigin().openTab().locks,
    repairs: { damageBehind: async () => undefined, mendUnasked: async () => false },
    usage: { note: () => undefined },
  });
  hub.listen(({ type }) => type === 'memory' && void sessions.refresh());
}

export const ask = (id: typeof a, options: UseOptions & { signal?: AbortSignal } = {}) =>
  sessions.use(id, options.signal ?? never, async () => 'answered', options);
/** An answer that goes on until it is told to end, or is cancelled. */
export const hold = (id: typeof a, options: UseOptions & { signal?: AbortSignal } = {}) =>
  sessions.use(
    id,
    options.signal ?? never,
    () =>
      new Promise<string>((resolve, reject) => {
        open.push(() => resolve('answered'));
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      }),
    options,
  );
export const loaded = () => sessions.loaded().map(({ id }) => id);
export const settled = () => new Promise((resolve) => setTimeout(resolve, 10));
export const stateOf = (id: typeof a) => sessions.states().find((each) => each.id === id);
export const choose = (settings: Partial<MemorySettings>) => memory.setSettings({ preload: [], ...settings });
