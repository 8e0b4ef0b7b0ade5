import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { parseModelId } from '../src/core/ids.ts';
import { writeBundle } from '../tools/publisher/bundle.ts';
import { DEFAULT_PLACES } from '../tools/publisher/publisher.ts';
import { expectAccessible } from './support/accessible.ts';
import { test as base, expect, openApp } from './support/fixtures.ts';
import { metered } from './support/metered.ts';
import { complete, textOf } from './support/sill.ts';
import { open, openDialog } from './support/views.ts';

const MODEL = parseModelId('stories15m');

/** The model as it comes on a stick. */
const test = base.extend<{ bundle: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  bundle: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-stick-'));
    const out = join(folder, 'models.tar');
    await writeBundle(resolve(import.meta.dirname, '..', DEFAULT_PLACES.repo), [{ id: MODEL }], { out, variants: ['int8'] });
    await use(out);
    await rm(folder, { recursive: true });
  },
});

const panel = (page: Page): Locator => page.locator('sill-models-view sill-bundle-import');
const badge = (page: Page): Locator => page.locator('sill-app-header p.status');
const isRuntime = (path: string): boolean => path.endsWith('.wasm');

async function choose(page: Page, bundle: string): Promise<void> {
  await open(page, 'Models');
  await panel(page).locator('input[type=file]').setInputFiles(bundle);
  await page.getByRole('dialog', { name: 'What is in this file' }).waitFor();
}

async function agree(page: Page): Promise<void> {
  await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).click();
  await openDialog(page)
    .getByRole('button', { name: /^Import \d/ })
    .click();
  await expect(panel(page)).toContainText('Stories 15M is installed.');
}

const runtimeNote = 'A part of the app itself is not on this device';

test('a device that saw the site once and never a model gets one from a stick, without a network, and it answers', async ({
  openBrowser,
  site,
  bundle,
}) => {
  const context = await openBrowser();
  let page = await openApp(context, site);
  await test.step('the page says when the app is all there, and that no model is', async () => {
    await expect(badge(page)).toContainText('App stored');
    await expect(badge(page)).toHaveAttribute('title', /What is still missing is a model/);
  });
  await site.stop();
  await context.close();

  page = await openApp(await openBrowser(), site);
  expect((await page.evaluate(() => globalThis.sill?.storage()))?.runtimeMissingBytes).toBe(0);
  await choose(page, bundle);
  await expect(openDialog(page)).not.toContainText(runtimeNote);
  await agree(page);
  await expect(panel(page)).not.toContainText('a part of the app itself is still missing');
  await expect(badge(page)).toContainText('Works offline');
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 8 })).length).toBeGreaterThan(10);
});

test.describe('on a connection that may cost', () => {
  test.use(metered);

  test('the runtime is not fetched unasked; whoever asks gets it, with its size told before', async ({ page, site, bundle }) => {
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect(badge(page)).toHaveAttribute('title', /the model runtime, 1\d\.\d MB/);
    await open(page, 'Storage');
    const runtime = page.getByRole('region', { name: 'Model runtime' });
    await expectAccessible(page, 'storage without the runtime');
    // Past the first look, which is three seconds after the start.
    await page.waitForFunction(() => performance.now() > 4000);
    expect(site.requests.filter(({ path }) => isRuntime(path))).toEqual([]);
    await expect(badge(page)).toContainText('Preparing offline');
    await runtime.getByRole('button', { name: /^Fetch 1\d\.\d MB$/ }).click();
    await expect(runtime).toHaveCount(0);
    await expect(badge(page)).toContainText('App stored');

    await site.stop();
    await choose(page, bundle);
    await expect(openDialog(page)).not.toContainText(runtimeNote);
    await agree(page);
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 8 })).length).toBeGreaterThan(10);
  });

  test('without it an import says so before it begins, and the model starts once the site is there again', async ({
    page,
    site,
    bundle,
  }) => {
    await page.evaluate(() => navigator.serviceWorker.ready);
    await site.stop();
    await choose(page, bundle);
    await expect(openDialog(page)).toContainText(runtimeNote);
    await expect(openDialog(page)).toContainText(/the model runtime, 1\d\.\d MB/);
    await expectAccessible(page, 'an import without the runtime');
    await agree(page);
    await expect(panel(page)).toContainText('a part of the app itself is still missing');
    await expect(badge(page)).toContainText('Preparing offline');

    await site.start();
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 8 })).length).toBeGreaterThan(10);
  });
});
