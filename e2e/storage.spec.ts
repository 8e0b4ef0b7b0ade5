import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { damageLargestChunk, deleteChunks } from './support/storage.ts';
import { card, open } from './support/views.ts';

const MB = 1_000_000;

/** A story that is always the same: the installed model runs. */
const expectToRun = async (page: Page): Promise<void> =>
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');

test.describe('a model that the device has lost a part of', () => {
  test.use({ installed: ['stories15m'] });

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
