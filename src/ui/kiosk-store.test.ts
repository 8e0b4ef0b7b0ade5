import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KioskReport } from '../protocol/kiosk.ts';
import { KioskStore } from './kiosk-store.ts';

const LOCKED: KioskReport = { locked: true, by: 'policy', hasPin: true, retryAfterMs: 0, sessions: 0 };
const STAFF: KioskReport = { ...LOCKED, locked: false, staffLeftMs: 600_000 };
const never = (): never => {
  throw new Error('Nobody asks for this.');
};

beforeEach(() => {
  vi.stubGlobal('location', { search: '' });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const connected = (store: KioskStore, status: () => Promise<KioskReport>) =>
  store.connect({
    watch: () => () => undefined,
    kiosk: { ...{ lock: never, pinHash: never, restore: never, unlock: never, relock: never, leave: never, endSession: never }, status },
    ...{ storage: never, operator: never },
    conversations: { list: never },
  });

/** A page whose engine says one after the other. */
async function heard(reports: readonly KioskReport[]): Promise<KioskStore> {
  const store = new KioskStore();
  let now = LOCKED;
  const stop = connected(store, async () => now);
  for (const report of reports) {
    now = report;
    await store.refresh();
    await store.refresh();
  }
  stop();
  return store;
}

it('a lock that comes after the staff is told from one that was there when the page began', async () => {
  expect((await heard([LOCKED])).followsStaff).toBe(false);
  expect((await heard([LOCKED, STAFF])).followsStaff).toBe(false);
  // Until the page is loaded anew, however often it is told.
  expect((await heard([LOCKED, STAFF, LOCKED, LOCKED])).followsStaff).toBe(true);
  expect((await heard([LOCKED, STAFF, LOCKED, STAFF])).followsStaff).toBe(false);
});

it('that the staff is gone is found soon after the device has slept, however much of their time the page has counted', async () => {
  vi.useFakeTimers();
  const store = new KioskStore();
  let now = STAFF;
  const stop = connected(store, async () => now);
  await vi.advanceTimersByTimeAsync(1000);
  expect(store.locked).toBe(false);
  now = LOCKED;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(store.locked).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  stop();
  vi.useRealTimers();
});
