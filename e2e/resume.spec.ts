import type { Page } from '@playwright/test';
import { askedAgain, fileHashes, killBrowser, publishedModel, storedDigests } from './support/downloads.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import type { Site } from './support/site.ts';
import { acceptInstall, card, open } from './support/views.ts';

const MB = 1_000_000;
const WHISPER = 'Whisper Tiny';

const unfinishedBytes = (page: Page): Promise<number> =>
  page.evaluate(async () => (await globalThis.sill?.storage())?.unfinishedBytes ?? Number.NaN);

/** What was stored when the page came back, once its download has begun to ask for the rest. */
async function storedAtReturn(page: Page, site: Site): Promise<string[]> {
  const stored = await storedDigests(page);
  await expect.poll(() => site.requests.some(({ path }) => path.includes('/onnx/'))).toBe(true);
  return stored;
}

test('an install goes on by itself after a reload, a dead server and a killed browser, and asks for nothing that is here', async ({
  openBrowser,
  profile,
  site,
}) => {
  const model = await publishedModel('whisper-tiny');
  let context = await openBrowser();
  let page = await openApp(context, site);
  await open(page, 'Models');
  site.holdModelsAfter(8 * MB);
  await card(page, WHISPER)
    .getByRole('button', { name: `Install ${WHISPER}` })
    .click();
  await acceptInstall(page, WHISPER);
  await expect.poll(() => unfinishedBytes(page)).toBeGreaterThan(2 * MB);

  await test.step('after a reload', async () => {
    site.requests.length = 0;
    await page.reload();
    const stored = await storedAtReturn(page, site);
    site.holdModelsAfter(10 * MB);
    await expect.poll(async () => (await storedDigests(page)).length).toBeGreaterThan(stored.length);
    expect(askedAgain(model, stored, site.requests)).toEqual([]);
    await expect(card(page, WHISPER).getByRole('button', { name: `Pause installing ${WHISPER}` })).toBeVisible();
  });

  await test.step('when the server is back', async () => {
    await site.stop();
    await expect(card(page, WHISPER)).toContainText('Waiting for the network');
    const stored = await storedDigests(page);
    site.requests.length = 0;
    site.holdModelsAfter(10 * MB);
    await site.start();
    await expect.poll(async () => (await storedDigests(page)).length, { timeout: 60_000 }).toBeGreaterThan(stored.length);
    expect(askedAgain(model, stored, site.requests)).toEqual([]);
  });

  for (const time of ['once', 'twice']) {
    await test.step(`after the browser was killed ${time}`, async () => {
      await killBrowser(context, profile);
      site.requests.length = 0;
      site.holdModelsAfter(0);
      context = await openBrowser();
      page = await openApp(context, site);
      const stored = await storedAtReturn(page, site);
      expect(askedAgain(model, stored, site.requests)).toEqual([]);
      site.holdModelsAfter(10 * MB);
      await expect.poll(async () => (await storedDigests(page)).length).toBeGreaterThan(stored.length);
    });
  }

  await test.step('and is whole in the end, byte for byte', async () => {
    site.release();
    await open(page, 'Models');
    await expect(card(page, WHISPER).getByRole('button', { name: `Remove ${WHISPER}` })).toBeVisible();
    const { published, stored } = await fileHashes(page, model);
    expect(stored).toEqual(published);
    expect(await unfinishedBytes(page)).toBe(0);
  });
});
