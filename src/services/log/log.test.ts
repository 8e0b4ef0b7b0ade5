import { expect, test, vi } from 'vitest';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createLog } from './log.ts';

const DAY_MS = 24 * 60 * 60_000;

function logAt(startMs: number, maxLines?: number) {
  const store = createMemoryStore();
  const time = { nowMs: startMs };
  const tell = vi.fn();
  const clock = { now: () => time.nowMs, monotonicMs: () => time.nowMs };
  const log = createLog({ store, clock, hub: { tell }, ...(maxLines === undefined ? {} : { maxLines }) });
  const codes = async () => (await log.list()).events.map(({ code }) => code);
  return { store, time, tell, log, codes };
}

test('keeps as many lines as it may, the latest, in their order', async () => {
  const { log } = logAt(0, 100);
  for (let i = 0; i < 250; i++) log.note({ code: 'installed', details: { i } });
  const { events, count } = await log.list();
  expect(count).toBe(100);
  expect(events.map(({ details }) => details.i)).toEqual(Array.from({ length: 100 }, (_, i) => i + 150));
  log.note({ code: 'installed', details: { i: 250 } });
  expect((await log.list(events.at(-1)?.id)).events.map(({ details }) => details.i)).toEqual([250]);
});

test('drops with the next line what is older than it is to be kept', async () => {
  const { log, time, codes } = logAt(100 * DAY_MS);
  await log.setSettings({ level: 'info', days: 7 });
  log.note({ code: 'installed' });
  await codes();
  for (let day = 1; day <= 8; day++) {
    time.nowMs += DAY_MS;
    log.note({ code: 'removed' });
    await codes();
  }
  expect(await codes()).toEqual(Array(8).fill('removed'));
});

test('after a gap of days nothing is dropped for a day: a clock that was set too far, and is set right, has cost no line', async () => {
  const { log, time, codes, store } = logAt(100 * DAY_MS);
  log.note({ code: 'installed' });
  expect(await codes()).toEqual(['installed']);
  time.nowMs += 31 * DAY_MS;
  log.note({ code: 'removed' });
  time.nowMs += DAY_MS / 2;
  // Also by an engine that started since.
  const later = createLog({ store, clock: { now: () => time.nowMs, monotonicMs: () => 0 }, hub: { tell: () => undefined } });
  later.note({ code: 'removed' });
  await later.list();
  expect(await codes()).toEqual(['installed', 'removed', 'removed']);
  time.nowMs -= 31 * DAY_MS;
  log.note({ code: 'installed' });
  expect(await codes()).toEqual(['installed', 'removed', 'removed', 'installed']);
  // A device that was off for so long keeps to its days again after one.
  time.nowMs += 31 * DAY_MS;
  log.note({ code: 'removed' });
  await codes();
  time.nowMs += DAY_MS;
  log.note({ code: 'update-rejected' });
  expect((await codes())[0]).toBe('removed');
});

test('writes nothing below the level that is set, and all again when that is lowered', async () => {
  const { log, codes } = logAt(0);
  log.note({ code: 'trial-begun' });
  log.note({ code: 'installed' });
  expect(await codes()).toEqual(['installed']);
  await log.setSettings({ level: 'error', days: 30 });
  log.note({ code: 'update-rejected' });
  log.note({ code: 'install-failed' });
  expect(await codes()).toEqual(['installed', 'install-failed']);
  await log.setSettings({ level: 'debug', days: 30 });
  log.note({ code: 'trial-begun' });
  expect(await codes()).toEqual(['installed', 'install-failed', 'trial-begun']);
});

test('writes whatever the level is that a lost model runs again, and nothing else of its loads', async () => {
  const { log, codes, store } = logAt(0);
  await log.setSettings({ level: 'error', days: 30 });
  log.note({ code: 'model-loaded', model: 'tiny' });
  log.note({ code: 'model-lost', model: 'tiny' });
  log.note({ code: 'model-loaded', model: 'other' });
  expect(await codes()).toEqual(['model-lost']);
  log.note({ code: 'model-loaded', model: 'tiny' });
  log.note({ code: 'model-loaded', model: 'tiny' });
  expect(await codes()).toEqual(['model-lost', 'model-loaded']);
  // Also by an engine that started since.
  log.note({ code: 'model-lost', model: 'tiny' });
  await codes();
  const later = createLog({ store, clock: { now: () => 0, monotonicMs: () => 0 }, hub: { tell: () => undefined } });
  later.note({ code: 'removed', model: 'tiny' });
  later.note({ code: 'removed', model: 'tiny' });
  expect((await later.list()).events.map(({ code }) => code)).toEqual(['model-lost', 'model-loaded', 'model-lost', 'removed']);
});

test('notes that come in a burst are written together', async () => {
  const { log, store, tell } = logAt(0);
  const add = vi.spyOn(store.log, 'add');
  for (let i = 0; i < 500; i++) log.note({ code: 'installed' });
  await log.list();
  expect(add).toHaveBeenCalledTimes(1);
  expect(tell).toHaveBeenCalledWith({ type: 'log' });
});

test('reading the log tells nobody that it changed', async () => {
  const { log, tell } = logAt(0);
  log.note({ code: 'installed' });
  await log.list();
  log.note({ code: 'trial-begun' });
  await log.list();
  await log.list();
  expect(tell).toHaveBeenCalledTimes(1);
});

test('a store that refuses a line costs whoever notes it nothing', async () => {
  const { log, store, codes } = logAt(0);
  vi.spyOn(store.log, 'add').mockRejectedValueOnce(new Error('full'));
  log.note({ code: 'installed' });
  expect(await codes()).toEqual([]);
  log.note({ code: 'removed' });
  expect(await codes()).toEqual(['removed']);
});
