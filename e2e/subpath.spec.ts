import { expect, test, untilOfflineReady } from './support/fixtures.ts';
import { acceptInstall, open } from './support/views.ts';

test.use({ siteSettings: async ({ siteSettings }, use) => use({ ...siteSettings, base: '/apps/sill/' }), firstVisit: true });

test('under a sub-path the app installs, works without a server, and asks for nothing outside of its folder', async ({ page, site }) => {
  expect(new URL(page.url()).pathname).toBe('/apps/sill/');
  await open(page, 'Write');
  await page.getByRole('button', { name: 'Install Stories 15M' }).click();
  await acceptInstall(page, 'Stories 15M');
  await expect(page.getByRole('textbox', { name: 'Beginning of the text' })).toBeVisible();
  await untilOfflineReady(page);
  expect(site.requests.map(({ path }) => path).filter((path) => path.startsWith('/'))).toEqual([]);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)).toBe(site.url);

  await site.stop();
  await page.reload();
  await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('The little dog');
  await page.getByRole('button', { name: 'Write on' }).click();
  await expect(page.getByRole('button', { name: 'Continue from here' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Text' })).toContainText(/The little dog.{20}/s);
});
