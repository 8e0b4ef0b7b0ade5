import type { Broadcast, Connection, Locks, Random, StorageManagerPort } from '../ports/browser.ts';
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
  hold: (name, work) => navigator.locks.request(name, work),
  share: (name, work) => navigator.locks.request(name, { mode: 'shared' }, work),
  isHeld: async (name) => ((await navigator.locks.query()).held ?? []).some((lock) => lock.name === name),
};

/** WebKitGTK, as in GNOME Web, has none unless it is turned on: there nothing is told, and nothing promised. */
const storageManager = (): StorageManager | undefined => navigator.storage;

export const realmStorage: StorageManagerPort = {
  async estimate() {
    const { quota, usage } = (await storageManager()?.estimate()) ?? {};
    return { ...(quota === undefined ? {} : { quotaBytes: quota }), ...(usage === undefined ? {} : { usageBytes: usage }) };
  },
  persisted: async () => (await storageManager()?.persisted()) ?? false,
};

/** `saveData` and `type` are of the Network Information API, which Chromium alone has; `type` is known on phones and tablets only. */
export function createConnection(): Connection {
  const information: unknown = Reflect.get(navigator, 'connection');
  return {
    isOnline: () => navigator.onLine,
    isMetered() {
      if (typeof information !== 'object' || information === null) return false;
      return Reflect.get(information, 'saveData') === true || Reflect.get(information, 'type') === 'cellular';
    },
    onChange(listener) {
      addEventListener('online', listener);
      addEventListener('offline', listener);
      if (information instanceof EventTarget) information.addEventListener('change', listener);
    },
  };
}

export function createBroadcast(name: string): Broadcast {
  const channel = new BroadcastChannel(name);
  return {
    send: (message) => channel.postMessage(message),
    listen: (listener) => channel.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data)),
  };
}
