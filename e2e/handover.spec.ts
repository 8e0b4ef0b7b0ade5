import type { Page } from '@playwright/test';
import { askedAgain, fileHashes, publishedModel, storedDigests } from './support/downloads.ts';
import { expect, test } from './support/fixtures.ts';
import { card, open } from './support/views.ts';

const MB = 1_000_000;
const WHISPER = 'Whisper Tiny';

const begin = (page: Page, id: string): Promise<void> =>
  page.evaluate((model) => {
    void globalThis.sill?.models.install(model).catch(() => undefined);
  }, id);
const storedBytes = (page: Page): Promise<number> =>
  page.evaluate(async () => (await globalThis.sill?.storage())?.unfinishedBytes ?? Number.NaN);

test('the tab that downloads is closed: another goes on by itself, asks for nothing that is here, and every byte is right', async ({
  page: first,
  context,
  site,
}) => {
  const model = await publishedModel('whisper-tiny');
  const second = await context.newPage();
  await second.goto(site.url);
  await open(second, 'Models');
  site.holdModelsAfter(20 * MB);
  await begin(first, 'whisper-tiny');
  await expect.poll(() => storedBytes(second)).toBeGreaterThan(8 * MB);

  await test.step('both tabs show the same', async () => {
    const states = () =>
      Promise.all([first, second].map((tab) => tab.evaluate(async () => (await globalThis.sill?.downloads.list())?.[0]?.state)));
    expect(await states()).toEqual(['running', 'running']);
    await expect(card(second, WHISPER).getByRole('progressbar', { name: `Installing ${WHISPER}` })).toBeVisible();
  });

  await test.step('when nothing arrives any more it says so', async () => {
    await expect(card(second, WHISPER)).toContainText('Waiting for the network');
  });

  await test.step('the other tab takes over', async () => {
    const stored = await storedDigests(second);
    site.requests.length = 0;
    await first.close();
    await expect.poll(() => site.requests.some(({ path }) => path.includes('/onnx/'))).toBe(true);
    site.release();
    await expect(card(second, WHISPER).getByRole('button', { name: `Remove ${WHISPER}` })).toBeVisible();
    expect(askedAgain(model, stored, site.requests)).toEqual([]);
    const { published, stored: here } = await fileHashes(second, model);
    expect(here).toEqual(published);
  });

  await test.step('whoever asked is told when it is there, whichever tab carried it', async () => {
    const third = await context.newPage();
    await third.goto(site.url);
    site.holdModelsAfter(4 * MB);
    await begin(second, 'all-minilm-l6-v2');
    await expect.poll(() => storedBytes(second)).toBeGreaterThan(1 * MB);
    const installed = third.evaluate(async () => (await globalThis.sill?.models.install('all-minilm-l6-v2'))?.state);
    await second.close();
    site.release();
    expect(await installed).toBe('installed');
  });
});
