import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReturningRoom } from './returningRoom.ts';
import { createLocks } from './testing/locks.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** Settles once its pause is over. */
async function waited(room: ReturnType<typeof createReturningRoom>): Promise<boolean> {
  const waiting = room.wait();
  await vi.advanceTimersByTimeAsync(1_000);
  return waiting;
}

test('where a realm has deleted something, each may wait for a minute, and nobody longer', async () => {
  const locks = createLocks();
  const [deleting, writing] = [createReturningRoom(locks), createReturningRoom(locks)];
  expect(await waited(writing)).toBe(false);
  deleting.expect();
  expect([await waited(deleting), await waited(writing)]).toEqual([true, true]);
  await vi.advanceTimersByTimeAsync(45_000);
  // Another deletion begins the minute anew, and takes no second lock.
  deleting.expect();
  expect(locks.held).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(await waited(writing)).toBe(true);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(await waited(writing)).toBe(false);
  deleting.expect();
  expect(await waited(writing)).toBe(true);
});

test('without locks nothing is waited for', async () => {
  const room = createReturningRoom(undefined);
  room.expect();
  expect(await waited(room)).toBe(false);
});
