import type { BrowserContext, Page } from '@playwright/test';
import { openApp } from './fixtures.ts';
import type { Site } from './site.ts';
import { open } from './views.ts';

/**
 * The app on a device with this much room left; none at all where it is negative. Chromium heeds that at each write and goes on promising 10 GiB by
 * `estimate()`, as it does on a disk that is full: what is tested here is the refusal that a person meets in the middle. Said to a browser that
 * was just started and has not opened the page: it asks for the room of a database in use only every half minute. Holds as long as the tab.
 */
export async function openWithRoom(openBrowser: () => Promise<BrowserContext>, site: Site, bytes: number): Promise<Page> {
  const before = await openBrowser();
  const usage = await (await openApp(before, site)).evaluate(async () => {
    await globalThis.sill?.models.overview();
    return (await navigator.storage.estimate()).usage ?? Number.NaN;
  });
  await before.close();
  const context = await openBrowser();
  const page = context.pages()[0] ?? (await context.newPage());
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: usage + bytes });
  await page.goto(site.url);
  await open(page, 'Models');
  return page;
}
