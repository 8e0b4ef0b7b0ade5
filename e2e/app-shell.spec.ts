import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { RUNTIME_CACHE } from '../src/protocol/caches.ts';
import { DIST, expect, test } from './support/fixtures.ts';

const KILL_SWITCH = resolve(import.meta.dirname, '../deploy/kill-switch.js');

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

test.describe('a device that has the app', () => {
  test.use({ shared: true });

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

  test('the runtime comes from the stored copy when neither the network nor the browser cache has it', async ({ page, site }) => {
    await shellIsStored(page);
    const wasm = (await readdir(join(DIST, 'assets'))).find((file) => /^ort-wasm-simd-threaded-[^.]+\.wasm$/.test(file));
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

  test('the policy that was seen last holds when the network is gone', async ({ page, site }) => {
    await shellIsStored(page);
    const policy = () => page.evaluate(async () => (await fetch('sill.policy.json')).json());
    const change = site.answer(({ path }) =>
      path === 'sill.policy.json' ? { body: JSON.stringify({ schema: 1, kiosk: true }) } : undefined,
    );
    expect(await policy()).toMatchObject({ kiosk: true });
    await site.stop();
    expect(await policy()).toMatchObject({ kiosk: true });
    change();
    await site.start();
    expect(await policy()).not.toMatchObject({ kiosk: true });
  });

  test('the browser offers to install the app', async ({ page }) => {
    await shellIsStored(page);
    const devtools = await page.context().newCDPSession(page);
    const { errors } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual([]);
  });
});

test.describe('once another version is on the server', () => {
  /** A copy of the app that a test may change; models are not copied. */
  const changeable = test.extend<{ folder: string }>({
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

  changeable('the rescue page brings back a broken installation and keeps what the person has', async ({ page, site, folder }) => {
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

  changeable('the kill switch removes the stored app from browsers that come back', async ({ page, folder }) => {
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
});

test.describe('on a host that cannot set headers, under a sub-path', () => {
  test.use({
    siteSettings: { base: '/apps/sill/', headers: false, directory: DIST },
    firstVisit: true,
    expectedFaults: [/elsewhere\.example/],
  });

  test('the service worker isolates the page by reloading it once, and holds it to the policy', async ({ page, site }) => {
    let loads = 0;
    page.on('load', () => loads++);
    await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
    const headers = await page.evaluate(async () => Object.fromEntries((await fetch('./index.html')).headers));
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
    const refused = await page.evaluate(() => fetch('https://elsewhere.example/').then(String, (error) => error.name));
    expect(refused).toBe('TypeError');
    await expect(page.getByText('App stored')).toBeAttached();
    expect(loads).toBeLessThanOrEqual(1);
    expect(new URL(page.url()).pathname).toBe('/apps/sill/');

    await site.stop();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });
});
