import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { DIST, expect, openApp, test } from './support/fixtures.ts';

/** A copy of the app that a test can change under the running server. */
test.use({
  installed: ['stories15m'],
  siteSettings: async ({ siteSettings }, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'sill-dist-'));
    await cp(DIST, directory, { recursive: true, filter: (path) => !path.startsWith(join(DIST, 'models')) });
    await symlink(join(DIST, 'models'), join(directory, 'models'));
    await use({ ...siteSettings, directory });
    await rm(directory, { recursive: true });
  },
});

/** Puts a new version on the server: another page, and a service worker that knows it. */
async function publish(directory: string, version: string): Promise<void> {
  const page = (await readFile(join(directory, 'index.html'), 'utf8')).replace(
    '<title>',
    `<meta name="version" content="${version}" /><title>`,
  );
  const revision = createHash('md5').update(page).digest('hex');
  const worker = await readFile(join(directory, 'sw.js'), 'utf8');
  const changed = worker.replace(/\{"revision":"[^"]+","url":"index\.html"\}/, JSON.stringify({ url: 'index.html', revision }));
  expect(changed).not.toBe(worker);
  await writeFile(join(directory, 'index.html'), page);
  await writeFile(join(directory, 'sw.js'), changed);
}

const versionOf = (page: Page) => page.evaluate(() => document.querySelector('meta[name=version]')?.getAttribute('content') ?? 'first');

test('a new version waits and asks, and never reloads under a running answer, in whichever tab it is written', async ({
  context,
  site,
  siteSettings,
}) => {
  const page = await openApp(context, site);
  const writer = await context.newPage();
  await writer.goto(site.url);
  for (const tab of [page, writer]) await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const bar = page.getByRole('region', { name: 'Update' });
  await expect(bar).toBeHidden();
  await publish(siteSettings.directory, 'second');
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());

  await test.step('it is offered, and not taken without being asked for, not even by a reload', async () => {
    await expect(bar).toContainText('A new version is ready.');
    await page.reload();
    expect(await versionOf(page)).toBe('first');
    await expect(bar).toBeVisible();
    await bar.getByRole('button', { name: 'Later' }).click();
    await expect(bar).toBeHidden();
    await page.reload();
  });

  await test.step('while an answer is written, agreeing changes nothing yet', async () => {
    // Held back by its reader, the answer lasts as long as the test wants.
    await writer.evaluate(async () => {
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 200, stream: true } as const;
      const stream = await globalThis.sill?.completions.create(request);
      const chunks = stream?.[Symbol.asyncIterator]();
      await chunks?.next();
      Object.assign(globalThis, { chunks });
    });
    await page.evaluate(() => {
      const query = navigator.locks.query.bind(navigator.locks);
      navigator.locks.query = () => {
        document.body.dataset.asked = String(Number(document.body.dataset.asked ?? 0) + 1);
        return query();
      };
    });
    await bar.getByRole('button', { name: 'Update now' }).click();
    // It looks again and again whether it may.
    await page.waitForFunction(() => Number(document.body.dataset.asked) >= 3);
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state)).toBe('installed');
    for (const tab of [page, writer]) expect(await versionOf(tab)).toBe('first');
    const read = await writer.evaluate(async () => {
      const { chunks } = globalThis as unknown as { chunks: AsyncIterator<{ choices: ReadonlyArray<{ finish_reason: string | null }> }> };
      const reasons: unknown[] = [];
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) reasons.push(next.value.choices[0]?.finish_reason);
      return reasons;
    });
    expect(read.length).toBeGreaterThan(3);
    // Whole: of its full length, or to the end that the model gave it.
    expect(read.at(-1)).toMatch(/^(length|stop)$/);
  });

  await test.step('when it is whole, every tab becomes the new version', async () => {
    for (const tab of [page, writer]) await tab.waitForFunction(() => document.querySelector('meta[name=version]') !== null);
    await expect(bar).toHaveCount(0);
  });
});
