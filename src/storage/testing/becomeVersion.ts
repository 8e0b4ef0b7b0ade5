/**
 * Rewrites the app's database as an earlier version of the app left it: its stores, and its records in the form of that time. Written out
 * and not derived from the migrations, which it is there to test. Stands alone, because tests also run it in a page by its source text.
 */
export async function becomeVersion({
  name,
  version,
  into = name,
}: {
  readonly name: string;
  readonly version: number;
  /** Another database, so that none need be deleted, which takes Chromium seconds. */
  readonly into?: string;
}): Promise<void> {
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  type Fields = Record<string, unknown>;
  const fieldsOf = (value: unknown): Fields => ({ ...(value as object) });

  const current = await settled(indexedDB.open(name));
  const kept = new Map<string, Array<{ key: IDBValidKey; value: unknown }>>();
  for (const store of current.objectStoreNames) {
    const objects = current.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([settled(objects.getAllKeys()), settled<unknown[]>(objects.getAll())]);
    kept.set(
      store,
      keys.map((key, i) => ({ key, value: values[i] })),
    );
  }
  // Into memory: the files behind the Blobs go with the database.
  for (const record of kept.get('chunks') ?? []) {
    const chunk = fieldsOf(record.value);
    if (chunk.data instanceof Blob) record.value = { ...chunk, data: new Blob([await chunk.data.arrayBuffer()]) };
  }
  current.close();
  if (into === name) await settled(indexedDB.deleteDatabase(name));

  const opening = indexedDB.open(into, version);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore('chunks', { keyPath: 'digest' }).createIndex('bySize', 'sizeBytes');
    for (const store of ['manifests', 'derived', 'results', 'conversations', 'settings']) db.createObjectStore(store);
    for (const store of ['journal', 'leases']) db.createObjectStore(store, { keyPath: 'revision' });
    db.createObjectStore('slots', { keyPath: 'modelId' });
    db.createObjectStore('events', { autoIncrement: true });
    db.createObjectStore('documents', { keyPath: 'id' });
    db.createObjectStore('passages', { keyPath: ['documentId', 'index'] });
    if (version >= 2) db.createObjectStore('history', { autoIncrement: true }).createIndex('byModel', 'modelId');
    if (version >= 2) db.createObjectStore('quarantine', { keyPath: 'revision' });
    if (version >= 3) db.createObjectStore('trust');
    if (version >= 4) db.createObjectStore('proofs');
    if (version >= 7) db.createObjectStore('modelfiles', { keyPath: 'id' });
    if (version >= 8) db.createObjectStore('log', { autoIncrement: true });
    if (version >= 9) db.createObjectStore('messages', { keyPath: ['conversation', 'id'] });
    if (version >= 10) {
      db.createObjectStore('evaluations');
      db.createObjectStore('evaluationCases', { keyPath: ['run', 'index'] });
      db.createObjectStore('suites', { keyPath: 'id' });
    }
  };
  const old = await settled(opening);
  const asThen = (store: string, value: unknown): unknown => {
    const fields = fieldsOf(value);
    if (store === 'slots' && version < 2) {
      const { modelId, active, previous } = fields;
      return { modelId, ...(active ? { active } : {}), ...(previous ? { previous } : {}) };
    }
    if (store === 'journal' && version < 5) {
      const { by: _by, rank: _rank, meteredAllowed: _meteredAllowed, ...entry } = fields;
      return { ...entry, state: fields.state === 'paused' ? 'stopped' : fields.state === 'queued' ? 'running' : fields.state };
    }
    return value;
  };
  const stores = [...old.objectStoreNames];
  const tx = old.transaction(stores, 'readwrite');
  const done = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error);
  });
  for (const store of stores) {
    const objects = tx.objectStore(store);
    for (const { key, value } of kept.get(store) ?? []) {
      if (objects.keyPath === null) objects.put(asThen(store, value), key);
      else objects.put(asThen(store, value));
    }
  }
  await done;
  old.close();
}
