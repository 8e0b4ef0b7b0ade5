import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BrowserContext, test as base, chromium, expect, type LaunchOptions, type Page } from '@playwright/test';
import { compile } from './compiled.ts';
import { clear, createKeeper, type Keeper, type Kept } from './keptBrowser.ts';
import { portOf, profilesOf } from './profiles.ts';
import { placeOf } from './runFolder.ts';
import { install } from './sill.ts';
import { openSite, type Site, type SiteSettings } from './site.ts';

export const DIST = resolve(import.meta.dirname, '../..', process.env.E2E_DIST ?? 'dist');
const PLAIN: SiteSettings = { base: '/', headers: true, directory: DIST };

interface Options {
  siteSettings: SiteSettings;
  /** Added to those of playwright.config.ts, as `--enable-unsafe-webgpu`. */
  chromiumArgs: string[];
  /** Messages that a test provokes on purpose and that would fail it otherwise. */
  expectedFaults: RegExp[];
  /** Models that are on the device already. */
  installed: readonly string[];
  /** Nothing is on the device, not even the app. */
  firstVisit: boolean;
  /** Otherwise it was here before, and has the app as it was there: the build that is served now, or one that this looks like an update of. */
  visited: SiteSettings;
  /**
   * Tests that leave the device as they found it: those of a file use one browser, one after the other. To start one and to load the app for the
   * first time costs more than most tests do.
   */
  shared: boolean;
}

interface Fixtures {
  site: Site;
  /** A real folder: a big Blob in an in-memory profile fails to read back. */
  profile: string;
  /** Starts Chromium on the profile; more than once in a test that closes or kills it. */
  openBrowser: () => Promise<BrowserContext>;
  /** Where the tests of the file share one. */
  kept: Kept | undefined;
}

interface WorkerFixtures {
  /** Where what is made once for all tests that run in this place is kept. */
  place: string;
  /** One for all of them, because storage belongs to an origin. */
  port: number;
  /** A profile in which the app of a site was stored and these models were installed, to copy. */
  profileWith: (models: readonly string[], visited: SiteSettings) => Promise<string>;
  keeper: Keeper;
}

/**
 * The production build on a server of its own and Chromium on a profile of its own. A test fails by itself when the page violates its
 * CSP, throws, or asks any other origin for anything.
 */
export const test = base.extend<Options & Fixtures, WorkerFixtures>({
  siteSettings: [PLAIN, { option: true }],
  chromiumArgs: [[], { option: true }],
  expectedFaults: [[], { option: true }],
  installed: [[], { option: true }],
  firstVisit: [false, { option: true }],
  visited: [PLAIN, { option: true }],
  shared: [false, { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  place: [async ({}, use, { parallelIndex }) => use(placeOf(parallelIndex)), { scope: 'worker' }],
  port: [async ({ place }, use) => use(await portOf(place)), { scope: 'worker' }],
  profileWith: [
    async ({ place, port, launchOptions }, use) => {
      const profiles = profilesOf(place);
      const profileWith = (models: readonly string[], visited: SiteSettings): Promise<string> =>
        profiles.once([...models, ...Object.values(visited)].join(), async (folder) => {
          // One model more than in another profile, or the first visit.
          if (models.length > 0) await copy(await profileWith(models.slice(0, -1), visited), folder);
          await grow(folder, models.at(-1), visited, port, launchOptions);
        });
      await use(profileWith);
    },
    { scope: 'worker' },
  ],

  keeper: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const keeper = createKeeper();
      await use(keeper);
      await keeper.close();
    },
    { scope: 'worker' },
  ],

  kept: async (
    { shared, keeper, siteSettings, visited, port, profileWith, installed, launchOptions, chromiumArgs, permissions },
    use,
    { file },
  ) => {
    if (!shared) {
      await keeper.close();
      return use(undefined);
    }
    const kept = await keeper.of([file, ...installed, ...chromiumArgs, ...Object.values(siteSettings)].join(), async () => {
      const folder = await copyOf(await profileWith(installed, visited));
      const site = await openSite(siteSettings, port);
      const context = await launch(folder, launchOptions, { args: chromiumArgs, ...(permissions === undefined ? {} : { permissions }) });
      const faults: string[] = [];
      watchForFaults(context, new URL(site.url).port, faults);
      const close = async () => {
        await context.close().catch(() => undefined);
        await site.close();
        await remove(folder);
      };
      return { site, context, faults, close };
    });
    await use(kept);
    await clear(kept);
  },

  site: async ({ kept, siteSettings, visited, port, profileWith, installed, firstVisit }, use) => {
    if (kept) return use(kept.site);
    // First, because it needs the port.
    if (!firstVisit) await profileWith(installed, visited);
    const site = await openSite(siteSettings, port);
    await use(site);
    await site.close();
  },

  profile: async ({ kept, visited, firstVisit, installed, profileWith }, use) => {
    if (kept) return use('a browser that others use too has no profile to change');
    const folder = firstVisit ? await newFolder() : await copyOf(await profileWith(installed, visited));
    await use(folder);
    await remove(folder);
  },

  openBrowser: async ({ profile, site, launchOptions, chromiumArgs, expectedFaults, colorScheme, viewport, permissions }, use) => {
    const faults: string[] = [];
    const open: BrowserContext[] = [];
    await use(async () => {
      const context = await launch(profile, launchOptions, {
        args: chromiumArgs,
        ...(colorScheme === undefined ? {} : { colorScheme }),
        ...(viewport === undefined ? {} : { viewport }),
        ...(permissions === undefined ? {} : { permissions }),
      });
      open.push(context);
      watchForFaults(context, new URL(site.url).port, faults);
      return context;
    });
    for (const context of open) await context.close().catch(() => undefined);
    expectOnly(expectedFaults, faults);
  },

  context: async ({ kept, openBrowser, expectedFaults }, use) => {
    if (!kept) return use(await openBrowser());
    await use(kept.context);
    expectOnly(expectedFaults, kept.faults);
  },

  page: async ({ context, site }, use) => use(await openApp(context, site)),
});

type PersistentOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>;

const launch = (profile: string, base: LaunchOptions, { args = [], ...options }: PersistentOptions): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, { ...base, ...options, args: [...(base.args ?? []), ...args, ...drawing(args)] });

/** Frames are drawn by the processor either way: without a process that emulates a GPU for them a start and a visit take a twentieth less of it. */
const drawing = (args: readonly string[]): string[] => (args.includes('--enable-unsafe-webgpu') ? [] : ['--disable-gpu']);

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });

/** Visits the site; where a model is named, installs it and uses it once, as on a device that was here before. */
async function grow(
  folder: string,
  model: string | undefined,
  site: SiteSettings,
  port: number,
  launchOptions: LaunchOptions,
): Promise<void> {
  const server = await openSite(site, port);
  const context = await launch(folder, launchOptions, {});
  const page = await openApp(context, server);
  if (model !== undefined) await install(page, model);
  if (model !== undefined) await untilOfflineReady(page);
  else await expect(page.getByText('App stored')).toBeAttached();
  if (model !== undefined) await compile(page, model, folder);
  await context.close();
  await server.close();
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sill-profile-'));

async function copyOf(profile: string): Promise<string> {
  const folder = await newFolder();
  await copy(profile, folder);
  return folder;
}

const copy = (from: string, to: string): Promise<void> => cp(from, to, { recursive: true });

function expectOnly(expected: readonly RegExp[], faults: readonly string[]): void {
  expect(faults.filter((fault) => !expected.some((each) => each.test(fault)))).toEqual([]);
}

/** The app in the first tab, at the list of models: most tests begin there. */
export async function openApp(context: BrowserContext, site: Site): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${site.url}#/models`);
  return page;
}

function watchForFaults(context: BrowserContext, port: string, faults: string[]): void {
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) faults.push(`CSP: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.port !== port) faults.push(`foreign request: ${request.url()}`);
  });
}

/** Waits until the page says that it works without a network. */
export async function untilOfflineReady(page: Page): Promise<void> {
  await expect(page.getByText('Works offline')).toBeAttached();
}

export { expect };
