import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { install } from './support/sill.ts';
import type { Site } from './support/site.ts';
import { damageLargestChunk } from './support/storage.ts';
import { acceptInstall, card, open, openDialog } from './support/views.ts';

const MB = 1_000_000;
const WHISPER = 'Whisper Tiny';

/** What was asked for of model files since the last time, in bytes. Every such request names a range or is for a file of one chunk. */
function takeModelRanges(site: Site): Array<{ path: string; range: string | undefined; sizeBytes: number }> {
  const asked = site.requests
    .filter(({ path }) => path.startsWith('models/') && /\/onnx\//.test(path))
    .map(({ path, range }) => {
      const [from = 0, last = 0] = (range?.match(/\d+/g) ?? []).map(Number);
      return { path, range, sizeBytes: last - from + 1 };
    });
  site.requests.length = 0;
  return asked;
}

const unfinishedBytes = (page: Page): Promise<number> =>
  page.evaluate(async () => (await globalThis.sill?.storage())?.unfinishedBytes ?? Number.NaN);

test.describe('an install', () => {
  test('says what it will cost before a byte moves, shows its progress in every tab, pauses and goes on where it was', async ({
    page,
    context,
    site,
  }) => {
    await open(page, 'Models');
    await expect(card(page, WHISPER)).toContainText('43.6 MB');

    await test.step('size, tier, parameters, fit and licence come first, and nothing begins without consent', async () => {
      await card(page, WHISPER)
        .getByRole('button', { name: `Install ${WHISPER}` })
        .click();
      const question = openDialog(page);
      for (const fact of ['43.6 MB', 'Nano', '37.8M', 'Fits this device', 'Apache-2.0']) await expect(question).toContainText(fact);
      await expect(question.getByRole('button', { name: /^Install \d/ })).toBeDisabled();
      await question.getByText('Read the licence').click();
      await expect(question).toContainText('Apache License');
      expect(takeModelRanges(site)).toEqual([]);
    });

    const other = await context.newPage();
    await other.goto(`${site.url}#/models`);
    await expect(card(other, WHISPER)).toContainText('43.6 MB');
    await page.bringToFront();
    site.holdModelsAfter(18 * MB);
    // A speed needs a span of time to be measured over, on however fast a machine.
    site.slowModels(6 * MB);
    await acceptInstall(page, WHISPER);

    await test.step('how much, how fast and how long is shown, in another tab too', async () => {
      for (const tab of [page, other]) {
        await expect(card(tab, WHISPER)).toContainText(/Downloading · [\d.]+ MB of 43\.6 MB · [\d.]+ [kM]B\/s · about .+ left/);
        await expect(card(tab, WHISPER).getByRole('progressbar', { name: `Installing ${WHISPER}` })).toBeVisible();
      }
    });

    await test.step('the other tab can pause it; both say so', async () => {
      await expect.poll(() => unfinishedBytes(page)).toBeGreaterThan(8 * MB);
      await card(other, WHISPER)
        .getByRole('button', { name: `Pause installing ${WHISPER}` })
        .click();
      for (const tab of [page, other]) {
        await expect(card(tab, WHISPER)).toContainText(/Paused\. [\d.]+ MB of 43\.6 MB are on the device\./);
        await expect(card(tab, WHISPER).getByRole('button', { name: `Continue installing ${WHISPER}` })).toBeVisible();
      }
    });

    await test.step('after a reload it is still paused; continued, it asks for nothing that is here already', async () => {
      await page.reload();
      const keptBytes = await unfinishedBytes(page);
      expect(keptBytes).toBeGreaterThan(8 * MB);
      site.release();
      takeModelRanges(site);
      await card(page, WHISPER)
        .getByRole('button', { name: `Continue installing ${WHISPER}` })
        .click();
      await expect(card(page, WHISPER).getByRole('button', { name: `Remove ${WHISPER}` })).toBeVisible();
      const askedBytes = takeModelRanges(site).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      expect(askedBytes).toBeLessThanOrEqual(43.7 * MB - keptBytes);
    });
  });
});

test.describe('an installed model', () => {
  test.use({ installed: ['stories15m'] });

  test('is verified on demand, mended by fetching the damaged part alone, and gives its space back when it is removed', async ({
    page,
    site,
  }) => {
    await open(page, 'Models');
    const stories = card(page, 'Stories 15M');
    const verify = stories.getByRole('button', { name: 'Verify Stories 15M' });
    await verify.click();
    await expect(stories).toContainText('Intact: all 17.2 MB are what the publisher described.');

    await test.step('a part that changed on the disk is found', async () => {
      await page.evaluate(damageLargestChunk);
      await verify.click();
      await expect(stories.getByRole('alert')).toContainText('The installed model is damaged');
    });

    await test.step('installing again fetches that part and no other', async () => {
      takeModelRanges(site);
      await install(page, 'stories15m');
      const asked = takeModelRanges(site);
      expect(asked).toHaveLength(1);
      expect(asked[0]?.sizeBytes).toBeLessThan(2 * MB);
      await verify.click();
      await expect(stories).toContainText('Intact: all 17.2 MB');
    });

    await test.step('removing asks first, then frees what it took', async () => {
      await stories.getByRole('button', { name: 'Remove Stories 15M' }).click();
      await openDialog(page).getByRole('button', { name: 'Remove, frees 17.2 MB' }).click();
      await expect(stories.getByRole('button', { name: 'Install Stories 15M' })).toBeVisible();
      const report = await page.evaluate(() => globalThis.sill?.storage());
      expect([report?.models, report?.unfinishedBytes]).toEqual([[], 0]);
    });
  });
});
