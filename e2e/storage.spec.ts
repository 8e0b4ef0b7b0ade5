import type { Page } from '@playwright/test';
import { RUNTIME_CACHE } from '../src/protocol/caches.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { damageLargestChunk, deleteChunks, evictDatabase } from './support/storage.ts';
import { card, open, openDialog } from './support/views.ts';

const MB = 1_000_000;

/** A story that is always the same: the installed model runs. */
const expectToRun = async (page: Page): Promise<void> =>
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');

test.describe('a model that the device has lost a part of', () => {
  test.use({ installed: ['stories15m'], shared: true });

  test('names its damage where it is met, and is mended there by that part alone', async ({ page, site }) => {
    await page.evaluate(deleteChunks, 1);
    await open(page, 'Write');
    await page.getByRole('textbox').first().fill('Once upon a time');
    await page.getByRole('button', { name: 'Write on' }).click();
    const note = page.getByRole('alert').filter({ hasText: 'The installed model is damaged' });
    await expect(note).toBeVisible();

    await test.step('where the publisher no longer has it, nothing more is lost and it says what is missing', async () => {
      const mend = site.answer(({ path }) => (/\/onnx\//.test(path) ? { status: 404, body: 'gone' } : undefined));
      await page.getByRole('button', { name: 'Repair', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: 'could not be fetched again' }).first()).toContainText('1 part');
      mend();
    });

    site.requests.length = 0;
    await page.getByRole('button', { name: 'Try the repair again' }).click();
    await expect(page.getByText('Repaired: ').first()).toBeVisible();
    const asked = site.requests.filter(({ path }) => /\/onnx\//.test(path));
    expect(asked).toHaveLength(1);
    const [from = 0, last = 0] = (asked[0]?.range?.match(/\d+/g) ?? []).map(Number);
    expect(last - from + 1).toBeLessThan(2 * MB);
    await expectToRun(page);
  });

  test('evicted by the browser in part or changed on the disk: the card says so before anybody meets it, and one click mends it', async ({
    page,
  }) => {
    await page.evaluate(deleteChunks, 3);
    await page.reload();
    await open(page, 'Models');
    const stories = card(page, 'Stories 15M');
    await expect(stories.getByRole('alert')).toContainText('3 parts');
    expect((await refusalOf(page, (sill) => sill.models.load('stories15m'))).code).toBe('installation_damaged');
    await stories.getByRole('button', { name: 'Repair', exact: true }).click();
    await expect(stories).toContainText('Repaired:');
    await expect(stories.getByRole('alert')).toHaveCount(0);
    await page.evaluate(damageLargestChunk);
    await stories.getByRole('button', { name: 'Verify Stories 15M' }).click();
    await expect(stories.getByRole('alert')).toContainText('1 part');
    await stories.getByRole('button', { name: 'Repair', exact: true }).click();
    await expect(stories.getByRole('alert')).toHaveCount(0);
    await expectToRun(page);
  });
});

test.describe('a database that is gone', () => {
  test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

  test('is noticed and explained, and one click fetches back what was installed', async ({ page, context, site }) => {
    await page.goto('about:blank');
    await evictDatabase(context, site);
    await openApp(context, site);
    const lost = page.getByRole('region', { name: 'Lost models' });
    await expect(lost).toContainText('The browser has removed what was installed');
    await expect(lost.getByRole('listitem')).toHaveText([/all-MiniLM-L6-v2/, /Stories 15M/]);

    await lost.getByRole('button', { name: /^Fetch them back, / }).click();
    for (const model of ['Stories 15M', 'all-MiniLM-L6-v2']) {
      await expect(card(page, model).getByRole('button', { name: `Remove ${model}` })).toBeVisible();
    }
    await expect(lost).toHaveCount(0);
    await expectToRun(page);
  });
});

test.describe('the Storage view', () => {
  test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

  test('finds space in the model that was not used for longest, and takes it only when that is agreed', async ({ page }) => {
    await expectToRun(page);
    await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
    await open(page, 'Storage');
    const table = page.getByRole('table', { name: 'Disk use by model' });
    for (const part of ['Stories 15M', 'all-MiniLM-L6-v2', 'Model runtime', 'The app']) await expect(table).toContainText(part);

    await page.getByLabel('Megabytes').fill('10');
    await page.getByRole('button', { name: 'Show what could go' }).click();
    const plan = page.getByRole('group', { name: 'What could go' });
    await expect(plan.getByRole('listitem')).toHaveText([/all-MiniLM-L6-v2, the whole model/]);
    await plan.getByRole('button', { name: /^Remove these, frees 2\d\.\d MB$/ }).click();
    await expect(page.getByText(/ MB are free now\./)).toBeVisible();
    await expect(page.getByRole('article', { name: /all-MiniLM/ })).toHaveCount(0);
    await expect(table).not.toContainText('all-MiniLM-L6-v2');
    await expectToRun(page);
  });

  test('erases everything once that is typed; other tabs end, and the page begins as new', async ({ page, context, site }) => {
    const other = await context.newPage();
    await other.goto(site.url);
    await expectToRun(other);
    // What it was told before may be written down after everything was erased: a busy tab reads its answers late.
    await other.evaluate(() => {
      const before = localStorage.getItem('sill-installed') ?? '';
      addEventListener('storage', ({ key, newValue }) => {
        if (key === 'sill-installed' && newValue === null) localStorage.setItem(key, before);
      });
    });
    await page.bringToFront();
    await open(page, 'Storage');
    await page.getByRole('button', { name: 'Erase everything' }).first().click();
    const agree = openDialog(page).getByRole('button', { name: 'Erase everything' });
    await expect(agree).toBeDisabled();
    await page.getByLabel('Type “erase” to agree').fill('erase');
    const anew = page.waitForEvent('load');
    await agree.click();
    await anew;
    // It comes again by itself some seconds later, for models from files.
    expect(await page.evaluate(async (name) => (await (await caches.open(name)).keys()).length, RUNTIME_CACHE)).toBe(0);

    await expect(page.getByRole('button', { name: 'Install Stories 15M' })).toBeVisible();
    const report = await page.evaluate(() => globalThis.sill?.storage());
    expect([report?.models, report?.unfinishedBytes, report?.lost]).toEqual([[], 0, []]);
    await expect(page.getByRole('region', { name: 'Lost models' })).toHaveCount(0);

    await expect(other.getByText('was erased in another tab')).toBeVisible();
    expect((await refusalOf(other, (sill) => sill.models.list())).code).toBe('storage_erased');
    await other.getByRole('button', { name: 'Reload' }).click();
    await expect(other.getByRole('button', { name: 'Install Stories 15M' })).toBeVisible();

    // The other tab may have kept the service worker from going: the one that is there must have something to serve.
    await expect(page.getByRole('status').filter({ hasText: 'App stored' })).toBeVisible();
    await site.stop();
    await page.reload();
    await expect(page.getByRole('status').filter({ hasText: 'App stored' })).toBeVisible();
  });
});
