import type { BrowserContext } from '@playwright/test';
import type { Site } from './site.ts';

/** What disks and browsers do to a database, done in a page. Each function is self-contained, to be evaluated there. */

/** Zeroes the largest stored chunk, as a failing disk might. */
export async function damageLargestChunk(): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('sill');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const chunks = db.transaction('chunks', 'readwrite').objectStore('chunks');
  await new Promise<void>((resolve, reject) => {
    const search = chunks.index('bySize').openCursor(null, 'prev');
    search.onerror = () => reject(search.error);
    search.onsuccess = () => {
      const cursor = search.result;
      if (!cursor) return reject(new Error('no chunk is stored'));
      const write = chunks.put({ ...cursor.value, data: new Blob([new Uint8Array(cursor.value.sizeBytes)]) });
      write.onsuccess = () => resolve();
      write.onerror = () => reject(write.error);
    };
  });
  db.close();
}

/** Takes the largest chunks away, as a browser short of space. */
export async function deleteChunks(count: number): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('sill');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const tx = db.transaction('chunks', 'readwrite');
  const done = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error);
  });
  let left = count;
  const search = tx.objectStore('chunks').index('bySize').openKeyCursor(null, 'prev');
  search.onsuccess = () => {
    const cursor = search.result;
    if (!cursor || left-- === 0) return;
    tx.objectStore('chunks').delete(cursor.primaryKey);
    cursor.continue();
  };
  await done;
  db.close();
}

/** What Chromium takes away when it evicts an origin: everything but localStorage; or the database alone, as somebody does who clears it. No tab of the app may be open. */
export async function evictDatabase(context: BrowserContext, site: Site, what: 'everything' | 'database' = 'everything'): Promise<void> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const { origin } = new URL(site.url);
  await session.send('Storage.clearDataForOrigin', {
    origin,
    storageTypes: what === 'database' ? 'indexeddb' : 'indexeddb,cache_storage,service_workers',
  });
  await page.close();
}

/** Opens the database in this version and keeps it open, deaf to whoever wants to upgrade it. */
export async function holdDatabase(version: number): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('sill', version);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  // A connection that nothing refers to may be closed by the garbage collector.
  Reflect.set(globalThis, 'heldDatabase', db);
}
