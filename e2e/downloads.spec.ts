import type { Locator, Page } from '@playwright/test';
import { expect, openApp, test } from './support/fixtures.ts';
import { forgetModels } from './support/hub.ts';
import { metered } from './support/metered.ts';
import { deleteChunks } from './support/storage.ts';
import { card, open, openDialog } from './support/views.ts';

const MB = 1_000_000;
const [WHISPER, STORIES, MINILM] = ['Whisper Tiny', 'Stories 15M', 'all-MiniLM-L6-v2'];

const begin = (page: Page, ...ids: string[]): Promise<void> =>
  page.evaluate(async (models) => {
    for (const id of models) {
      void globalThis.sill?.models.install(id).catch(() => undefined);
      // In this order, whichever manifest is here first.
      while (!(await globalThis.sill?.downloads.list())?.some((each) => each.id === id))
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, ids);
const queue = (page: Page): Promise<string[]> =>
  page.evaluate(async () => ((await globalThis.sill?.downloads.list()) ?? []).map(({ id, state }) => `${id} ${state}`));
const entry = (page: Page, name: string): Locator => page.locator('sill-downloads-view').getByRole('article', { name });
const press = (page: Page, name: string): Promise<void> => page.locator('sill-downloads-view').getByRole('button', { name }).click();

test.use({ shared: true });

test.afterEach(async ({ context, site }) => {
  site.release();
  await forgetModels(await openApp(context, site));
});

test('the queue is seen and steered: order, pause, front, cancel, and what was finished', async ({ page, site }) => {
  await open(page, 'Downloads');
  await expect(page.getByRole('region', { name: 'Queue' })).toContainText('Nothing is being downloaded.');
  site.holdModelsAfter(6 * MB);
  await begin(page, 'whisper-tiny', 'stories15m', 'all-minilm-l6-v2');

  await test.step('one moves, the others wait for their turn, and the view says so', async () => {
    expect(await queue(page)).toEqual(['whisper-tiny running', 'stories15m queued', 'all-minilm-l6-v2 queued']);
    await expect(entry(page, WHISPER)).toContainText('of 43.6 MB');
    await expect(entry(page, STORIES)).toContainText('Waiting for its turn');
    await expect(entry(page, WHISPER).getByRole('progressbar', { name: `Download of ${WHISPER}` })).toBeVisible();
  });

  await test.step('a stalled one says so, and its curve falls', async () => {
    await expect(entry(page, WHISPER)).toContainText('Waiting for the network');
    await expect(entry(page, WHISPER).getByRole('img', { name: /^Speed over / })).toBeVisible();
  });

  await test.step('another is moved to the front and goes first, at once', async () => {
    await press(page, `Move the download of ${MINILM} to the front`);
    await expect.poll(() => queue(page)).toEqual(['all-minilm-l6-v2 running', 'whisper-tiny queued', 'stories15m queued']);
  });

  await test.step('a paused one lets the next go, and keeps its place', async () => {
    await press(page, `Pause the download of ${MINILM}`);
    await expect.poll(() => queue(page)).toEqual(['all-minilm-l6-v2 paused', 'whisper-tiny running', 'stories15m queued']);
    await expect(entry(page, MINILM)).toContainText(/Paused\. [\d.]+ \w+ of 2\d\.\d MB are on the device\./);
  });

  await test.step('a cancelled one is gone, with what was stored of it', async () => {
    await press(page, `Cancel the download of ${WHISPER}`);
    await openDialog(page).getByRole('button', { name: 'Cancel the download' }).click();
    await expect(entry(page, WHISPER)).toHaveCount(0);
    await expect.poll(() => queue(page)).toEqual(['all-minilm-l6-v2 paused', 'stories15m running']);
  });

  await test.step('and what is finished is listed as such, while the paused one goes on when it is told to', async () => {
    site.release();
    await press(page, `Continue the download of ${MINILM}`);
    const finished = page.getByRole('region', { name: 'Recently finished' });
    await expect(finished).toContainText(STORIES);
    await expect(finished).toContainText(MINILM);
    await expect(page.getByRole('region', { name: 'Queue' })).toContainText('Nothing is being downloaded.');
  });
});

test('a limit of the speed holds at once, also when it is set in another tab, and so does its end', async ({ page, context, site }) => {
  const other = await context.newPage();
  await other.goto(site.url);
  await open(other, 'Downloads');
  await page.evaluate(() => globalThis.sill?.downloads.setSettings({ bytesPerSecond: 200_000 }));
  await begin(page, 'whisper-tiny');
  await expect(entry(other, WHISPER)).toContainText(/Downloading · .* · (1\d\d|2[0-4]\d) kB\/s/);
  await expect(other.getByRole('spinbutton', { name: 'At most, all together' })).toHaveValue('0.2');
  await other.getByRole('checkbox', { name: 'Limit the speed of downloads' }).click();
  await expect(other.getByRole('region', { name: 'Recently finished' })).toContainText(WHISPER);
});

test.describe('on a connection that may cost', () => {
  test.use({ ...metered, shared: false });

  test('nothing moves before a person says so, neither a download nor a repair', async ({ page, site }) => {
    await open(page, 'Downloads');
    await begin(page, 'all-minilm-l6-v2');
    await expect(entry(page, MINILM)).toContainText('Waiting: this connection may cost');
    expect(site.requests.some(({ path }) => path.includes('/onnx/'))).toBe(false);
    await press(page, `Download ${MINILM} now`);
    await expect(page.getByRole('region', { name: 'Recently finished' })).toContainText(MINILM);

    await page.evaluate(deleteChunks, 1);
    await page.reload();
    await open(page, 'Models');
    const model = card(page, MINILM);
    site.requests.length = 0;
    await model.getByRole('button', { name: 'Repair', exact: true }).click();
    await expect(model).toContainText(/have to be fetched again, and this connection may cost/);
    expect(site.requests.some(({ path }) => path.includes('/onnx/'))).toBe(false);
    await model.getByRole('button', { name: /^Download now, / }).click();
    await expect(model).toContainText('Repaired:');
  });
});
