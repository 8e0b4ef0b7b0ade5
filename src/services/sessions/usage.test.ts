import { expect, test, vi } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createUsage } from './usage.ts';

const id = parseModelId('tiny');

test('the last use of a model is kept, and written at most once a minute', async () => {
  const { settings } = createMemoryStore();
  const set = vi.spyOn(settings, 'set');
  const time = { nowMs: 1_000_000 };
  const usage = createUsage(settings, { now: () => time.nowMs, monotonicMs: () => time.nowMs });
  expect(await usage.lastUsedAtMs(id)).toBeUndefined();
  for (let request = 0; request < 50; request++) usage.note(id);
  expect(await usage.lastUsedAtMs(id)).toBe(1_000_000);
  expect(set).toHaveBeenCalledOnce();
  time.nowMs += 61_000;
  usage.note(id);
  expect(await usage.lastUsedAtMs(id)).toBe(1_061_000);
});

test('a store that refuses the note fails no answer, and is asked again', async () => {
  const { settings } = createMemoryStore();
  vi.spyOn(settings, 'set').mockRejectedValueOnce(new Error('full'));
  const usage = createUsage(settings, { now: () => 5, monotonicMs: () => 5 });
  usage.note(id);
  await Promise.resolve();
  await Promise.resolve();
  usage.note(id);
  expect(await usage.lastUsedAtMs(id)).toBe(5);
});
