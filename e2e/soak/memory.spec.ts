import type { Page } from '@playwright/test';
import { watchMemory } from '../../bench/measure/memory.ts';
import { browserPid } from '../support/downloads.ts';
import { expect, test } from '../support/fixtures.ts';
import { complete } from '../support/sill.ts';
import { recordSoak, restBytes } from '../support/soak.ts';
import { isInference } from '../support/workers.ts';

const MIB = 2 ** 20;
const CYCLES = 50;
const REQUESTS = 1000;
/** By then everything that is made once is made, and the prefix cache is as full as it may be. */
const FIRST_CYCLES = 5;
const FIRST_REQUESTS = 100;
/**
 * What is looked at moves by 40 MiB up and down, as the browser collects garbage when it likes. A model that stayed at each load would be 4 GiB,
 * 128 KiB that stayed at each request 112 MiB.
 */
const MAX_GROWTH_BYTES = 48 * MIB;

test.use({ installed: ['stories15m'] });

const load = (page: Page) => page.evaluate(() => globalThis.sill?.models.load('stories15m'));
const unload = async (page: Page) => {
  await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
  await expect.poll(() => page.workers().filter(isInference)).toEqual([]);
};

test(`${CYCLES} loads and ${REQUESTS} requests leave the page's memory where it was after the first few`, async ({ page, profile }) => {
  test.setTimeout(30 * 60_000);
  const pid = await browserPid(profile);
  if (pid === undefined) throw new Error('what the browser takes can be read from /proc on Linux only');
  const memory = watchMemory(pid, 60_000);
  const figures: Record<string, { readonly beforeBytes: number; readonly afterBytes: number }> = {};
  const growth = async (what: string, beforeBytes: number) => {
    const afterBytes = await restBytes(page, memory);
    figures[what] = { beforeBytes, afterBytes };
    recordSoak('memory', page, { figures });
    console.log(`${what}: ${(beforeBytes / MIB).toFixed(0)} MiB after the first, ${(afterBytes / MIB).toFixed(0)} MiB after the last`);
    expect.soft(afterBytes - beforeBytes, what).toBeLessThan(MAX_GROWTH_BYTES);
  };
  try {
    let firstBytes = 0;
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      await load(page);
      await complete(page, { max_tokens: 4 });
      await unload(page);
      if (cycle === FIRST_CYCLES) firstBytes = await restBytes(page, memory);
    }
    await growth(`${CYCLES} loads`, firstBytes);

    let baseBytes = 0;
    for (let request = 1; request <= REQUESTS; request++) {
      // Each begins in another way, so that the cache of beginnings has something to forget.
      const prompt = `On day ${request}, ${'Tom and Lily went to the park to play with the big red ball, and they were happy. '.repeat(3)}`;
      await complete(page, { prompt, max_tokens: 4, seed: request });
      if (request === FIRST_REQUESTS) baseBytes = await restBytes(page, memory);
    }
    await growth(`${REQUESTS} requests`, baseBytes);
    await unload(page);
    await growth('both, unloaded', firstBytes);
  } finally {
    memory.stop();
  }
});
