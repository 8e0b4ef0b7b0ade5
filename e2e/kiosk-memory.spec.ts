import { expect, test } from './support/fixtures.ts';
import { openKiosk } from './support/kiosk.ts';
import { remember, restarts, visit } from './support/kioskMemory.ts';
import { isInference } from './support/workers.ts';

// Two, since one of them takes less than is let grow.
test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

test('models that have grown too large at a kiosk are started again between two persons, never under one', async ({ page, site }) => {
  await openKiosk(page, `${site.url}?kiosk=write`);
  await page.evaluate(() => globalThis.sill?.embeddings.create({ model: 'all-minilm-l6-v2', input: 'a text', keep_alive: -1 }));
  await visit(page);
  const before = page.workers().filter(isInference);
  expect(before).toHaveLength(2);
  await remember(page, { workers: 1 });
  await visit(page);
  expect(await restarts(page)).toEqual(['worker']);
  // Loaded again before the next person asks.
  await expect.poll(() => page.workers().filter((worker) => isInference(worker) && !before.includes(worker)).length).toBe(1);
  await expect.poll(() => page.workers().filter((worker) => before.includes(worker)).length).toBe(0);
  await visit(page);
});
