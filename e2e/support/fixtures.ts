import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BrowserContext, test as base, chromium, expect, type LaunchOptions, type Page } from '@playwright/test';
import { clear, createKeeper, type Keeper, type Kept } from './keptBrowser.ts';
import { install } from './sill.ts';
import { freePort, openSite, type Site, type SiteSettings } from './site.ts';

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
  /** One for all tests, because storage belongs to an origin, and a profile with installed models is made once. */
  port: number;
  /** A profile in which the app was stored and these models were installed, to copy. */
  profileWith: (models: readonly string[]) => Promise<string>;
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
  shared: [false, { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  port: [async ({}, use) => use(await freePort()), { scope: 'worker' }],

  profileWith: [
    async ({ port, launchOptions }, use) => {
      const made = new Map<string, Promise<string>>();
      await use((models) => {
        const key = models.join();
        const profile = made.get(key) ?? makeProfile(models, port, launchOptions);
        made.set(key, profile);
        return profile;
      });
      for (const profile of made.values()) await remove(await profile);
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

  kept: async ({ shared, keeper, siteSettings, port, profileWith, installed, launchOptions, chromiumArgs }, use, { file }) => {
    if (!shared) {
      await keeper.close();
      return use(undefined);
    }
    const kept = await keeper.of([file, ...installed, ...chromiumArgs, ...Object.values(siteSettings)].join(), async () => {
      const folder = await copyOf(await profileWith(installed));
      const site = await openSite(siteSettings, port);
      const context = await launch(folder, launchOptions, { args: chromiumArgs });
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

  site: async ({ kept, siteSettings, port, profileWith, installed, firstVisit }, use) => {
    if (kept) return use(kept.site);
    // First, because it needs the port.
    if (!isFresh({ siteSettings, firstVisit, installed })) await profileWith(installed);
    const site = await openSite(siteSettings, port);
    await use(site);
    await site.close();
  },

  profile: async ({ kept, siteSettings, firstVisit, installed, profileWith }, use) => {
    if (kept) return use('a browser that others use too has no profile to change');
    const folder = isFresh({ siteSettings, firstVisit, installed }) ? await newFolder() : await copyOf(await profileWith(installed));
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
  chromium.launchPersistentContext(profile, { ...base, ...options, args: [...(base.args ?? []), ...args] });

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });

async function makeProfile(models: readonly string[], port: number, launchOptions: LaunchOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-installed-'));
  const site = await openSite(PLAIN, port);
  const context = await launch(folder, launchOptions, {});
  const page = await openApp(context, site);
  for (const model of models) await install(page, model);
  if (models.length > 0) await untilOfflineReady(page);
  else await expect(page.getByText('App stored')).toBeAttached();
  await context.close();
  await site.close();
  return folder;
}

/** Another build, or another address, is one that the device was never at. */
const isFresh = ({ siteSettings, firstVisit, installed }: Pick<Options, 'siteSettings' | 'firstVisit' | 'installed'>): boolean =>
  firstVisit || (installed.length === 0 && JSON.stringify(siteSettings) !== JSON.stringify(PLAIN));

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sill-profile-'));

async function copyOf(profile: string): Promise<string> {
  const folder = await newFolder();
  await cp(profile, folder, { recursive: true });
  return folder;
}

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
