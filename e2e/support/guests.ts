import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { DIST, test as base } from './fixtures.ts';
import { freePort } from './site.ts';

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
  /** Of another site: its storage is kept apart. May install. */
  readonly far: GuestSite;
  /** Not in the policy. */
  readonly stranger: GuestSite;
}

interface Ports {
  readonly near: number;
  readonly far: number;
  readonly stranger: number;
}

/** The app, two guests of its policy, and one who is none. */
export const guestTest = base.extend<{ guests: Guests; policy: object }, { guestPorts: Ports }>({
  // Merged into the policy file.
  policy: [{}, { option: true }],
  guestPorts: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => use({ near: await freePort(), far: await freePort(), stranger: await freePort() }),
    { scope: 'worker' },
  ],
  siteSettings: async ({ guestPorts, policy }, use) => {
    const directory = await withPolicy({
      schema: 1,
      guests: [
        { origin: `http://localhost:${guestPorts.near}`, models: ['stories15m'], requestsPerMinute: 600 },
        { origin: `http://127.0.0.1:${guestPorts.far}`, rights: ['install'], requestsPerMinute: 600 },
      ],
      ...policy,
    });
    await use({ base: '/', headers: true, directory });
    await rm(directory, { recursive: true });
  },
  expectedFaults: [/foreign request: http:\/\/(?:localhost|127\.0\.0\.1):\d+\//],
  guests: async ({ guestPorts, site }, use) => {
    const guests = {
      near: await openGuest('localhost', guestPorts.near, site.url),
      far: await openGuest('127.0.0.1', guestPorts.far, site.url),
      stranger: await openGuest('127.0.0.1', guestPorts.stranger, site.url),
    };
    await use(guests);
    for (const guest of Object.values(guests)) await guest.close();
  },
});
