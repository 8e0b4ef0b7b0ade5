import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { prefersQuality, readPlacement, setPreferCpu, setPreferQuality } from './placement.ts';

let store: Store;
beforeEach(() => {
  store = createMemoryStore();
});
const operator = (kiosk: boolean, quality: 'fast' | 'best') =>
  store.settings.set('operator-rules', { kiosk, devices: { install: [], quality } });

describe('the best quality', () => {
  it('is wanted where a person says so, and kept beside where they want models to run', async () => {
    expect(await prefersQuality(store.settings)).toBe(false);
    await setPreferQuality(store.settings, true);
    await setPreferCpu(store.settings, true);
    expect(await prefersQuality(store.settings)).toBe(true);
    expect(await readPlacement(store.settings)).toEqual({ preferCpu: true, preferQuality: true, models: {} });
  });

  it('is wanted where the operator says so, until a person chooses otherwise', async () => {
    await operator(false, 'best');
    expect(await prefersQuality(store.settings)).toBe(true);
    await setPreferQuality(store.settings, false);
    expect(await prefersQuality(store.settings)).toBe(false);
  });

  it('is for the operator alone to decide in a kiosk', async () => {
    await setPreferQuality(store.settings, false);
    await operator(true, 'best');
    expect(await prefersQuality(store.settings)).toBe(true);
    await expect(setPreferQuality(store.settings, false)).rejects.toMatchObject({ code: 'forbidden', details: { what: 'quality' } });
  });
});
