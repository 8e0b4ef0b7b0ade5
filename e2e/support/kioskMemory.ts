import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';

const attract = (page: Page) => page.getByRole('button', { name: 'Touch to begin' });
/** Somebody comes, writes, reads, and goes. */
export async function visit(page: Page): Promise<void> {
  await attract(page).click();
  await page.getByRole('textbox', { name: 'Begin a text and let it be gone on with.' }).fill('Once upon a time');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log')).toHaveAttribute('aria-busy', 'false');
  await expect(page.getByRole('log').getByRole('listitem').nth(1)).toContainText(/\w/);
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(attract(page)).toBeVisible();
}

/** As if sessions long ago had taken so little: what is in memory now has then grown beyond any bound. */
export const remember = (page: Page, base: { readonly workers: number; readonly page?: number }): Promise<void> =>
  page.evaluate(async (figures) => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await settled(indexedDB.open('sill'));
    const settings = db.transaction('settings', 'readwrite').objectStore('settings');
    const { of } = await settled<{ of?: string }>(settings.get('kiosk-watch'));
    await settled(settings.put({ sessions: 60, since: 0, of, base: figures }, 'kiosk-watch'));
    db.close();
  }, base);

export const restarts = (page: Page) =>
  page.evaluate(async () => (await globalThis.sill?.events.list())?.flatMap((event) => (event.type === 'restart' ? [event.what] : [])));
