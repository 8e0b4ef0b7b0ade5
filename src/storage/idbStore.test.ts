import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from './connection.ts';
import { raceContract } from './contract/races.ts';
import { A, B, C, digestOf, entryOf, manifestWith } from './contract/samples.ts';
import { storeContract } from './contract/store.ts';
import { openIdbStore } from './idbStore.ts';
import { MIGRATIONS, migrate, type Schema } from './schema.ts';
import { createLocks } from './testing/locks.ts';

let count = 0;
const freshName = () => `sill-test-${++count}`;

/** As a browser does it on a full disk: the transaction knows the cause, its requests only that it was aborted. */
function refuse(this: IDBObjectStore): IDBRequest {
  const request = this.get('pending');
  this.transaction.abort();
  Object.defineProperty(this.transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
  return request;
}

afterEach(() => vi.restoreAllMocks());

describe('the store over IndexedDB', () => {
  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, () => openIdbStore({ name: freshName() }));

  test('what was stored is there after closing and opening again', async () => {
    const name = freshName();
    const first = await openIdbStore({ name });
    await first.chunks.put(A, new Blob(['abc']));
    first.close();
    const second = await openIdbStore({ name });
    expect(await (await second.chunks.get(A))?.text()).toBe('abc');
    second.close();
  });

  raceContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
    const name = freshName();
    return [await openIdbStore({ name }), await openIdbStore({ name })];
  });

  test('an install into which a newer version of the app breaks stops, and what it stored is there for that version', async () => {
    const name = freshName();
    const store = await openIdbStore({ name });
    await store.models.beginInstall(entryOf(), manifestWith(B));
    await store.chunks.put(A, new Blob(['a']));
    const putting = store.chunks.put(B, new Blob(['bb'])).then(
      () => 'stored',
      () => 'refused',
    );
    const newer = await openDB<Schema>(name, MIGRATIONS.length + 1);
    await expect(store.models.commitInstall(entryOf(), 1)).rejects.toMatchObject({ code: 'app_outdated' });
    expect(await newer.getAllKeys('chunks')).toEqual((await putting) === 'stored' ? [A, B] : [A]);
    expect((await newer.getAll('journal')).map(({ revision }) => revision)).toEqual([entryOf().revision]);
    expect(await newer.getAll('leases')).toHaveLength(1);
    expect(await newer.getAll('slots')).toEqual([]);
    newer.close();
  });

  test('tabs that commit, cancel and collect garbage at once never leave an installed model without its chunks', async () => {
    const outcomes = new Set<string>();
    for (const cancelFirst of [false, true]) {
      const name = freshName();
      const [one, two] = [await openIdbStore({ name }), await openIdbStore({ name })];
      const entry = entryOf();
      await one.models.beginInstall(entry, manifestWith(B));
      await one.chunks.put(A, new Blob(['a']));
      await one.chunks.put(B, new Blob(['bb']));
      const commit = () =>
        one.models.commitInstall(entry, 1).then(
          () => 'committed',
          () => 'refused',
        );
      const cancel = async () => {
        const abandoned = two.models.abandonInstall(entry.revision);
        const collected = two.models.collectGarbage();
        await Promise.all([abandoned, collected]);
      };
      const works = cancelFirst ? [cancel(), commit()] : [commit(), cancel()];
      const [, outcome] = cancelFirst ? await Promise.all(works) : (await Promise.all(works)).reverse();
      const slots = await two.models.slots(entry.modelId);
      expect(slots?.active !== undefined).toBe(outcome === 'committed');
      expect((await two.chunks.missing([A, B])).length).toBe(outcome === 'committed' ? 0 : 2);
      outcomes.add(String(outcome));
      one.close();
      two.close();
    }
    expect([...outcomes].sort()).toEqual(['committed', 'refused']);
  });

  for (let version = 0; version < MIGRATIONS.length; version++) {
    test(`a database of version ${version} is brought up to date`, async () => {
      const name = freshName();
      if (version > 0) {
        const old = await openDB<Schema>(name, version, {
          upgrade: (db, from, _to, tx) => migrate(db, from, tx, MIGRATIONS.slice(0, version)),
        });
        old.close();
      }
      const store = await openIdbStore({ name });
      await store.chunks.put(A, new Blob(['abc']));
      expect(await store.chunks.list()).toEqual([{ digest: A, sizeBytes: 3 }]);
      store.close();
    });
  }

  test('an install that an earlier version of the app stopped is paused, and one that died with it goes on', async () => {
    const name = freshName();
    const JOURNAL_BECAME_QUEUE = 5;
    const steps = MIGRATIONS.slice(0, JOURNAL_BECAME_QUEUE - 1);
    (await openDB<Schema>(name, steps.length, { upgrade: (db, from, _to, tx) => migrate(db, from, tx, steps) })).close();
    const old = await openDB(name, steps.length);
    const before = { modelId: 'acme/tiny', variant: 'int8-wasm', startedAtMs: 1, licenceAcceptedAtMs: 2 };
    await old.put('journal', { ...before, revision: 'sha256:1', state: 'stopped' });
    await old.put('journal', { ...before, revision: 'sha256:2', state: 'running' });
    await old.put('journal', { ...before, revision: 'sha256:3', state: 'running', by: 'bundle' });
    old.close();
    const store = await openIdbStore({ name });
    expect(await store.models.journal()).toEqual([
      { ...before, revision: 'sha256:1', state: 'paused', by: 'person', rank: 0 },
      { ...before, revision: 'sha256:2', state: 'running', by: 'person', rank: 0 },
      { ...before, revision: 'sha256:3', state: 'running', by: 'bundle', rank: 0 },
    ]);
    store.close();
  });

  test('every room of the design of record is there', async () => {
    const name = freshName();
    (await openIdbStore({ name })).close();
    const db = await openDB(name);
    expect([...db.objectStoreNames]).toEqual(
      'chunks conversations derived documents evaluationCases evaluations events history journal leases log manifests messages modelfiles passages proofs quarantine results settings slots suites trust'.split(
        ' ',
      ),
    );
    db.close();
  });

  test('an older tab gives way to a newer version of the app and says so', async () => {
    const name = freshName();
    const onClosed = vi.fn();
    const store = await openIdbStore({ name, onClosed });
    const newer = await openDB(name, MIGRATIONS.length + 1);
    expect(onClosed).toHaveBeenCalledExactlyOnceWith('upgrade');
    await expect(store.chunks.list()).rejects.toMatchObject({ code: 'app_outdated', message: expect.stringContaining('Reload') });
    newer.close();
    await expect(openIdbStore({ name })).rejects.toMatchObject({ code: 'app_outdated', details: { reason: 'VersionError' } });
  });

  test('what is erased is gone, and the other tabs give way and say so', async () => {
    const name = freshName();
    const onClosed = vi.fn();
    const [one, two] = [await openIdbStore({ name }), await openIdbStore({ name, onClosed })];
    await one.settings.set('a', 1);
    await one.erase();
    expect(onClosed).toHaveBeenCalledExactlyOnceWith('erasure');
    for (const store of [one, two]) await expect(store.settings.get('a')).rejects.toMatchObject({ code: 'storage_erased' });
    const anew = await openIdbStore({ name });
    expect(await anew.settings.get('a')).toBeUndefined();
    anew.close();
  });

  test('opening waits for an older tab that does not give way, says that it is blocked, and goes on when that tab closes', async () => {
    const name = freshName();
    const stubborn = await openDB(name, 1, { upgrade: (db) => void db.createObjectStore('settings') });
    const onBlocked = vi.fn();
    const added = connect({ name, onBlocked }, [() => {}, (db) => void db.createObjectStore('journal')]);
    const opening = added.open();
    await vi.waitFor(() => expect(onBlocked).toHaveBeenCalledOnce());
    stubborn.close();
    await opening;
    added.close();
  });

  test('a refused database is named with what the person can do', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('The user denied permission.', 'SecurityError');
    });
    await expect(openIdbStore({ name: freshName() })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('private browsing'),
    });
  });

  test('a full disk is named with the space that is needed, and later writes work', async () => {
    const store = await openIdbStore({ name: freshName() });
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(refuse);
    await expect(store.chunks.put(A, new Blob([new Uint8Array(3 * 1024 * 1024)]))).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('3 MiB'),
      details: { neededBytes: 3 * 1024 * 1024 },
    });
    put.mockRestore();
    await store.chunks.put(A, new Blob(['abc']));
    expect(await store.chunks.missing([A])).toEqual([]);
    store.close();
  });

  test('the room of what another realm has just deleted is waited for', async () => {
    const name = freshName();
    vi.stubGlobal('navigator', { locks: createLocks() });
    const realms = [await openIdbStore({ name }), await openIdbStore({ name })] as const;
    vi.unstubAllGlobals();
    await realms[0].chunks.put(A, new Blob(['abc']));
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    put.mockImplementationOnce(refuse);
    await expect(realms[1].chunks.put(B, new Blob(['bb']))).rejects.toMatchObject({ code: 'quota_exceeded' });
    await realms[0].chunks.delete([A]);
    put.mockImplementationOnce(refuse);
    await realms[1].chunks.put(B, new Blob(['bb']));
    expect(await realms[1].chunks.missing([A, B])).toEqual([A]);
    expect(put).toHaveBeenCalledTimes(3);
    for (const store of realms) store.close();
  });

  test('of chunks that are written together, a full disk refuses only those for which there is no room', async () => {
    const store = await openIdbStore({ name: freshName() });
    const real = IDBObjectStore.prototype.put;
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, ...key) {
      if (!(value as { sizeBytes?: number }).sizeBytes || (value as { sizeBytes: number }).sizeBytes < 1000)
        return real.call(this, value, ...key);
      return refuse.call(this);
    });
    const sizes = [1, 2, 2000, 3];
    const ends = await Promise.allSettled(
      sizes.map((size, i) => store.chunks.put(digestOf('abcd'[i] ?? ''), new Blob([new Uint8Array(size)]))),
    );
    full.mockRestore();
    expect(ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'stored'))).toEqual([
      'stored',
      'stored',
      'quota_exceeded',
      'stored',
    ]);
    expect((await store.chunks.list()).map(({ sizeBytes }) => sizeBytes)).toEqual([1, 2, 3]);
    store.close();
  });

  test('a connection that the browser dropped is opened again on the next use', async () => {
    const name = freshName();
    const dropped: IDBDatabase[] = [];
    const transaction = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (!dropped.includes(this)) dropped.push(this);
      return transaction.apply(this, args);
    });
    const store = await openIdbStore({ name });
    await store.settings.set('a', 1);
    dropped[0]?.close();
    expect(await store.settings.get('a')).toBe(1);
    expect(dropped.length).toBe(2);
    store.close();
  });

  test('a closed store says so', async () => {
    const store = await openIdbStore({ name: freshName() });
    store.close();
    await expect(store.settings.get('a')).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});

describe('the store where the browser takes no Blobs, as a private window of WebKit', () => {
  const stored: unknown[] = [];
  beforeEach(() => {
    stored.length = 0;
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, ...key) {
      if (value instanceof Object && 'data' in value) {
        if (value.data instanceof Blob) throw new DOMException('BlobURLs are not yet supported.', 'DataCloneError');
        stored.push(value.data);
      }
      return put.call(this, value, ...key);
    });
  });

  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, () => openIdbStore({ name: freshName() }));

  test('bytes lie there in place of Blobs, also of chunks that are written together, and come back as Blobs', async () => {
    const store = await openIdbStore({ name: freshName() });
    const large = (letter: string) => new Blob([letter.repeat(100_000)]);
    await Promise.all([store.chunks.put(A, large('a')), store.chunks.put(B, large('b'))]);
    await store.chunks.put(C, large('c'));
    expect(stored.length).toBeGreaterThanOrEqual(3);
    for (const bytes of stored) expect(bytes).toBeInstanceOf(ArrayBuffer);
    const texts = await Promise.all([A, B, C].map(async (digest) => (await store.chunks.get(digest))?.text()));
    expect(texts.map((text) => text?.[99_999])).toEqual(['a', 'b', 'c']);
    store.close();
  });
});
