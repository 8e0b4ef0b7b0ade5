import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { RUNTIME_CACHE } from '../src/protocol/caches.ts';
import { ANSWERING_LOCK } from '../src/protocol/locks.ts';
import { test as base, DIST, expect } from './support/fixtures.ts';

const KILL_SWITCH = resolve(import.meta.dirname, '../deploy/kill-switch.js');

/** A copy of the app that a test may change; models are not copied. */
const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-app-'));
    await cp(DIST, folder, { recursive: true, filter: (source) => source !== join(DIST, 'models') });
    await symlink(join(DIST, 'models'), join(folder, 'models'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  siteSettings: async ({ folder }, use) => use({ base: '/', headers: true, directory: folder }),
});

/** Puts another version of the app on the server: another page, and a service worker whose list of files says so. */
async function release(folder: string): Promise<void> {
  await edit(join(folder, 'index.html'), '<html ', '<html data-release="next" ');
  await edit(join(folder, 'sw.js'), /"revision":"[0-9a-f]+"(?=,"url":"index\.html")/, '"revision":"next"');
}

async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has nothing like ${from}`);
  await writeFile(file, after);
}

const RELEASED = '[data-release="next"]';
const shellIsStored = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
const askForUpdate = (page: Page) => page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
/** The page has asked for everything it starts with. A tab that is torn down with a request in its service worker's hands keeps Chromium from letting go of that worker for minutes. */
const atRest = (page: Page) => expect(page.getByRole('button', { name: /^Install/ }).first()).toBeVisible();
const updateButton = (page: Page) => page.getByRole('button', { name: 'Update now' });

test('the app opens without a network once its shell is stored', async ({ page, site }) => {
  await shellIsStored(page);
  await site.stop();
  await page.goto(`${site.url}?from=home-screen#/device`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Device');
});

test('an address below the app leads to the app when the network is gone', async ({ page, site }) => {
  await shellIsStored(page);
  await site.stop();
  await page.goto(`${site.url}no/such/page`);
  await expect(page).toHaveURL(new RegExp(`^${site.url}(#.*)?$`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the runtime comes from the stored copy when neither the network nor the browser cache has it', async ({ page, site, folder }) => {
  await shellIsStored(page);
  const wasm = (await readdir(join(folder, 'assets'))).find((file) => /^ort-wasm-simd-threaded-[^.]+\.wasm$/.test(file));
  await page.evaluate(async ([name, path]) => (await caches.open(name)).put(new URL(path, document.baseURI), await fetch(path)), [
    RUNTIME_CACHE,
    `assets/${wasm}`,
  ] as const);
  await site.stop();
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
  const answer = await page.evaluate(async (path) => {
    const response = await fetch(path);
    return { type: response.headers.get('content-type'), sizeBytes: (await response.arrayBuffer()).byteLength };
  }, `assets/${wasm}`);
  expect(answer.type).toBe('application/wasm');
  expect(answer.sizeBytes).toBeGreaterThan(10_000_000);
});

test('the policy that was seen last holds when the network is gone', async ({ page, site, folder }) => {
  await shellIsStored(page);
  const policy = () => page.evaluate(async () => (await fetch('sill.policy.json')).json());
  await writeFile(join(folder, 'sill.policy.json'), JSON.stringify({ schema: 1, kiosk: true }));
  expect(await policy()).toMatchObject({ kiosk: true });
  await site.stop();
  expect(await policy()).toMatchObject({ kiosk: true });
});

test('a new version waits until the person agrees, and then replaces the app', async ({ page, folder }) => {
  await shellIsStored(page);
  await expect(updateButton(page)).toBeHidden();
  await release(folder);
  await askForUpdate(page);
  await expect(updateButton(page)).toBeVisible();
  await atRest(page);
  await page.reload();
  await expect(updateButton(page)).toBeVisible();
  await atRest(page);
  await expect(page.locator(RELEASED)).not.toBeAttached();
  await updateButton(page).click();
  await expect(page.locator(RELEASED)).toBeAttached();
});

test('an update does not cut off an answer that another tab is writing', async ({ page, context, site, folder }) => {
  await shellIsStored(page);
  const other = await context.newPage();
  await other.goto(site.url);
  await other.evaluate((lock) => {
    const answering = new Promise<void>((resolve) => document.addEventListener('answered', () => resolve()));
    void navigator.locks.request(lock, { mode: 'shared' }, () => answering);
  }, ANSWERING_LOCK);
  await release(folder);
  await askForUpdate(page);
  await updateButton(page).click();
  await page.waitForTimeout(1500);
  for (const tab of [page, other]) await expect(tab.locator(RELEASED)).not.toBeAttached();
  await other.evaluate(() => document.dispatchEvent(new Event('answered')));
  await expect(page.locator(RELEASED)).toBeAttached();
  await expect(other.locator(RELEASED)).toBeAttached();
});

test('the rescue page brings back a broken installation and keeps what the person has', async ({ page, site, folder }) => {
  await shellIsStored(page);
  const databases = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());
  const before = await databases();
  expect(before.length).toBeGreaterThan(0);
  await release(folder);
  await page.goto(`${site.url}rescue.html`);
  await page.getByRole('button', { name: 'Repair now' }).click();
  await expect(page.getByRole('status')).toContainText('Done.');
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  expect(await databases()).toEqual(before);
  await page.getByRole('link', { name: 'Open Sill' }).click();
  await expect(page.locator(RELEASED)).toBeAttached();
});

test('the kill switch removes the stored app from browsers that come back', async ({ page, folder }) => {
  await shellIsStored(page);
  await release(folder);
  await cp(KILL_SWITCH, join(folder, 'sw.js'));
  await askForUpdate(page);
  await expect(page.locator(RELEASED)).toBeAttached();
  // A request that the old worker had in hand may open the cache once more; nothing is put into it.
  const stored = await page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('workbox-'));
    return (await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))).flat().map(({ url }) => url);
  });
  expect(stored).toEqual([]);
});

test('the browser offers to install the app', async ({ page }) => {
  await shellIsStored(page);
  const devtools = await page.context().newCDPSession(page);
  const { errors } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
});

test.describe('on a host that cannot set headers, under a sub-path', () => {
  test.use({ siteSettings: { base: '/apps/sill/', headers: false, directory: DIST } });

  test('the service worker isolates the page by reloading it once', async ({ page, site }) => {
    let loads = 0;
    page.on('load', () => loads++);
    await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
    await page.waitForTimeout(1000);
    expect(loads).toBeLessThanOrEqual(1);
    expect(new URL(page.url()).pathname).toBe('/apps/sill/');
    await site.stop();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  test.describe('a page that wants to talk to another site', () => {
    test.use({ expectedFaults: [/elsewhere\.example/] });

    test('is held to the policy', async ({ page }) => {
      await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
      const headers = await page.evaluate(async () => Object.fromEntries((await fetch('./index.html')).headers));
      expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
      const refused = await page.evaluate(() => fetch('https://elsewhere.example/').then(String, (error) => error.name));
      expect(refused).toBe('TypeError');
    });
  });
});
