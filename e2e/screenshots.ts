import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import sharp from 'sharp';
import config from '../playwright.config.ts';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { install } from './support/sill.ts';
import { freePort, openSite } from './support/site.ts';
import { card, open } from './support/views.ts';

/** Draws docs/screenshots from the built app: what the README and the browser's install dialog show. Run: npm run screenshots */

const OUT = resolve(import.meta.dirname, '../docs/screenshots');
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** A portrait screen in a hall. */
const HALL = { width: 1080, height: 1920 };

const TEXTS = {
  'Ferries.md': 'The ferry crosses the river every twenty minutes. It carries cars and bicycles, and a ticket is bought on board.',
  'Bread.md': 'Knead flour, water, salt and yeast into a dough. Let it rise for an hour, then bake it in a hot oven until it is brown.',
  'Night sky.md': 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.',
};

async function shoot(page: Page, name: string, size: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize(size);
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  // A palette: flat surfaces and little text need no more, at a third of the size.
  await writeFile(join(OUT, `${name}.png`), await sharp(png).png({ palette: true, effort: 10 }).toBuffer());
}

const profile = await mkdtemp(join(tmpdir(), 'sill-screenshots-'));
const site = await openSite(
  { base: '/', headers: true, directory: resolve(import.meta.dirname, '..', process.env.E2E_DIST ?? 'dist') },
  await freePort(),
);
const context = await chromium.launchPersistentContext(profile, { ...config.use?.launchOptions, viewport: DESK });
try {
  await mkdir(OUT, { recursive: true });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  await page.getByRole('radio', { name: /^Stories 15M/ }).waitFor();
  await shoot(page, 'first-run-phone-light', PHONE, 'light');

  for (const model of ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny']) await install(page, model);
  await page.setViewportSize(DESK);
  await open(page, 'Write');
  await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('One day, a small dog found a red ball in the garden.');
  await page.getByRole('spinbutton', { name: 'Length at most, in tokens' }).fill('120');
  // A typed seed is kept, so that the picture shows the same story each time.
  await page.getByRole('spinbutton', { name: 'Seed' }).fill('11');
  for (const _ of ['cold', 'warm']) {
    await page.getByRole('button', { name: 'Write on' }).click();
    await page.getByRole('button', { name: 'Continue from here' }).waitFor();
  }
  await shoot(page, 'write-light', DESK, 'light');
  await shoot(page, 'write-dark', DESK, 'dark');
  await shoot(page, 'write-phone-dark', PHONE, 'dark');

  await open(page, 'Search');
  await page
    .locator('sill-search-view input[type=file]')
    .setInputFiles(Object.entries(TEXTS).map(([name, text]) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) })));
  await page.getByRole('list', { name: 'Documents' }).getByRole('listitem').nth(2).waitFor();
  await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill('What can I see after dark?');
  await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
  await page.getByRole('list', { name: 'Passages found' }).waitFor();
  await shoot(page, 'search-light', DESK, 'light');

  await open(page, 'Transcribe');
  await page.locator('sill-transcribe-view input[type=file]').setInputFiles(join(import.meta.dirname, 'fixtures/speech.wav'));
  await page.getByRole('button', { name: 'Download as .srt' }).waitFor({ timeout: 60_000 });
  await shoot(page, 'transcribe-light', DESK, 'light');

  await open(page, 'Models');
  await card(page, 'Stories 15M').getByRole('button', { name: 'Remove Stories 15M' }).waitFor();
  await shoot(page, 'models-light', DESK, 'light');

  await open(page, 'Benchmarks');
  await page.getByRole('button', { name: 'Run benchmark' }).click();
  await page.getByRole('article', { name: /^Result 1/ }).waitFor({ timeout: 60_000 });
  await shoot(page, 'benchmarks-light', DESK, 'light');

  const gguf = join(profile, 'stories-Q8_0.gguf');
  writeStoriesGguf(gguf, 'Q8_0');
  await open(page, 'Import');
  await page.locator('sill-import-view input[type=file]').setInputFiles(gguf);
  await page.getByRole('region', { name: 'Stories 15M' }).waitFor();
  await shoot(page, 'import-phone-dark', PHONE, 'dark');
  await page.setViewportSize(DESK);

  await open(page, 'Storage');
  await page.getByRole('table', { name: 'Disk use by model' }).waitFor();
  await shoot(page, 'storage-light', DESK, 'light');

  await page.evaluate(() => globalThis.sill?.kiosk.lock({ screen: { task: 'write', model: 'stories15m' } }));
  await page.getByRole('button', { name: 'Touch to begin' }).click();
  await page.getByRole('textbox').fill('One day, a small dog found a red ball in the garden.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await shoot(page, 'kiosk-portrait-light', HALL, 'light');
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
