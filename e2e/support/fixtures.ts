import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BrowserContext, test as base, chromium, expect, type LaunchOptions, type Page } from '@playwright/test';
import { createServer } from '../../tools/serve/server.ts';

export const DIST = resolve(import.meta.dirname, '../../dist');

export interface AppServer {
  /** Where the app is; the same after a restart. */
  readonly url: string;
  /** As when the process is killed: open connections are cut. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface ServerSettings {
  readonly base: string;
  /** False for a host that cannot set headers. */
  readonly headers: boolean;
  readonly directory: string;
}

interface Options {
  serverSettings: ServerSettings;
  /** Added to those of playwright.config.ts, as `--enable-unsafe-webgpu`. */
  chromiumArgs: string[];
  /** Messages that a test provokes on purpose and that would fail it otherwise. */
  expectedFaults: RegExp[];
}

interface Fixtures {
  server: AppServer;
  /** A real folder: a big Blob in an in-memory profile fails to read back. */
  profile: string;
  /** Starts Chromium on the profile; more than once in a test that closes or kills it. */
  openBrowser: () => Promise<BrowserContext>;
}

/**
 * The production build on a server of its own and Chromium on a profile of its own. A test fails by itself when the page violates its
 * CSP, throws, or asks any other origin for anything.
 */
export const test = base.extend<Options & Fixtures>({
  serverSettings: [{ base: '/', headers: true, directory: DIST }, { option: true }],
  chromiumArgs: [[], { option: true }],
  expectedFaults: [[], { option: true }],

  server: async ({ serverSettings }, use) => {
    const server = createServer(serverSettings);
    const url = await server.listen(0);
    const port = Number(new URL(url).port);
    let running = true;
    await use({
      url,
      async stop() {
        if (running) await server.close();
        running = false;
      },
      async start() {
        if (!running) await server.listen(port);
        running = true;
      },
    });
    if (running) await server.close();
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  profile: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-profile-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  openBrowser: async ({ profile, server, launchOptions, chromiumArgs, expectedFaults, colorScheme, viewport, permissions }, use) => {
    const faults: string[] = [];
    const open: BrowserContext[] = [];
    await use(async () => {
      const context = await chromium.launchPersistentContext(profile, {
        ...(launchOptions as LaunchOptions),
        args: [...(launchOptions.args ?? []), ...chromiumArgs],
        ...(colorScheme === undefined ? {} : { colorScheme }),
        ...(viewport === undefined ? {} : { viewport }),
        ...(permissions === undefined ? {} : { permissions }),
      });
      open.push(context);
      watchForFaults(context, new URL(server.url).origin, faults);
      return context;
    });
    for (const context of open) await context.close().catch(() => undefined);
    expect(faults.filter((fault) => !expectedFaults.some((expected) => expected.test(fault)))).toEqual([]);
  },

  context: async ({ openBrowser }, use) => use(await openBrowser()),

  page: async ({ context, server }, use) => {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.url);
    await use(page);
  },
});

function watchForFaults(context: BrowserContext, origin: string, faults: string[]): void {
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) faults.push(`CSP: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) faults.push(`foreign request: ${request.url()}`);
  });
}

/** Waits until the service worker controls the page: from then on the app opens without a server. */
export async function untilControlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true));
}

export { expect };
