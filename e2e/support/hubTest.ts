import { test as base } from './fixtures.ts';
import { buildWithPolicy, type Hub, openHub, removeBuild } from './hub.ts';
import { freePort } from './site.ts';

/** A server in Hugging Face's layout, and the app built so that it may speak to it. */
export const hubTest = base.extend<{ hub: Hub }, { elsewhere: { directory: string; port: number } }>({
  elsewhere: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const port = await freePort();
      const directory = await buildWithPolicy({ sources: [{ kind: 'hub', name: 'The hub', url: `http://localhost:${port}/hub/` }] });
      await use({ directory, port });
      await removeBuild(directory);
    },
    { scope: 'worker' },
  ],
  siteSettings: async ({ elsewhere }, use) => use({ base: '/', headers: true, directory: elsewhere.directory }),
  visited: async ({ siteSettings }, use) => use(siteSettings),
  expectedFaults: [/foreign request: http:\/\/localhost:\d+\/hub\//],
  hub: async ({ elsewhere }, use) => {
    const hub = await openHub(elsewhere.port);
    await use(hub);
    await hub.close();
  },
});
