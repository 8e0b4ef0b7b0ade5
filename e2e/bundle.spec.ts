import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { parseModelId } from '../src/core/ids.ts';
import { type BundleOptions, writeBundle } from '../tools/publisher/bundle.ts';
import { findOffer } from '../tools/publisher/offers.ts';
import { placeFiles, readPacked } from '../tools/publisher/place.ts';
import { publishModels } from '../tools/publisher/publish.ts';
import { DEFAULT_PLACES } from '../tools/publisher/publisher.ts';
import { readRepository } from '../tools/publisher/repository.ts';
import { Site as Repository } from '../tools/publisher/testing/site.ts';
import { expectAccessible } from './support/accessible.ts';
import { test as base, expect } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';
import { open, openDialog } from './support/views.ts';

const root = resolve(import.meta.dirname, '..');
const MODEL = parseModelId('stories15m');
const MIB = 2 ** 20;

interface Fixtures {
  /** A stick to carry files on. */
  stick: string;
  /** What the publisher's command line writes of stories15m, as its paths. */
  bundle: (options?: Partial<BundleOptions>) => Promise<string[]>;
}

const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  stick: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-stick-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  bundle: async ({ stick }, use) => {
    await use(async (options = {}) => {
      const out = join(stick, 'models.tar');
      const written = await writeBundle(join(root, DEFAULT_PLACES.repo), [{ id: MODEL }], { out, variants: ['int8'], ...options });
      return written.files.map(({ path }) => path);
    });
  },
});

test.use({ shared: true });

const panel = (page: Page): Locator => page.locator('sill-models-view sill-bundle-import');
const choose = (page: Page, paths: string | string[]) => panel(page).locator('input[type=file]').setInputFiles(paths);
const kept = (page: Page) =>
  page.evaluate(async () => {
    const models = await globalThis.sill?.models.list();
    const storage = await globalThis.sill?.storage();
    return {
      installed: models?.filter((model) => model.installed).map(({ id }) => id),
      models: storage?.models,
      left: storage?.unfinishedBytes,
    };
  });

/** As the device was before. */
const giveUp = (page: Page) => page.evaluate((id) => globalThis.sill?.models.remove(id), MODEL);

async function accept(page: Page): Promise<void> {
  await page.getByRole('dialog', { name: 'What is in this file' }).waitFor();
  await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).click();
  await openDialog(page)
    .getByRole('button', { name: /^Import \d/ })
    .click();
}

/** As a person drops them: the files come from the disk, not out of the test. */
async function drop(page: Page, paths: readonly string[]): Promise<void> {
  await page.evaluate(() => {
    const probe = document.createElement('input');
    Object.assign(probe, { type: 'file', multiple: true, id: 'probe' });
    document.body.append(probe);
  });
  await page.locator('#probe').setInputFiles([...paths]);
  await panel(page)
    .locator('.zone')
    .evaluate((zone) => {
      const probe = document.querySelector<HTMLInputElement>('#probe');
      const dataTransfer = new DataTransfer();
      for (const file of probe?.files ?? []) dataTransfer.items.add(file);
      probe?.remove();
      zone.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
}

test.describe('on a device that has the model', () => {
  test.use({ installed: ['stories15m'], shared: false });

  test('it goes out as the file that the publisher would write, with no network', async ({ page, site, stick, bundle }) => {
    await open(page, 'Models');
    await site.stop();
    await page.getByRole('button', { name: 'Export to a file' }).click();
    await expect(openDialog(page).getByRole('checkbox', { name: 'Stories 15M' })).toBeChecked();
    await expectAccessible(page, 'what to export');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      openDialog(page)
        .getByRole('button', { name: /^Save \d/ })
        .click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^stories15m-[0-9a-f]{12}\.tar$/);
    const exported = join(stick, 'exported.tar');
    await download.saveAs(exported);
    const [written = ''] = await bundle();
    expect((await readFile(exported)).equals(await readFile(written))).toBe(true);
  });

  test('a newer version on a stick is tried beside it, with no network, and runs once it has passed', async ({ page, site, stick }) => {
    const { paths, revision } = await newerVersion(stick);
    const before = await page.evaluate(async (id) => (await globalThis.sill?.models.versions(id))?.versions[0]?.revision, MODEL);
    await open(page, 'Versions');
    await site.stop();
    await page.locator('sill-versions-view sill-bundle-import input[type=file]').setInputFiles(paths);
    await expect(openDialog(page)).toContainText('New version: tested before it runs');
    // The same words were accepted with the version that runs.
    await expect(openDialog(page).getByRole('checkbox')).toHaveCount(0);
    await openDialog(page)
      .getByRole('button', { name: /^Import/ })
      .click();
    await expect(page.locator('sill-versions-view')).toContainText('Stories 15M passed its test: the new version runs.', {
      timeout: 60_000,
    });
    const { versions } = await page.evaluate(async (id) => (await globalThis.sill?.models.versions(id)) ?? { versions: [] }, MODEL);
    const roles = new Map(versions.map((version) => [version.role, version.revision]));
    expect([roles.get('active'), roles.get('previous')]).toEqual([revision, before]);
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 8 })).length).toBeGreaterThan(10);
  });
});

/** The publisher of this checkout goes on in another folder: the same weights under another description. */
async function newerVersion(stick: string): Promise<{ paths: string[]; revision: string }> {
  const checkout = { repo: join(root, DEFAULT_PLACES.repo), keys: join(root, DEFAULT_PLACES.keys) };
  const { publisher } = await Repository.continuing(checkout, join(stick, 'publisher'));
  const published = await readRepository(checkout.repo);
  const { entry } = findOffer(published.targets.signed, MODEL, undefined);
  const folder = join(stick, 'newer');
  await cp(join(checkout.repo, entry.path), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, description: 'The same stories, better described.' }));
  const model = await readPacked(folder);
  await placeFiles(publisher.repo, folder, model);
  await publishModels(publisher, [{ model, saying: { channel: 'stable' } }]);
  const out = join(stick, 'newer.tar');
  const { files } = await writeBundle(publisher.repo, [{ id: MODEL }], { out, variants: ['int8'] });
  return { paths: files.map(({ path }) => path), revision: model.revision };
}

test('a device that never got a model from the network imports it, chosen or dropped, and it runs', async ({ page, site, bundle }) => {
  const [path = ''] = await bundle();
  site.answer((request) => (request.path.startsWith('models/') ? { status: 503, type: 'text/plain', body: 'no models here' } : undefined));
  await open(page, 'Models');

  await test.step('what is inside is shown first, and leaving it there changes nothing', async () => {
    await choose(page, path);
    const dialog = openDialog(page);
    await expect(dialog).toContainText('Signed by the publisher that this app trusts.');
    await expect(dialog.getByRole('listitem')).toContainText(['Stories 15M']);
    await expectAccessible(page, 'what is in a bundle');
    await expect(dialog.getByRole('button', { name: /^Import/ })).toBeDisabled();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
    expect(await kept(page)).toEqual({ installed: [], models: [], left: 0 });
  });

  await test.step('it is imported, and answers when the server is gone', async () => {
    await choose(page, path);
    await accept(page);
    await expect(panel(page)).toContainText('Stories 15M is installed.');
    await site.stop();
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 8 })).length).toBeGreaterThan(10);
  });

  await test.step('dropped again, it is there already', async () => {
    await drop(page, [path]);
    await expect(openDialog(page)).toContainText('On this device already');
    await expect(openDialog(page).getByRole('button', { name: /^Import/ })).toHaveCount(0);
    await openDialog(page).getByRole('button', { name: 'Close', exact: true }).first().click();
    const again = await page.evaluate(async () => {
      const probe = await globalThis.sill?.models.export('stories15m');
      return probe && (await globalThis.sill?.models.import(probe));
    });
    expect(again?.outcomes).toMatchObject([{ id: MODEL, result: 'present' }]);
  });
  await giveUp(page);
});

test('a bundle in parts comes in whatever order they are chosen, and not before the last is there', async ({ page, site, bundle }) => {
  const paths = await bundle({ volumeBytes: 6 * MIB });
  expect(paths.length).toBeGreaterThan(2);
  site.answer((request) => (request.path.startsWith('models/') ? { status: 503, type: 'text/plain', body: 'no models here' } : undefined));
  await open(page, 'Models');
  await choose(page, paths.slice(1));
  await expect(panel(page).getByRole('alert')).toContainText(`Missing: part 1 of ${paths.length}.`);
  await drop(page, [...paths].reverse());
  await accept(page);
  await expect(panel(page)).toContainText('Stories 15M is installed.');
  expect((await kept(page)).installed).toEqual([MODEL]);
  await giveUp(page);
});

test('what is cut off, foreign or no bundle at all is refused with words, and nothing is changed', async ({ page, stick, bundle }) => {
  await open(page, 'Models');
  const before = await kept(page);
  const refused = async (path: string, words: string) => {
    await choose(page, path);
    await expect(panel(page).getByRole('alert')).toContainText(words);
    expect(await kept(page)).toEqual(before);
  };
  const [path = ''] = await bundle();
  await truncate(path, 9 * MIB);
  await refused(path, 'The end of the file is missing');
  await refused(join(root, 'package.json'), 'This is no file with models');

  const stranger = await Repository.make(join(stick, 'stranger'));
  await stranger.publish('A model of somebody else.');
  const out = join(stick, 'stranger.tar');
  await writeBundle(stranger.publisher.repo, [{ id: 'owner/model' }], { out });
  await refused(out, 'The file comes from another publisher');
});
