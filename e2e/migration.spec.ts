import type { BrowserContext, Page } from '@playwright/test';
import { MIGRATIONS } from '../src/storage/schema.ts';
import { becomeVersion } from '../src/storage/testing/becomeVersion.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import type { Site } from './support/site.ts';
import { holdDatabase } from './support/storage.ts';
import { card, open } from './support/views.ts';

const CURRENT = MIGRATIONS.length;

/** A page of the same origin in which no part of the app runs. */
async function besideTheApp(context: BrowserContext, site: Site): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${site.url}rescue.html`);
  return page;
}

const expectToRun = async (page: Page): Promise<void> =>
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');

const modelRequests = (site: Site) => site.requests.filter(({ path }) => path.startsWith('models/') && !path.endsWith('.json'));

test.describe('a device on which an earlier version of the app was used', () => {
  test.use({ installed: ['stories15m'], shared: true });

  for (const version of [1, CURRENT - 1]) {
    test(`runs its model at once, without a new download, from a database of version ${version}`, async ({ context, site }) => {
      const page = await besideTheApp(context, site);
      await page.evaluate(becomeVersion, { name: 'sill', version });
      site.requests.length = 0;
      await openApp(context, site);
      await expectToRun(page);
      expect(modelRequests(site)).toEqual([]);
      // The ledger of requests has one of its own, of one form for all versions.
      const databases = await page.evaluate(async () => (await indexedDB.databases()).filter(({ name }) => name === 'sill'));
      expect(databases).toEqual([{ name: 'sill', version: CURRENT }]);
    });
  }

  test('waits for a tab of the earlier version that does not give way, says so, and goes on when it is closed', async ({
    context,
    site,
  }) => {
    const old = await besideTheApp(context, site);
    await old.evaluate(becomeVersion, { name: 'sill', version: CURRENT - 1 });
    await old.evaluate(holdDatabase, CURRENT - 1);
    const page = await context.newPage();
    await page.goto(site.url);
    await expect(page.getByText('Another tab runs an older version of Sill')).toBeVisible();
    await old.close();
    await expect(page.getByText('Another tab runs an older version of Sill')).toHaveCount(0);
    await expectToRun(page);
  });
});

test.describe('a tab that has become the older one', () => {
  test.use({ installed: ['stories15m'] });

  test('gives the database up, says so, and leaves what the newer version stores alone', async ({ page, context }) => {
    await expectToRun(page);
    const newer = await context.newPage();
    await newer.goto(new URL('rescue.html', page.url()).href);
    // The app gives way at once: this waits for nothing.
    await newer.evaluate(holdDatabase, CURRENT + 1);
    await expect(page.getByText('Sill was updated in another tab.')).toBeVisible();
    expect((await refusalOf(page, (sill) => sill.models.list())).code).toBe('app_outdated');

    await page.getByRole('button', { name: 'Reload' }).click();
    await open(page, 'Models');
    await expect(page.getByRole('alert').first()).toContainText('This page is an older version of the app');
    await expect(card(page, 'Stories 15M')).toHaveCount(0);
    const kept = await newer.evaluate(async () => {
      const database = (await indexedDB.databases()).find(({ name }) => name === 'sill');
      return database?.version;
    });
    expect(kept).toBe(CURRENT + 1);
  });
});
