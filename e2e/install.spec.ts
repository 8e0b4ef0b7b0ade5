import type { Page } from '@playwright/test';
import { expect, openApp, test } from './support/fixtures.ts';
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
  test('says what it will cost before a byte moves, shows its progress in every tab, stops and goes on where it was', async ({
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

    await test.step('the other tab can stop it; both say so', async () => {
      await expect.poll(() => unfinishedBytes(page)).toBeGreaterThan(8 * MB);
      await card(other, WHISPER)
        .getByRole('button', { name: `Stop installing ${WHISPER}` })
        .click();
      for (const tab of [page, other]) {
        await expect(card(tab, WHISPER)).toContainText('Stopped. What was downloaded is kept.');
        await expect(card(tab, WHISPER).getByRole('button', { name: `Continue installing ${WHISPER}` })).toBeVisible();
      }
    });

    await test.step('a tab that is closed in the middle leaves no other tab waiting for it', async () => {
      await card(other, WHISPER)
        .getByRole('button', { name: `Continue installing ${WHISPER}` })
        .click();
      await expect(card(page, WHISPER).getByRole('button', { name: `Stop installing ${WHISPER}` })).toBeVisible();
      await other.close();
      await expect(card(page, WHISPER).getByRole('button', { name: `Continue installing ${WHISPER}` })).toBeVisible();
    });

    await test.step('after a reload it goes on, and asks for nothing that is here already', async () => {
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

  test('goes on after the page was reloaded in the middle, the server was killed, and the browser was killed', async ({
    openBrowser,
    site,
  }) => {
    const context = await openBrowser();
    let page = await openApp(context, site);
    await open(page, 'Models');
    site.holdModelsAfter(12 * MB);
    await card(page, WHISPER)
      .getByRole('button', { name: `Install ${WHISPER}` })
      .click();
    await acceptInstall(page, WHISPER);
    await expect.poll(() => unfinishedBytes(page)).toBeGreaterThan(4 * MB);

    await test.step('a reload ends the download, and what was stored stays', async () => {
      await page.reload();
      await expect(card(page, WHISPER).getByRole('button', { name: `Continue installing ${WHISPER}` })).toBeVisible();
      expect(await unfinishedBytes(page)).toBeGreaterThan(4 * MB);
    });

    await test.step('a server that dies is told as the network that it is', async () => {
      site.release();
      site.holdModelsAfter(12 * MB);
      await card(page, WHISPER)
        .getByRole('button', { name: `Continue installing ${WHISPER}` })
        .click();
      await expect(card(page, WHISPER)).toContainText(/Downloading · [\d.]+ MB of/);
      const before = await unfinishedBytes(page);
      await site.stop();
      site.release();
      await expect(card(page, WHISPER).getByRole('alert')).toContainText('The network cannot be reached', { timeout: 60_000 });
      expect(await unfinishedBytes(page)).toBeGreaterThanOrEqual(before);
    });

    await test.step('a killed browser loses no chunk that was stored', async () => {
      await site.start();
      const kept = await unfinishedBytes(page);
      const closed = context.waitForEvent('close');
      const session = await context.browser()?.newBrowserCDPSession();
      // The answer never comes: the process that should send it is gone.
      session?.send('Browser.crash').catch(() => undefined);
      await closed;
      page = await openApp(await openBrowser(), site);
      await open(page, 'Models');
      await expect(card(page, WHISPER).getByRole('button', { name: `Continue installing ${WHISPER}` })).toBeVisible();
      expect(await unfinishedBytes(page)).toBe(kept);
    });

    await test.step('and it is finished in the end', async () => {
      await card(page, WHISPER)
        .getByRole('button', { name: `Continue installing ${WHISPER}` })
        .click();
      await expect(card(page, WHISPER).getByRole('button', { name: `Remove ${WHISPER}` })).toBeVisible();
      expect(await unfinishedBytes(page)).toBe(0);
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
