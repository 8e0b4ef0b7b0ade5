import { expect, test } from './support/fixtures.ts';
import { complete } from './support/sill.ts';
import { isInference } from './support/workers.ts';

test.use({ installed: ['stories15m'] });

test('each time a model is unloaded its worker is gone, and with it all its memory; the next request starts one again', async ({
  page,
}) => {
  for (let cycle = 0; cycle < 3; cycle++) {
    await complete(page, { max_tokens: 2 });
    expect(page.workers().filter(isInference)).toHaveLength(1);
    await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
    await expect.poll(() => page.workers().filter(isInference)).toEqual([]);
  }
});
