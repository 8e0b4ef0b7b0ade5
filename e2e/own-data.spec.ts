import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

const policy = (page: Page) => page.evaluate(async () => (await globalThis.sill?.updates.policy())?.policy);
const setPolicy = (page: Page, mode: 'off' | 'notify') =>
  page.evaluate(async (wanted) => globalThis.sill?.updates.setPolicy({ mode: wanted }), mode);
const theme = (page: Page) => page.evaluate(() => localStorage.getItem('sill.theme'));

test('a copy of one’s own data is saved, and brings settings and choices back; anything else is refused and changes nothing', async ({
  page,
  profile,
}) => {
  await open(page, 'Storage');
  const own = page.locator('sill-own-data');
  await setPolicy(page, 'off');
  await page.evaluate(() => localStorage.setItem('sill.theme', '"dark"'));

  const [download] = await Promise.all([page.waitForEvent('download'), own.getByRole('button', { name: 'Save a copy' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^sill-\d{4}-\d\d-\d\d\.json$/);
  const copy = join(profile, 'copy.json');
  await download.saveAs(copy);
  expect(await readFile(copy, 'utf8')).not.toContain('device-id');

  await setPolicy(page, 'notify');
  await page.evaluate(() => localStorage.removeItem('sill.theme'));

  const damaged = join(profile, 'damaged.json');
  await writeFile(damaged, (await readFile(copy, 'utf8')).replace('"mode":"off"', '"mode":"never"'));
  await own.locator('input[type=file]').setInputFiles(damaged);
  await expect(own.getByRole('alert')).toContainText('This file is no copy of your data');
  expect([await policy(page), await theme(page)]).toEqual([{ mode: 'notify', channel: 'stable' }, null]);

  await own.locator('input[type=file]').setInputFiles(copy);
  await expect(own).toContainText('Reload the page to see all settings.');
  expect([await policy(page), await theme(page)]).toEqual([{ mode: 'off', channel: 'stable' }, '"dark"']);
});
