import { afterEach, describe, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { raceContract } from './contract/races.ts';
import { A, B } from './contract/samples.ts';
import { storeContract } from './contract/store.ts';
import { openIdbStore } from './idbStore.ts';

const MIB = 1024 * 1024;
const freshName = () => `sill-test-${crypto.randomUUID()}`;

/** https://wicg.github.io/storage-buckets/, which TypeScript does not know yet. */
interface StorageBuckets {
  open(name: string): Promise<{ readonly indexedDB: IDBFactory }>;
}
const storageBuckets = (): StorageBuckets => Reflect.get(navigator, 'storageBuckets');

afterEach(() => vi.unstubAllGlobals());

describe('the store over IndexedDB in a browser', () => {
  test('a full disk is a coded error, keeps what was stored, and writing goes on once there is room', async () => {
    const { origin } = location;
    const { usage = 0 } = await navigator.storage.estimate();
    await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 4 * MIB });
    // In a bucket of its own, because Chromium remembers for half a minute how much space it saw for a bucket.
    const bucket = await storageBuckets().open('full-disk');
    vi.stubGlobal('indexedDB', bucket.indexedDB);
    const store = await openIdbStore({ name: freshName() });
    await store.chunks.put(A, new Blob(['kept']));
    const big = new Blob([crypto.getRandomValues(new Uint8Array(65_536)), new Uint8Array(8 * MIB)]);
    const refused = store.chunks.put(B, big);
    await expect(refused).rejects.toMatchObject({ code: 'quota_exceeded', details: { neededBytes: big.size } });
    expect(await (await store.chunks.get(A))?.text()).toBe('kept');
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
    await store.chunks.put(B, big);
    expect(await store.chunks.missing([A, B])).toEqual([]);
    store.close();
  });

  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, () => openIdbStore({ name: freshName() }));

  raceContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
    const name = freshName();
    return [await openIdbStore({ name }), await openIdbStore({ name })];
  });

  test('the database is opened again after the browser threw it away', async () => {
    const store = await openIdbStore({ name: freshName() });
    await store.settings.set('a', 1);
    await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
    await store.settings.set('a', 2);
    expect(await store.settings.get('a')).toBe(2);
    store.close();
  });
});
