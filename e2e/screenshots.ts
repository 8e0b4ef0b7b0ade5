import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import sharp from 'sharp';
import config from '../playwright.config.ts';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { type Sheet, writeContactSheet } from './contactSheets.ts';
import { attract, PIN } from './support/kiosk.ts';
import { install } from './support/sill.ts';
import { freePort, openSite } from './support/site.ts';
import { card, open, VIEWS, type View } from './support/views.ts';

/**
 * Draws every view of the built app, with something in it, in both schemes at a desk and on a phone, in forced colours, at 400 %, and a portrait kiosk: into
 * `.cache/screenshots`, to be looked at. What the guides and the browser's install dialog show goes to docs/screenshots, and all of it, small, onto contact sheets
 * there. Run: npm run screenshots
 */

const ROOT = resolve(import.meta.dirname, '..');
const ALL = join(ROOT, '.cache/screenshots');
const OUT = join(ROOT, 'docs/screenshots');
const KEPT = [
  'benchmarks-light',
  'chat-light',
  'evaluations-light',
  'first-run-phone-light',
  'kiosk-portrait-light',
  'models-light',
  'storage-light',
];
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** A desk at 400 %. */
const NARROW = { width: 320, height: 640 };
/** A portrait screen in a hall. */
const HALL = { width: 1080, height: 1920 };

/** What is seen of a kiosk, in the order in which a person sees it. */
const KIOSK_STATES = {
  'kiosk-attract-portrait': 'Nobody there',
  'kiosk-portrait': 'A story',
  'kiosk-warning-portrait': 'Somebody went away',
  'kiosk-pin-portrait': 'For staff',
  'kiosk-fault-portrait': 'Something is broken',
} as const;

const sheet = (device: 'desk' | 'phone', scheme: 'light' | 'dark', columns: number, width: number): Sheet => {
  const suffix = device === 'phone' ? `-phone-${scheme}` : `-${scheme}`;
  return {
    ...{ name: `sheet-${device}-${scheme}`, columns, width, scheme },
    pictures: ['First run', ...VIEWS].map((caption) => ({ caption, file: `${caption.toLowerCase().replace(' ', '-')}${suffix}` })),
  };
};
const kioskPictures = (scheme: 'light' | 'dark') =>
  Object.entries(KIOSK_STATES).map(([file, words]) => ({ caption: `${words}, ${scheme}`, file: `${file}-${scheme}` }));
const KIOSK_SHEET: Sheet = {
  ...{ name: 'sheet-kiosk', columns: 5, width: 320, scheme: 'light' },
  pictures: [...kioskPictures('light'), ...kioskPictures('dark')],
};
const SHEETS: readonly Sheet[] = [
  sheet('desk', 'light', 4, 480),
  sheet('desk', 'dark', 4, 480),
  sheet('phone', 'light', 7, 240),
  sheet('phone', 'dark', 7, 240),
  KIOSK_SHEET,
];

/** Of a benchmark until two of them may be compared, and of a story until it ends. */
const MOST_RUNS = 8;

const TEXTS = {
  'Ferries.md': 'The ferry crosses the river every twenty minutes. It carries cars and bicycles, and a ticket is bought on board.',
  'Bread.md': 'Knead flour, water, salt and yeast into a dough. Let it rise for an hour, then bake it in a hot oven until it is brown.',
  'Night sky.md': 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.',
};

/** The stories have no chat template of their own. A paragraph is told, so that the picture shows one that ends. */
const TELLER = `FROM stories15m
PARAMETER num_predict 120
PARAMETER seed 11
PARAMETER stop """
"""
TEMPLATE """{{ range .Messages }}{{ .Content }}{{ end }}"""
`;
const SUITE = ['Once upon a time', 'The little dog', 'Tom and his grandma']
  .map((prompt, i) =>
    JSON.stringify({ id: `begins-${i + 1}`, prompt, max_tokens: 8, assert: [{ type: 'icontains', value: ['there', 'was', 'wolf'][i] }] }),
  )
  .join('\n');

async function shoot(
  page: Page,
  name: string,
  size: { width: number; height: number },
  colorScheme: 'light' | 'dark',
  forcedColors: 'active' | 'none' = 'none',
): Promise<void> {
  await page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
  // What was clicked last would be drawn as if somebody pointed at it.
  await page.mouse.move(0, 0);
  await page.setViewportSize(size);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  // A palette: flat surfaces and little text need no more, at a third of the size.
  await writeFile(join(ALL, `${name}.png`), await sharp(png).png({ palette: true, effort: 10, dither: 0 }).toBuffer());
}

async function shootKiosk(page: Page, name: keyof typeof KIOSK_STATES): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) await shoot(page, `${name}-${scheme}`, HALL, scheme);
}

async function shootView(page: Page, view: View): Promise<void> {
  const name = view.toLowerCase();
  for (const scheme of ['light', 'dark'] as const) {
    await shoot(page, `${name}-${scheme}`, DESK, scheme);
    await shoot(page, `${name}-phone-${scheme}`, PHONE, scheme);
  }
  await shoot(page, `${name}-forced`, DESK, 'dark', 'active');
  await shoot(page, `${name}-narrow`, NARROW, 'light');
  await page.setViewportSize(DESK);
}

const FILL: Partial<Record<View, (page: Page) => Promise<void>>> = {
  async Chat(page) {
    await page.evaluate((modelfile) => globalThis.sill?.models.create({ name: 'storyteller', modelfile }), TELLER);
    await page.locator('sill-chat-view').getByLabel('Model', { exact: true }).selectOption('storyteller');
    const composer = page.getByRole('textbox', { name: 'Your message', exact: true });
    await composer.fill('One day, a small dog found a red ball.');
    await composer.press('Enter');
    await page
      .getByRole('article', { name: /^Answer of/ })
      .filter({ hasText: 'tokens/s' })
      .waitFor({ timeout: 60_000 });
  },
  async Write(page) {
    await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('One day, a small dog found a red ball in the garden.');
    await page.getByRole('spinbutton', { name: 'Length at most, in tokens' }).fill('120');
    // A typed seed is kept, so that the picture shows the same story each time.
    await page.getByRole('spinbutton', { name: 'Seed' }).fill('11');
    for (const _ of ['cold', 'warm']) {
      await page.getByRole('button', { name: 'Write on' }).click();
      await page.getByRole('button', { name: 'Continue from here' }).waitFor({ timeout: 60_000 });
    }
  },
  async Search(page) {
    await page
      .locator('sill-search-view input[type=file]')
      .setInputFiles(Object.entries(TEXTS).map(([name, text]) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) })));
    await page.getByRole('list', { name: 'Documents' }).getByRole('listitem').nth(2).waitFor({ timeout: 60_000 });
    await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill('What can I see after dark?');
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    await page.getByRole('list', { name: 'Passages found' }).waitFor();
  },
  async Transcribe(page) {
    await page.locator('sill-transcribe-view input[type=file]').setInputFiles(join(import.meta.dirname, 'fixtures/speech.wav'));
    await page.getByRole('button', { name: 'Download as .srt' }).waitFor({ timeout: 120_000 });
  },
  async Models(page) {
    await card(page, 'Stories 15M').getByRole('button', { name: 'Remove Stories 15M' }).waitFor();
  },
  async Import(page) {
    const gguf = join(profile, 'stories-Q8_0.gguf');
    writeStoriesGguf(gguf, 'Q8_0');
    await page.locator('sill-import-view input[type=file]').setInputFiles(gguf);
    await page.getByRole('region', { name: 'Stories 15M' }).waitFor();
  },
  async Benchmarks(page) {
    // As anybody would: what something else on this machine spoilt is measured again.
    await page.locator('sill-benchmark-form').getByRole('combobox', { name: 'Model' }).selectOption('stories15m');
    let comparable = 0;
    for (let run = 1; comparable < 2; run++) {
      if (run > MOST_RUNS) throw new Error('Hardly a result is comparable: close what else runs on this machine.');
      await page.getByRole('button', { name: 'Run benchmark' }).click();
      const result = page.getByRole('article', { name: new RegExp(`^Result ${run}:`) });
      await result.waitFor({ timeout: 120_000 });
      if ((await result.getByText('not comparable').count()) === 0) comparable++;
    }
  },
  async Evaluations(page) {
    await page.getByRole('button', { name: 'Write a suite' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('stories');
    await page.getByRole('textbox', { name: 'Cases, one in each line, as JSON' }).fill(SUITE);
    await page.getByRole('button', { name: 'Save suite' }).click();
    await page.getByRole('list', { name: 'Suites' }).getByText('stories', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Run suite' }).click();
    await page.getByText(/^Passed: /).waitFor({ timeout: 60_000 });
    const table = page.getByRole('table', { name: 'Runs of suites' });
    await table.getByRole('button', { name: 'Show run 1' }).click({ timeout: 60_000 });
    await page.getByRole('article', { name: 'Run 1' }).waitFor();
  },
  async Storage(page) {
    await page.getByRole('table', { name: 'Disk use by model' }).waitFor();
  },
  async Log(page) {
    await page.getByRole('table', { name: 'What happened' }).waitFor();
  },
};

/** All views of a device that nobody used before, then with something in each. */
async function drawViews(page: Page): Promise<void> {
  await page.getByRole('radio', { name: /^Stories 15M/ }).waitFor();
  for (const scheme of ['light', 'dark'] as const) {
    await shoot(page, `first-run-${scheme}`, DESK, scheme);
    await shoot(page, `first-run-phone-${scheme}`, PHONE, scheme);
  }
  await page.setViewportSize(DESK);
  for (const model of ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny']) await install(page, model);
  for (const view of VIEWS) {
    await open(page, view);
    await FILL[view]?.(page);
    await page
      .getByText(/^(Looking at|Looking for|Loading the|Reading the)/)
      .filter({ visible: true })
      .first()
      .waitFor({ state: 'hidden' });
    await shootView(page, view);
  }
}

/** A kiosk from its first person to its last fault. Its model must be installed. */
async function drawKiosk(page: Page): Promise<void> {
  // The time that nobody touches it is not waited for.
  await page.clock.install();
  await page.reload();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.evaluate((pin) => globalThis.sill?.kiosk.lock({ screen: { task: 'write', model: 'stories15m' }, pin }), PIN);
  await attract(page).waitFor();
  await shootKiosk(page, 'kiosk-attract-portrait');
  // Each story is another one: one is shown that came to an end.
  for (let tries = 0; tries < MOST_RUNS; tries++) {
    await attract(page).click();
    await page.getByRole('textbox').fill('One day, a small dog found a red ball in the garden.');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    if (/[.!”"]$/.test((await page.getByRole('log').getByRole('listitem').last().textContent())?.trim() ?? '')) break;
    await page.getByRole('button', { name: 'Start again' }).click();
  }
  await shootKiosk(page, 'kiosk-portrait');
  await page.clock.fastForward(75_000);
  await page.getByRole('alertdialog').waitFor();
  await shootKiosk(page, 'kiosk-warning-portrait');
  await page.getByRole('button', { name: 'Delete it now' }).click();
  await attract(page).waitFor();
  await page.getByRole('button', { name: 'For staff' }).click();
  await page.getByRole('heading', { name: 'For staff' }).waitFor();
  await shootKiosk(page, 'kiosk-pin-portrait');
  // Without its model, as when a browser evicted it.
  await page.getByLabel('PIN', { exact: true }).fill(PIN);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByRole('region', { name: 'For staff' }).waitFor();
  await page.evaluate(async () => {
    await globalThis.sill?.models.remove('stories15m');
    await globalThis.sill?.kiosk.relock();
  });
  await page.getByText('This device is not set up yet').waitFor();
  await shootKiosk(page, 'kiosk-fault-portrait');
}

/** `npm run screenshots -- kiosk`: those of a kiosk alone, within a minute. */
const kioskAlone = process.argv[2] === 'kiosk';
const profile = await mkdtemp(join(tmpdir(), 'sill-screenshots-'));
const site = await openSite({ base: '/', headers: true, directory: resolve(ROOT, process.env.E2E_DIST ?? 'dist') }, await freePort());
const context = await chromium.launchPersistentContext(profile, { ...config.use?.launchOptions, viewport: DESK });
try {
  if (!kioskAlone) await rm(ALL, { recursive: true, force: true });
  for (const folder of [ALL, OUT]) await mkdir(folder, { recursive: true });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  if (kioskAlone) await install(page, 'stories15m');
  else await drawViews(page);
  await drawKiosk(page);
  if (kioskAlone) await writeContactSheet(ALL, OUT, KIOSK_SHEET);
  else {
    // What says how they are made stays.
    for (const file of await readdir(OUT)) if (/\.(?:png|webp)$/.test(file)) await rm(join(OUT, file));
    for (const each of SHEETS) await writeContactSheet(ALL, OUT, each);
    for (const name of KEPT) await copyFile(join(ALL, `${name}.png`), join(OUT, `${name}.png`));
  }
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
