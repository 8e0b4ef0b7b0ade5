import { test as base, DIST } from './fixtures.ts';
import { TestPublisher } from './publisher.ts';

/** On a site of its own, where a publisher works with the commands of the command line. */
export const test = base.extend<{ publisher: TestPublisher }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  publisher: async ({}, use) => {
    const publisher = await TestPublisher.open(DIST);
    await use(publisher);
    await publisher.close();
  },
  siteSettings: async ({ publisher }, use) => use({ base: '/', headers: true, directory: publisher.directory }),
});
