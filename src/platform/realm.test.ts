import { afterEach, expect, it, vi } from 'vitest';
import { realmStorage } from './realm.ts';

afterEach(() => vi.unstubAllGlobals());

it('a browser without a storage manager tells nothing of space, and has promised nothing', async () => {
  vi.stubGlobal('navigator', {});
  expect(await realmStorage.estimate()).toEqual({});
  expect(await realmStorage.persisted()).toBe(false);
});
