import { spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Download, Locator, Page } from '@playwright/test';
import { watchMemory } from '../../bench/measure/memory.ts';
import { DEFAULT_PLACES } from '../../tools/publisher/publisher.ts';
import { browserPid, publishedModel } from '../support/downloads.ts';
import { test as base, expect } from '../support/fixtures.ts';
import { openDialog, open as openView } from '../support/views.ts';

const root = resolve(import.meta.dirname, '../..');
const ID = 'gigabytes';
const MB = 1_000_000;
const MIB = 2 ** 20;
/** Past what 32 bits count, and past the largest file of FAT32. */
const WEIGHTS_BYTES = 4 * 1024 * MIB + 200 * MIB;
/** What the browser may take beyond what it had before: a few chunks of at most 16 MiB on their way through four processes. */
const MAX_GROWTH_BYTES = 512 * MIB;

/** A stick with the model in parts that fit on FAT32, as the publisher's command line writes them. */
const test = base.extend<{ stick: { readonly folder: string; readonly parts: readonly string[] } }>({
  stick: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'sill-gigabytes-'));
      try {
        await use({ folder, parts: await bundleOfGigabytes(folder) });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    { timeout: 20 * 60_000 },
  ],
});

/** A real small model with gigabytes beside it that are stored, checked and carried as any weights are, and that no graph asks for. */
async function bundleOfGigabytes(folder: string): Promise<string[]> {
  const at = (name: string) => join(folder, name);
  const checkout = (name: 'repo' | 'keys') => join(root, DEFAULT_PLACES[name]);
  for (const part of ['metadata', 'targets']) await cp(join(checkout('repo'), part), join(at('models'), part), { recursive: true });
  await cp(checkout('keys'), at('keys'), { recursive: true });

  const { manifest, file } = await publishedModel('all-minilm-l6-v2');
  const { schema: _schema, files, evaluation: _evaluation, referenceScores: _scores, ...about } = manifest;
  for (const { path } of files) await cp(file(path), join(at('packed'), path), { recursive: true });
  await writeRandom(join(at('packed'), 'more.bin'), WEIGHTS_BYTES);
  const variants = about.variants.slice(0, 1).map((variant) => ({ ...variant, files: [...variant.files, 'more.bin'] }));
  await writeFile(join(at('packed'), 'sill.json'), JSON.stringify({ ...about, id: ID, name: 'Gigabytes', variants }));

  sill(folder, 'pack', at('packed'));
  sill(folder, 'publish', at('packed'));
  await rm(at('packed'), { recursive: true });
  sill(folder, 'bundle', ID, '--out', at('gigabytes.tar'), '--volume-size', '4GiB');
  await rm(join(at('models'), ID), { recursive: true });
  return (await readdir(folder)).filter((name) => name.endsWith('.tar')).map(at);
}

/** `npm run sill -- ...`, on the folder. */
function sill(folder: string, ...args: readonly string[]): void {
  const places = ['repo', 'keys', 'trust'].flatMap((name) => [`--${name}`, join(folder, name === 'repo' ? 'models' : name)]);
  const ran = spawnSync('npm', ['run', '--silent', 'sill', '--', ...args, ...places], { cwd: root, encoding: 'utf8' });
  expect(ran.status, ran.stderr).toBe(0);
}

/** Other bytes each time, so that no two chunks are the same. */
async function writeRandom(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'w');
  const buffer = Buffer.alloc(16 * MIB);
  for (let left = sizeBytes; left > 0; left -= buffer.length) await file.write(randomFillSync(buffer), 0, Math.min(left, buffer.length));
  await file.close();
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: MIB })) hash.update(bytes);
  return hash.digest('hex');
}

const panel = (page: Page): Locator => page.locator('sill-models-view sill-bundle-import');

/** Chosen, agreed to, and in, with how fast and how long still told meanwhile. */
async function importFiles(page: Page, paths: readonly string[]): Promise<void> {
  await panel(page)
    .locator('input[type=file]')
    .setInputFiles([...paths]);
  await page.getByRole('dialog', { name: 'What is in this file' }).waitFor({ timeout: 60_000 });
  await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).click();
  await openDialog(page)
    .getByRole('button', { name: /^Import \d/ })
    .click();
  await expect(panel(page)).toContainText(/[\d.]+ MB\/s · about .+ left/);
  await expect(panel(page)).toContainText('Gigabytes is installed.', { timeout: 15 * 60_000 });
}

async function exportFiles(page: Page, count: number, inParts: boolean): Promise<string[]> {
  const downloads: Download[] = [];
  const arrived = (download: Download) => void downloads.push(download);
  page.on('download', arrived);
  await page.getByRole('button', { name: 'Export to a file' }).click();
  await openDialog(page).getByRole('checkbox', { name: 'In parts of at most 4 GB' }).setChecked(inParts);
  await openDialog(page)
    .getByRole('button', { name: /^Save \d/ })
    .click();
  await expect.poll(() => downloads.length, { timeout: 120_000 }).toBe(count);
  page.off('download', arrived);
  return Promise.all(downloads.map((download) => download.path()));
}

const dimensions = (page: Page): Promise<number | undefined> =>
  page.evaluate(async (model) => {
    const { data } = (await globalThis.sill?.embeddings.create({ model, input: 'Weights beyond four gigabytes.' })) ?? { data: [] };
    return data[0]?.embedding.length;
  }, ID);

test('a model of more than 4 GiB comes from a stick in parts, goes out byte by byte as it came, and is never held in memory', async ({
  stick,
  page,
  profile,
  site,
}) => {
  test.setTimeout(60 * 60_000);
  expect(stick.parts).toHaveLength(2);
  const sizes = await Promise.all(stick.parts.map(async (path) => (await stat(path)).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(Math.max(...sizes)).toBeLessThan(2 ** 32);
  expect(totalBytes).toBeGreaterThan(2 ** 32);
  site.answer((request) => (request.path.startsWith('models/') ? { status: 503, type: 'text/plain', body: 'no models here' } : undefined));
  await openView(page, 'Models');

  const pid = await browserPid(profile);
  if (pid === undefined) throw new Error('what the browser takes can be read from /proc on Linux only');
  const memory = watchMemory(pid, 1000);
  await page.waitForTimeout(3000);
  const restBytes = memory.peakBytes();
  const watched = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    memory.peakBytes();
    const startedAtMs = performance.now();
    const result = await work();
    const seconds = (performance.now() - startedAtMs) / 1000;
    const growthBytes = memory.peakBytes() - restBytes;
    console.log(
      `${what}: ${seconds.toFixed(0)} s, ${(totalBytes / MB / seconds).toFixed(0)} MB/s, ${(growthBytes / MIB).toFixed(0)} MiB more memory`,
    );
    expect.soft(growthBytes, what).toBeLessThan(MAX_GROWTH_BYTES);
    return result;
  };

  try {
    await watched('import of two parts', () => importFiles(page, stick.parts));
    expect(await dimensions(page)).toBe(384);
    await page.evaluate((id) => globalThis.sill?.models.unload(id), ID);

    await test.step('in parts, each is what the publisher wrote', async () => {
      const exported = await watched('export in parts', () => exportFiles(page, 2, true));
      const digests = async (paths: readonly string[]) => (await Promise.all(paths.map(sha256))).sort();
      expect(await digests(exported)).toEqual(await digests(stick.parts));
      for (const path of exported) await rm(path);
    });

    await test.step('in one file, it is taken by a device that lost it', async () => {
      const [whole = ''] = await watched('export in one file', () => exportFiles(page, 1, false));
      expect((await stat(whole)).size).toBeGreaterThan(2 ** 32);
      await page.evaluate((id) => globalThis.sill?.models.remove(id), ID);
      await watched('import of one file', () => importFiles(page, [whole]));
      expect(await dimensions(page)).toBe(384);
    });
  } finally {
    memory.stop();
  }
});
