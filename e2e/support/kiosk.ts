import { pbkdf2Sync } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { PIN_ITERATIONS, pinHashOf } from '../../src/core/kiosk/pin.ts';
import type { Site } from './site.ts';

export const PIN = '2580-go';
const salt = new Uint8Array(16).fill(3);
/** As a policy has it. */
export const PIN_HASH = pinHashOf({
  ...{ iterations: PIN_ITERATIONS, salt },
  hash: new Uint8Array(pbkdf2Sync(PIN, salt, PIN_ITERATIONS, 32, 'sha256')),
});

/** What the operator's file says of kiosks from now on. Returns the way back. */
export const serveKiosk = (site: Site, kiosk: unknown): (() => void) =>
  site.answer(({ path }) => (path === 'sill.policy.json' ? { body: JSON.stringify({ schema: 1, kiosk }) } : undefined));

/** A portrait screen in a hall, and a tablet on a table. */
export const KIOSK_LOOKS = [
  { colorScheme: 'light', viewport: { width: 1080, height: 1920 } },
  { colorScheme: 'dark', viewport: { width: 1180, height: 820 } },
] as const;

export const attract = (page: Page): Locator => page.getByRole('button', { name: 'Touch to begin' });

/** By an address, on a device that is in use: whoever opens it says that it is to be. */
export async function openKiosk(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Lock this device' }).click();
  await attract(page).waitFor();
}

/** Everything that this origin keeps, as text: every row of every store with its Blobs, and every kind of storage that a page has. */
export const everythingKept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const found: string[] = [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.documentElement.innerHTML,
    ];
    const tell = async (value: unknown): Promise<void> => {
      // Weights are the publisher's, and their digests say so.
      if (value instanceof Blob) found.push(value.size < 2 ** 20 ? await value.text() : '');
      else if (ArrayBuffer.isView(value) || value === null || typeof value !== 'object') found.push(String(value));
      else for (const [key, each] of Object.entries(value)) found.push(key, await tell(each).then(() => ''));
    };
    for (const { name } of await indexedDB.databases()) {
      const db = await settled(indexedDB.open(name ?? ''));
      for (const store of db.objectStoreNames) {
        if (store === 'chunks') continue;
        for (const row of await settled(db.transaction(store).objectStore(store).getAll())) await tell(row);
      }
      db.close();
    }
    for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) found.push(url);
    return found.join('\n');
  });
