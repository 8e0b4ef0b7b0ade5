import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { INTERFACE_FEATURES } from '../../scripts/chromiumFeatures.mjs';
import type { ConnectOptions, GuestSill } from '../../src/sdk/embed.ts';
import { test as base, DIST } from './fixtures.ts';
import { freePort, type Site } from './site.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/intranet');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** A page of somebody else, on a server that sends no headers for isolation. */
export interface GuestSite {
  readonly origin: string;
  /** Files by their path, besides the example's. */
  readonly files: Map<string, string>;
  close(): Promise<void>;
}

/** @param host `localhost` is of the same site as the app, `127.0.0.1` of another one */
async function openGuest(host: 'localhost' | '127.0.0.1', port: number, sill: string): Promise<GuestSite> {
  const origin = `http://${host}:${port}`;
  const files = new Map<string, string>([
    ['/config.js', `export const SILL = '${sill}';`],
    ['/empty.html', '<!doctype html><html lang="en"><title>A guest</title><body></body>'],
  ]);
  const server = http.createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', origin).pathname;
    const name = path === '/' ? '/index.html' : path;
    try {
      const body = files.get(name) ?? (await readFile(join(EXAMPLE, name)));
      response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    origin,
    files,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The built app with another policy file: the server makes its headers from it, and the engine reads it. */
async function withPolicy(policy: object): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sill-policy-'));
  for (const name of await readdir(DIST)) if (name !== 'sill.policy.json') await symlink(join(DIST, name), join(directory, name));
  await writeFile(join(directory, 'sill.policy.json'), JSON.stringify(policy));
  return directory;
}

interface Guests {
  /** Of the app's own site, by another port: it finds the models that are installed. May ask, and no more. */
  readonly near: GuestSite;
  /** As `near`, another page of the same site; has few tokens a day. */
  readonly beside: GuestSite;
  /** Of another site: its storage is kept apart. May install. */
  readonly far: GuestSite;
  /** Not in the policy. */
  readonly stranger: GuestSite;
}

interface Ports {
  readonly near: number;
  readonly beside: number;
  readonly far: number;
  readonly stranger: number;
}

/** The app, two guests of its policy, and one who is none. */
export const guestTest = base.extend<
  { guests: Guests; policy: object },
  { guestPorts: Ports; appWith: (policy: object) => Promise<string> }
>({
  // Merged into the policy file.
  policy: [{}, { option: true }],
  guestPorts: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => use({ near: await freePort(), beside: await freePort(), far: await freePort(), stranger: await freePort() }),
    { scope: 'worker' },
  ],
  // Each once, so that tests may share a browser.
  appWith: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const made = new Map<string, Promise<string>>();
      await use((policy) => {
        const key = JSON.stringify(policy);
        const directory = made.get(key) ?? withPolicy(policy);
        made.set(key, directory);
        return directory;
      });
      for (const directory of made.values()) await rm(await directory, { recursive: true });
    },
    { scope: 'worker' },
  ],
  siteSettings: async ({ guestPorts, policy, appWith }, use) => {
    const directory = await appWith({
      schema: 1,
      guests: [
        { origin: `http://localhost:${guestPorts.near}`, models: ['stories15m'], requestsPerMinute: 600 },
        { origin: `http://localhost:${guestPorts.beside}`, tokensPerDay: 60 },
        { origin: `http://127.0.0.1:${guestPorts.far}`, rights: ['install'], requestsPerMinute: 600 },
        // `near` from another machine, where a test maps that name.
        `http://intranet.test:${guestPorts.near}`,
      ],
      ...policy,
    });
    await use({ base: '/', headers: true, directory });
  },
  // One pattern: Playwright takes the second of two in a list for options.
  expectedFaults: [/directive: "frame-ancestors|foreign request: http:\/\/(?:localhost|127\.0\.0\.1|intranet\.test):\d+\//],
  guests: async ({ guestPorts, site }, use) => {
    const guests = {
      near: await openGuest('localhost', guestPorts.near, site.url),
      beside: await openGuest('localhost', guestPorts.beside, site.url),
      far: await openGuest('127.0.0.1', guestPorts.far, site.url),
      stranger: await openGuest('127.0.0.1', guestPorts.stranger, site.url),
    };
    await use(guests);
    for (const guest of Object.values(guests)) await guest.close();
  },
});

/** Debian's Chromium blocks third-party cookies, and with them all storage of a frame of another site; most browsers give it a partition. */
export const PARTITIONED = [
  `--disable-features=${['ThirdPartyCookieBlocking', 'TrackingProtection3pcd', ...INTERFACE_FEATURES].join(',')}`,
];

/** What the tests keep in a guest's page. */
declare global {
  var guest: GuestSill | undefined;
}

/** An empty page of a guest, connected to Sill as its `guest`. */
export async function connected(context: BrowserContext, { origin }: GuestSite, site: Site, options: ConnectOptions = {}): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/empty.html`);
  await connect(page, site, options);
  return page;
}

export const connect = (page: Page, site: Site, options: ConnectOptions = {}): Promise<void> =>
  page.evaluate(
    async ([url, given]) => {
      const sdk: typeof import('../../src/sdk/embed.ts') = await import(`${url}sdk/sill.js`);
      globalThis.guest = await sdk.connect(document.body, { src: url, model: 'stories15m', ...given });
    },
    [site.url, options] as const,
  );

/** What connecting is refused with. */
export const connectRefusal = (
  page: Page,
  site: Site,
  options: ConnectOptions = {},
): Promise<{ code: string; message: string } | undefined> =>
  page.evaluate(
    async ([url, given]) => {
      const sdk: typeof import('../../src/sdk/embed.ts') = await import(`${url}sdk/sill.js`);
      return sdk.connect(document.body, { src: url, model: 'stories15m', ...given }).then(
        () => undefined,
        ({ code, message }) => ({ code, message }),
      );
    },
    [site.url, options] as const,
  );

/** The code that a call of the guest is refused with, or `done`. */
export const codeOf = (page: Page, call: (guest: GuestSill) => Promise<unknown>): Promise<string> =>
  page.evaluate(`(${call})(globalThis.guest).then(() => 'done', ({ code }) => code)`);

/** A text by stories15m, and how many tokens of its prompt were cached. */
export const write = (page: Page, request: object = {}): Promise<{ text: string; cached: number; tokens: number }> =>
  page.evaluate(async (given) => {
    const answer = await globalThis.guest?.completions.create({
      prompt: 'Once upon a time',
      max_tokens: 8,
      temperature: 0,
      ...given,
      stream: false,
    });
    if (!answer?.usage) throw new Error('there is no answer');
    const { prompt_tokens_details, total_tokens } = answer.usage;
    return { text: answer.choices[0]?.text ?? '', cached: prompt_tokens_details.cached_tokens, tokens: total_tokens };
  }, request);

/** A page of another origin with nothing in it yet. */
export const openEmpty = async (context: BrowserContext, { origin }: GuestSite): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`${origin}/empty.html`);
  return page;
};
