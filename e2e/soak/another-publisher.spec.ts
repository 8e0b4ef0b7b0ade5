import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Site as Repository } from '../../tools/publisher/testing/site.ts';
import { test as base, DIST, expect } from '../support/fixtures.ts';
import { complete, textOf } from '../support/sill.ts';
import { card, open, openDialog } from '../support/views.ts';

const root = resolve(import.meta.dirname, '../..');

/** An app that was built for a publisher of its own, as from a fresh clone, and that publisher's catalog. */
const test = base.extend<{ other: { readonly repository: Repository; readonly dist: string } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  other: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-other-'));
    const repository = await Repository.make(join(folder, 'publisher'));
    await repository.publish('news');
    const dist = join(folder, 'dist');
    const built = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--outDir', dist, '--logLevel', 'error'], {
      cwd: root,
      env: { ...process.env, SILL_TRUST: repository.publisher.trust },
      encoding: 'utf8',
    });
    expect(built.status, built.stderr).toBe(0);
    await use({ repository, dist });
    await rm(folder, { recursive: true });
  },
});

/** A copy of the app that a test can change under the running server. */
test.use({
  installed: ['stories15m'],
  siteSettings: async ({ siteSettings }, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'sill-dist-'));
    await copyApp(DIST, directory);
    await symlink(join(DIST, 'models'), join(directory, 'models'));
    await use({ ...siteSettings, directory });
    await rm(directory, { recursive: true });
  },
});

async function copyApp(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) if (name !== 'models') await cp(join(from, name), join(to, name), { recursive: true });
}

test('an app of another publisher in the same place keeps what is installed and accepts nothing, until a person accepts the root', async ({
  page,
  site,
  siteSettings,
  other: { repository, dist },
}) => {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.evaluate(() => globalThis.sill?.models.overview());
  await copyApp(dist, siteSettings.directory);
  site.answer(({ path }) => {
    if (!path.startsWith('models/')) return undefined;
    const answer = repository.served.get(path.slice('models/'.length));
    return answer instanceof Uint8Array ? { body: answer } : { status: 404, body: 'no' };
  });

  await test.step('the app is updated', async () => {
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    const reloaded = page.waitForEvent('load');
    await page.getByRole('region', { name: 'Update' }).getByRole('button', { name: 'Update now' }).click();
    await reloaded;
  });

  await test.step('it says that its publisher is another one', async () => {
    await open(page, 'Models');
    const note = page.getByRole('main').locator('sill-error');
    await expect(note).toContainText('This site now belongs to another publisher than the one that this device trusts');
    await expect(note).toContainText('accept the new trust root in Storage');
    const list = await page.evaluate(() => globalThis.sill?.models.overview());
    expect(list?.catalogError?.details?.attack).toBe('another_root');
    await expect(card(page, 'Model')).toHaveCount(0);
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
  });

  await test.step('accepted in Storage, the models of the new publisher are offered, and what is installed still runs', async () => {
    await open(page, 'Storage');
    await page.getByRole('region', { name: 'Trust' }).getByRole('button', { name: 'Accept the new trust root' }).click();
    await openDialog(page).getByRole('button', { name: 'Accept' }).click();
    await expect(page.getByRole('region', { name: 'Trust' })).toHaveCount(0);
    await open(page, 'Models');
    await expect(card(page, 'Model')).toBeVisible();
    await expect(page.getByRole('main').locator('sill-error')).toHaveCount(0);
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
  });
});
