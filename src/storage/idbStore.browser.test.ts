import { describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { parseDigest } from '../core/ids.ts';
import { storeContract } from './contract.ts';
import { openIdbStore } from './idbStore.ts';

const MIB = 1024 * 1024;
const digestOf = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`);
const freshName = () => `sill-test-${crypto.randomUUID()}`;

describe('the store over IndexedDB in a browser', () => {
  test('a full disk is a coded error, keeps what was stored, and writing goes on once there is room', async () => {
    const origin = location.origin;
    const { usage = 0 } = await navigator.storage.estimate();
    await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 4 * MIB });
    const store = await openIdbStore({ name: freshName() });
    await store.chunks.put(digestOf('a'), new Blob(['kept']));
    const big = new Blob([crypto.getRandomValues(new Uint8Array(65_536)), new Uint8Array(8 * MIB)]);
    const refusal = async () => {
      await store.chunks.delete([digestOf('b')]);
      return store.chunks.put(digestOf('b'), big).catch((reason: unknown) => reason);
    };
    // Chromium remembers the free space that an earlier test saw for half a minute.
    await expect
      .poll(refusal, { timeout: 45_000, interval: 1000 })
      .toMatchObject({ code: 'quota_exceeded', details: { neededBytes: big.size } });
    expect(await (await store.chunks.get(digestOf('a')))?.text()).toBe('kept');
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
    await store.chunks.put(digestOf('b'), big);
    expect(await store.chunks.missing([digestOf('a'), digestOf('b')])).toEqual([]);
    store.close();
  }, 60_000);

  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, () => openIdbStore({ name: freshName() }));

  test('the database is opened again after the browser threw it away', async () => {
    const store = await openIdbStore({ name: freshName() });
    await store.settings.set('a', 1);
    await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
    await store.settings.set('a', 2);
    expect(await store.settings.get('a')).toBe(2);
    store.close();
  });
});
