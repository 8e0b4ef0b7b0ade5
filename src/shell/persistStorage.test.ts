import { afterEach, expect, it, vi } from 'vitest';
import { persistStorage } from './persistStorage.ts';

afterEach(() => vi.unstubAllGlobals());

it('a browser is asked to keep what is stored where it has not promised it yet, and one without a storage manager does not agree', async () => {
  const persist = vi.fn(async () => true);
  vi.stubGlobal('navigator', { storage: { persisted: async () => true, persist } });
  expect(await persistStorage()).toBe(true);
  expect(persist).not.toHaveBeenCalled();
  vi.stubGlobal('navigator', { storage: { persisted: async () => false, persist } });
  expect(await persistStorage()).toBe(true);
  expect(persist).toHaveBeenCalledOnce();
  vi.stubGlobal('navigator', {});
  expect(await persistStorage()).toBe(false);
});
