import type { Broadcast, Locks, Random, StorageManagerPort } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';

/** The browser's own clock, locks, channel, storage manager and randomness behind their ports. */

export const realmClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

export const realmRandom: Random = {
  uint32: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  uuid: () => crypto.randomUUID(),
};

export const realmLocks: Locks = {
  tryHold: (name, work) =>
    navigator.locks.request(name, { ifAvailable: true }, async (lock) => (lock ? { value: await work() } : undefined)),
  share: (name, work) => navigator.locks.request(name, { mode: 'shared' }, work),
  isHeld: async (name) => ((await navigator.locks.query()).held ?? []).some((lock) => lock.name === name),
};

export const realmStorage: StorageManagerPort = {
  async estimate() {
    const { quota, usage } = await navigator.storage.estimate();
    return { ...(quota === undefined ? {} : { quotaBytes: quota }), ...(usage === undefined ? {} : { usageBytes: usage }) };
  },
  persisted: () => navigator.storage.persisted(),
};

export function createBroadcast(name: string): Broadcast {
  const channel = new BroadcastChannel(name);
  return {
    send: (message) => channel.postMessage(message),
    listen: (listener) => channel.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data)),
  };
}
