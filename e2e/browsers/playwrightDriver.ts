import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserType,
  chromium,
  firefox,
  type LaunchOptions,
  type Locator,
  type Page,
} from '@playwright/test';
import * as v from 'valibot';
import config from '../../playwright.config.ts';
import { DESK, type Driver, PATIENCE_MS, type Query, type Running, sourceOf, type Tab } from './driver.ts';

/** Roles are text here: the type names all of ARIA's. */
const locate = (page: Page, { role, name }: Query): Locator =>
  page
    .getByRole(role as Parameters<Page['getByRole']>[0], { name, exact: typeof name === 'string' })
    .filter({ visible: true })
    .first();

const ResultSchema = v.variant('kind', [
  v.object({ kind: v.literal('returned'), value: v.optional(v.unknown()) }),
  v.object({ kind: v.literal('threw'), message: v.string() }),
]);

const createTab = (page: Page): Tab => ({
  async goto(url) {
    await page.goto(url);
  },
  async reload() {
    await page.reload();
  },
  address: async () => page.url(),
  async run(schema, work, ...args) {
    const answer: unknown = await page.evaluate(
      `Promise.resolve().then(() => ${sourceOf(work)}(...${JSON.stringify(args)})).then(
        (value) => ({ kind: 'returned', value }),
        (reason) => ({ kind: 'threw', message: String(reason?.code ?? '') + ' ' + String(reason?.stack ?? reason?.message ?? reason) }),
      )`,
    );
    const result = v.parse(ResultSchema, answer);
    if (result.kind === 'threw') throw new Error(result.message);
    return v.parse(schema, result.value);
  },
  async see(what, pattern) {
    const found = pattern ? locate(page, what).filter({ hasText: pattern }) : locate(page, what);
    await found.waitFor({ timeout: PATIENCE_MS });
  },
  click: (what) => locate(page, what).click(),
  fill: (what, text) => locate(page, what).fill(text),
  choose: (host, path) => page.locator(`${host} input[type=file]`).setInputFiles(path),
  resize: (size) => page.setViewportSize(size),
  picture: () => page.screenshot({ animations: 'disabled' }),
  close: () => page.close(),
});

interface Kind {
  readonly name: Driver['name'];
  readonly type: BrowserType;
  readonly options: LaunchOptions;
}

/** Playwright speaks WebDriver BiDi to a Firefox as it is distributed: it needs no build of its own. */
export const firefoxDriver = (executablePath: string): Driver =>
  createDriver({ name: 'Firefox', type: firefox, options: { executablePath, channel: 'moz-firefox' } });

export const chromiumDriver = (): Driver => createDriver({ name: 'Chromium', type: chromium, options: config.use?.launchOptions ?? {} });

const createDriver = ({ name, type, options }: Kind): Driver => ({
  name,
  async launch(profile) {
    const faults: string[] = [];
    const opened =
      profile === undefined
        ? await openPrivate(type, options)
        : { context: await type.launchPersistentContext(profile, { ...options, viewport: DESK }), end: undefined };
    watch(opened.context, faults);
    return createRunning(opened, faults);
  },
});

interface Opened {
  readonly context: BrowserContext;
  readonly end: (() => Promise<void>) | undefined;
}

async function openPrivate(type: BrowserType, options: LaunchOptions): Promise<Opened> {
  const browser: Browser = await type.launch(options);
  return { context: await browser.newContext({ viewport: DESK }), end: () => browser.close() };
}

const createRunning = ({ context, end }: Opened, faults: string[]): Running => ({
  version: context.browser()?.version() ?? 'unknown',
  faults,
  first: async () => createTab(context.pages()[0] ?? (await context.newPage())),
  open: async () => createTab(await context.newPage()),
  async close() {
    await context.close();
    await end?.();
  },
});

function watch(context: BrowserContext, faults: string[]): void {
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack ?? error.error().message}`));
}

/** A folder that is gone when the work is done. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-browsers-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
