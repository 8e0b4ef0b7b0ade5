import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { OFFERS_CHAT } from './support/offer.ts';
import { refusalOf } from './support/sill.ts';
import type { SiteRequest } from './support/site.ts';
import { acceptInstall, open } from './support/views.ts';

/** Stands in what is asked and answered, and may stand nowhere else. */
const CANARY = 'zwieback-quokka';

const WAYS_TO_CHAT = OFFERS_CHAT
  ? 'This needs a model. TinyLlama 1.1B Chat is a good one to begin with.'
  : 'No model on offer here holds conversations';

test.use({ firstVisit: true });

test('over a slow line a person reads what this is while the rest is on its way', async ({ openBrowser, site }) => {
  const context = await openBrowser();
  const page = context.pages()[0] ?? (await context.newPage());
  const go = { scripts: () => {}, engine: () => {} };
  const [scripts, engine] = (['scripts', 'engine'] as const).map(
    (which) =>
      new Promise<void>((resolve) => {
        go[which] = resolve;
      }),
  );
  await context.route(/\.js$/, async (route) => {
    await (route.request().url().includes('engine.worker') ? engine : scripts);
    await route.fallback();
  });
  await page.goto(site.url, { waitUntil: 'commit' });
  await expect(page.getByText('Sill', { exact: true })).toBeVisible();
  go.scripts();
  const welcome = page.getByRole('heading', { name: /^Sill runs small language models inside this browser/ });
  await expect(welcome).toBeVisible();
  await expect(page.getByText('Looking at the device…')).toBeAttached();
  await expect(page.getByRole('radio')).toHaveCount(0);
  for (const view of ['models', 'chat', 'search'] as const) {
    await page.goto(`${site.url}#/${view}`);
    await expect(page.locator(`sill-${view}-view`).getByRole('heading', { name: /^Sill runs/ })).toBeVisible();
  }
  await page.goto(`${site.url}#/benchmarks`);
  await expect(page.getByText('No model that can be measured is on this device yet')).toBeVisible();
  await page.goto(`${site.url}#/chat`);
  go.engine();
  await expect(page.getByRole('heading', { name: WAYS_TO_CHAT })).toBeVisible();
  await expect(welcome).toBeVisible();
  await open(page, 'Overview');
  await expect(page.getByRole('radio')).not.toHaveCount(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 412, height: 823 } });

  /** Areas of the largest paints of a visit, each larger than the one before; the browser tells no more of them. */
  const largestPaints = (page: Page): Promise<number[]> => page.evaluate(() => Reflect.get(window, 'largestPaints'));

  for (const [view, later] of [
    ['models', (page: Page) => page.getByRole('article', { name: 'all-MiniLM-L6-v2', exact: true })],
    ['chat', (page: Page) => page.getByRole('heading', { name: WAYS_TO_CHAT })],
  ] as const)
    test(`nothing that comes later into ${view} is larger than what a newcomer reads meanwhile`, async ({ openBrowser, site }) => {
      const context = await openBrowser();
      const page = context.pages()[0] ?? (await context.newPage());
      await page.addInitScript(() => {
        const areas: number[] = [];
        Reflect.set(window, 'largestPaints', areas);
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) areas.push(Reflect.get(entry, 'size'));
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      });
      let go = (): void => undefined;
      const engine = new Promise<void>((resolve) => {
        go = resolve;
      });
      await context.route(/engine\.worker/, async (route) => {
        await engine;
        await route.fallback();
      });
      await page.goto(`${site.url}#/${view}`, { waitUntil: 'commit' });
      const heading = await page.getByRole('heading', { name: /^Sill runs small language models/ }).boundingBox();
      // The first is the name of the app.
      await expect.poll(async () => (await largestPaints(page)).length).toBeGreaterThan(1);
      const read = await largestPaints(page);
      expect(read.at(-1)).toBeGreaterThan(0.5 * (heading?.width ?? Number.NaN) * (heading?.height ?? Number.NaN));
      go();
      await expect(later(page)).toBeVisible();
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
      expect(await largestPaints(page)).toEqual(read);
    });
});

test('a device is taken into use, watched over and checked by its owner', async ({ openBrowser, site }) => {
  const context = await openBrowser();
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);

  await test.step('the first start ends with an answer', async () => {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
    const choice = page.getByRole('radio', { name: /^Stories 15M/ });
    await expect(choice).toBeChecked();
    await expect(page.getByText(/MB · 15\.2M parameters · MIT/)).toBeVisible();
    await page.getByRole('button', { name: 'Install Stories 15M' }).click();
    await acceptInstall(page, 'Stories 15M');
    await page.getByRole('textbox', { name: 'Beginning of the text' }).fill(`One day a ${CANARY} came.`);
    await page.getByRole('button', { name: 'Write on' }).click();
    await expect(page.getByRole('link', { name: 'Go on in Write' })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('region', { name: 'First answer', exact: true })).toContainText(CANARY);
    await expect(page.getByRole('region', { name: 'Health' })).toContainText('In memory: Stories 15M');
    await expect(page.getByRole('region', { name: 'Active models' })).toContainText('Stories 15M');
  });

  await test.step('what happened stands in the log, and nothing that was asked or answered', async () => {
    const tooLong = await refusalOf(
      page,
      (sill, canary) => sill.completions.create({ model: 'stories15m', prompt: `${canary} `.repeat(400) }),
      CANARY,
    );
    expect(tooLong.code).toBe('context_length_exceeded');
    await refusalOf(
      page,
      (sill, canary) => sill.completions.create({ model: canary ?? '', prompt: canary ?? '', stop: [`${canary} and`] }),
      `${CANARY} or else`,
    );
    await refusalOf(page, (sill, canary) => sill.models.rollback('stories15m', { reason: canary ?? '' }), CANARY);
    await open(page, 'Log');
    const table = page.getByRole('table', { name: 'What happened' });
    await expect(table.getByRole('button', { name: 'A version was installed.' })).toBeVisible();
    await expect(table.getByRole('button', { name: 'A model was loaded.' })).toBeVisible();
    await page.getByRole('combobox', { name: 'Show' }).selectOption('Warnings and errors');
    await expect(table.getByRole('button', { name: 'A version was installed.' })).toHaveCount(0);
    await page.getByRole('textbox', { name: 'Search' }).fill('context_length');
    await expect(page.getByText('1 line', { exact: true })).toBeVisible();
    await table.getByRole('button', { name: 'A request was answered with an error.' }).click();
    const line = page.getByRole('article', { name: /^Line/ });
    await expect(line).toContainText('context_length_exceeded');
    await page.reload();
    await expect(line).toContainText('completions.create');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as JSON lines' }).click();
    const lines = (await text(await (await download).createReadStream())).trim().split('\n');
    expect(lines.map((each) => JSON.parse(each).code)).toEqual(
      expect.arrayContaining(['engine-started', 'installed', 'model-loaded', 'request-failed']),
    );
    expect(lines.join('\n')).not.toContain('quokka');
  });

  await test.step('what is under way in a view stays while others are opened, also such as stand before it', async () => {
    const log = await page.locator('sill-log-view').elementHandle();
    await open(page, 'Device');
    await open(page, 'Downloads');
    await open(page, 'Log');
    expect(await log?.evaluate((view) => view.isConnected)).toBe(true);
  });

  await test.step('the ledger has what the server was asked for, no more and no less', async () => {
    await open(page, 'Network');
    await expect(page.getByRole('heading', { name: /everything came from this site. Nothing was sent anywhere else/ })).toBeVisible();
    await expect.poll(() => disagreement(page, site.requests)).toEqual([]);
    expect(JSON.stringify(await page.evaluate(() => globalThis.sill?.network.list()))).not.toContain('quokka');
    await page.getByRole('textbox', { name: 'Search' }).fill('models/stories15m');
    await expect(page.getByRole('table', { name: 'Requests of this app' })).toContainText('Model files');
  });

  await test.step('what can be set is in one place', async () => {
    await open(page, 'Settings');
    await page.getByRole('combobox', { name: 'Appearance' }).selectOption('dark');
    await expect(page.locator('html')).toHaveClass(/wa-dark/);
    await page.getByRole('combobox', { name: 'What is written down' }).selectOption('Errors only');
    await page.getByRole('combobox', { name: 'Kept for' }).selectOption('7 days');
    await expect.poll(() => page.evaluate(() => globalThis.sill?.log.settings())).toEqual({ level: 'error', days: 7 });
    await page.getByRole('button', { name: 'Clear the log' }).click();
    await expect(page.getByText('The log is empty.')).toBeVisible();
    expect(await page.evaluate(() => globalThis.sill?.log.list())).toEqual([]);
  });

  await test.step('and holds in every tab at once, wherever it is chosen; what cannot be stored does not', async () => {
    const other = await context.newPage();
    await other.goto(`${site.url}#/settings`);
    const field = (tab: Page, name: string) => tab.getByRole('main').getByRole('combobox', { name });
    await expect(field(other, 'Kept for')).toHaveValue('7 days');
    await page.getByRole('button', { name: 'Appearance: dark' }).click();
    for (const tab of [page, other]) await expect(field(tab, 'Appearance')).toHaveValue('system');
    await field(other, 'Appearance').selectOption('light');
    await expect(page.locator('html')).toHaveClass(/wa-light/);
    await expect(field(page, 'Appearance')).toHaveValue('light');
    await expect(page.getByRole('button', { name: 'Appearance: light' })).toBeVisible();
    await field(page, 'Language').selectOption('Deutsch');
    for (const tab of [page, other]) {
      await expect(tab.locator('html')).toHaveAttribute('lang', 'de');
      await expect(field(tab, 'Sprache')).toHaveValue('de');
    }
    await other.getByRole('banner').getByRole('combobox', { name: 'Sprache' }).selectOption('English');
    await expect(field(page, 'Language')).toHaveValue('en');
    await other.getByRole('checkbox', { name: /^Shortcuts of single characters/ }).uncheck();
    await expect(page.getByRole('checkbox', { name: /^Shortcuts of single characters/ })).not.toBeChecked();
    await field(other, 'Kept for').selectOption('30 days');
    await expect(field(page, 'Kept for')).toHaveValue('30 days');
    await other.close();

    const engine = page.workers().find((worker) => /engine\.worker/.test(worker.url()));
    await engine?.evaluate(refuseSettings);
    await field(page, 'What is written down').selectOption('Everything');
    await expect(page.locator('sill-log-settings').getByRole('alert')).toContainText('There is not enough space');
    await expect(field(page, 'What is written down')).toHaveValue('Errors only');
    await field(page, 'Memory for all models together').selectOption('2 GB');
    await expect(page.locator('sill-memory-form').getByRole('alert')).toContainText('There is not enough space');
    await expect(field(page, 'Memory for all models together')).toHaveValue('');
    await page.getByRole('radio', { name: 'Nothing' }).click();
    await expect(page.locator('sill-settings-view sill-update-policy').getByRole('alert')).toContainText('There is not enough space');
    await expect(page.getByRole('radio', { name: 'Look and tell' })).toBeChecked();
    await page.getByRole('checkbox', { name: 'Ask before using a connection that may cost' }).click();
    await expect(page.locator('sill-settings-view sill-download-settings').getByRole('alert')).toContainText('There is not enough space');
    await expect(page.getByRole('checkbox', { name: 'Ask before using a connection that may cost' })).toBeChecked();
  });

  await test.step('in Greek too, what the components say by themselves included', async () => {
    await page.getByLabel('Language', { exact: true }).selectOption('Ελληνικά');
    await expect(page.locator('html')).toHaveAttribute('lang', 'el');
    await expect(page.getByRole('heading', { level: 1, name: 'Ρυθμίσεις' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Συνομιλία' })).toBeVisible();
    await page.getByLabel('Γλώσσα', { exact: true }).selectOption('English');
  });

  await test.step('on the screen of a small laptop all views are in sight', async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const hidden = page.locator('sill-app-header .navs').evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
    expect(await hidden).toBeLessThanOrEqual(0);
    expect((await page.getByRole('link', { name: 'Help', exact: true }).boundingBox())?.height).toBeGreaterThanOrEqual(24);
  });

  await test.step('on a phone the same views lie in a sheet, which the keyboard opens and leaves', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const manage = page.getByRole('button', { name: 'Manage' });
    await manage.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Manage' });
    await expect(sheet.getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'page');
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(manage).toBeFocused();
    await open(page, 'Storage');
    await expect(sheet).toBeHidden();
  });
});

/** In the engine: a disk on which not even a choice finds room. */
function refuseSettings(): void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...row) {
    if (this.name === 'settings') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, row);
  };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Addresses for which ledger and server disagree. Of a worker's own script the browser does not tell whether it came over the network. */
async function disagreement(page: Page, requests: readonly SiteRequest[]): Promise<string[]> {
  const lines = (await page.evaluate(() => globalThis.sill?.network.list()))?.lines ?? [];
  const counts = new Map<string, { network: number; unclear: number; server: number }>();
  const at = (path: string) => {
    const known = counts.get(path) ?? { network: 0, unclear: 0, server: 0 };
    counts.set(path, known);
    return known;
  };
  for (const { path, from } of lines) if (from === 'network' || from === 'unclear') at(path.slice(1))[from] += 1;
  // The browser asks for the service worker's script by itself, where no page can see it.
  for (const { path } of requests) if (path !== 'sw.js') at(path).server += 1;
  return [...counts].flatMap(([path, { network, unclear, server }]) =>
    server >= network && server <= network + unclear
      ? []
      : [`${path}: ${network} and ${unclear} unclear in the ledger, ${server} at the server`],
  );
}
