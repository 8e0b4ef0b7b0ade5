import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { parseModelId } from '../src/core/ids.ts';
import { writeBundle } from '../tools/publisher/bundle.ts';
import { DEFAULT_PLACES } from '../tools/publisher/publisher.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { openWithRoom } from './support/room.ts';
import { acceptInstall, card, open, openDialog } from './support/views.ts';

const MB = 1_000_000;
const MINILM = parseModelId('all-minilm-l6-v2');

test.use({ installed: ['stories15m'] });

/** For half of all-MiniLM-L6-v2 (24 MB), and for all of it once Stories 15M (17 MB) is gone. */
const SOME_ROOM = 12 * MB;

const installedIds = (page: Page): Promise<string[] | undefined> =>
  page.evaluate(async () => (await globalThis.sill?.models.list())?.filter(({ installed }) => installed).map(({ id }) => id));

/** What would go, looked at and agreed to. */
/** The app waits a minute for the room of what was given up (`storage/returningRoom`). */
const ROOM_RETURNS = { timeout: 100_000 };

async function giveUpStories(page: Page, where: Locator): Promise<void> {
  const plan = where.getByRole('group', { name: 'What could go' });
  await expect(plan.getByRole('listitem')).toHaveText([/Stories 15M, the whole model/]);
  await expectAccessible(page, 'what could go');
  expect(await installedIds(page)).toEqual(['stories15m']);
  await plan.getByRole('button', { name: /^Remove these, frees \d+(\.\d)? MB$/ }).click();
  await expect(where.getByText(/ MB are free now\./)).toBeVisible();
}

const embeds = (page: Page): Promise<number | undefined> =>
  page.evaluate(async (model) => {
    const answer = await globalThis.sill?.embeddings.create({ model, input: 'There is room again.' });
    return answer?.data[0]?.embedding.length;
  }, MINILM);

test('an install for which there is no room offers what could go, and goes on once a person has agreed', async ({ openBrowser, site }) => {
  const page = await openWithRoom(openBrowser, site, SOME_ROOM);
  const minilm = card(page, 'all-MiniLM-L6-v2');
  await minilm.getByRole('button', { name: 'Install all-MiniLM-L6-v2' }).click();
  await acceptInstall(page, 'all-MiniLM-L6-v2');
  await expect(minilm.getByRole('alert')).toContainText('There is not enough space');
  await giveUpStories(page, minilm);
  await minilm.getByRole('button', { name: 'Continue installing all-MiniLM-L6-v2' }).click();
  await expect(minilm.getByRole('button', { name: 'Remove all-MiniLM-L6-v2' })).toBeVisible(ROOM_RETURNS);
  expect(await installedIds(page)).toEqual([MINILM]);
  expect(await embeds(page)).toBe(384);
});

test('an import for which there is no room leaves nothing behind, and offers room for all of it', async ({ openBrowser, site }) => {
  const stick = await mkdtemp(join(tmpdir(), 'sill-stick-'));
  const out = join(stick, 'models.tar');
  await writeBundle(resolve(import.meta.dirname, '..', DEFAULT_PLACES.repo), [{ id: MINILM }], { out });
  const page = await openWithRoom(openBrowser, site, SOME_ROOM);
  const panel = page.locator('sill-models-view sill-bundle-import');
  const importIt = async () => {
    await panel.locator('input[type=file]').setInputFiles(out);
    await page.getByRole('dialog', { name: 'What is in this file' }).waitFor();
    await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).click();
    await openDialog(page)
      .getByRole('button', { name: /^Import \d/ })
      .click();
  };
  await importIt();
  await expect(panel.getByRole('alert')).toContainText('There is not enough space');
  expect(await page.evaluate(async () => (await globalThis.sill?.storage())?.unfinishedBytes)).toBe(0);
  await giveUpStories(page, panel);
  await importIt();
  await expect(panel).toContainText('all-MiniLM-L6-v2 is installed.', ROOM_RETURNS);
  expect(await installedIds(page)).toEqual([MINILM]);
  expect(await embeds(page)).toBe(384);
  await rm(stick, { recursive: true });
});

test('where not a byte can be written any more, what a person gives up goes all the same', async ({ openBrowser, site }) => {
  const page = await openWithRoom(openBrowser, site, -10 * MB);
  await open(page, 'Storage');
  await page.getByRole('button', { name: 'Show what could go' }).click();
  await page.getByRole('button', { name: /^Remove these, frees \d+(\.\d)? MB$/ }).click();
  await expect(page.getByText(/ MB are free now\./)).toBeVisible();
  expect(await installedIds(page)).toEqual([]);
});
