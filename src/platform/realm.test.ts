import { afterEach, describe, expect, it, vi } from 'vitest';
import { persistStorage, realmStorage } from './realm.ts';

afterEach(() => vi.unstubAllGlobals());

describe('what a browser keeps', () => {
  it('is not told and not promised by one that has no storage manager', async () => {
    vi.stubGlobal('navigator', {});
    expect(await realmStorage.estimate()).toEqual({});
    expect(await realmStorage.persisted()).toBe(false);
    expect(await persistStorage()).toBe(false);
  });

  it('is asked for only where it is not promised yet', async () => {
    const persist = vi.fn(async () => true);
    vi.stubGlobal('navigator', { storage: { persisted: async () => true, persist } });
    expect(await persistStorage()).toBe(true);
    expect(persist).not.toHaveBeenCalled();
    vi.stubGlobal('navigator', { storage: { persisted: async () => false, persist } });
    expect(await persistStorage()).toBe(true);
    expect(persist).toHaveBeenCalledOnce();
  });
});
