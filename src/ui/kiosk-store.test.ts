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

/** A page whose engine says one after the other. */
async function heard(reports: readonly KioskReport[]): Promise<KioskStore> {
  const store = new KioskStore();
  let now = LOCKED;
  const stop = store.connect({
    watch: () => () => undefined,
    kiosk: {
      ...{ lock: never, pinHash: never, restore: never, unlock: never, relock: never, leave: never, endSession: never },
      status: async () => now,
    },
    ...{ storage: never, operator: never },
    conversations: { list: never, messages: never, write: never, reseal: never, clear: never },
  });
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
