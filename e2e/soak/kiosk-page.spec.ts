import { expect, test } from '../support/fixtures.ts';
import { openKiosk } from '../support/kiosk.ts';
import { remember, restarts, visit } from '../support/kioskMemory.ts';

test.use({ installed: ['stories15m'] });

test('a page that has grown too large at a kiosk is loaded anew between two persons, never under one', async ({ page, site }) => {
  await openKiosk(page, `${site.url}?kiosk=write`);
  await visit(page);
  await remember(page, { workers: 2 ** 40, page: 1 });
  await page.evaluate(() => {
    document.documentElement.setAttribute('data-before', '');
    Object.assign(globalThis, { leak: new Uint8Array(96 * 2 ** 20).fill(1) });
  });
  // Threads that wait for work cannot say what they take: Chromium gives them a minute before it answers.
  await expect(async () => {
    await visit(page);
    await expect(page.locator('html[data-before]')).toHaveCount(0, { timeout: 5000 });
  }).toPass({ timeout: 150_000 });
  expect(await restarts(page)).toEqual(['page']);
  await visit(page);
});
