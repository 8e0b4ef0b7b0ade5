import type { Page, Worker } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { complete } from './support/sill.ts';
import { isInference, isThread } from './support/workers.ts';

/** Hears of workers of models that end by themselves, as they do when their threads have left. One that is ended from without says nothing. */
async function hearLeaving(page: Page): Promise<() => Promise<number>> {
  const left = await page.evaluateHandle(() => {
    const heard = { count: 0 };
    new BroadcastChannel('sill-test-leaving').onmessage = () => {
      heard.count += 1;
    };
    return heard;
  });
  return () => left.evaluate(({ count }) => count);
}

const tellOfLeaving = (worker: Worker | undefined): Promise<void> | undefined =>
  worker?.evaluate(() => {
    const close = self.close.bind(self);
    self.close = () => {
      new BroadcastChannel('sill-test-leaving').postMessage('left');
      close();
    };
  });

test.use({ installed: ['stories15m'] });

test('each time a model is unloaded its threads and its worker leave, and with them all its memory; the next request starts it again', async ({
  page,
}) => {
  const left = await hearLeaving(page);
  for (let cycle = 1; cycle <= 3; cycle++) {
    await complete(page, { max_tokens: 2 });
    const [worker, ...others] = page.workers().filter(isInference);
    expect(others).toEqual([]);
    expect(page.workers().filter(isThread)).not.toEqual([]);
    await tellOfLeaving(worker);
    await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
    await expect.poll(left).toBe(cycle);
    await expect.poll(() => page.workers().filter((each) => isInference(each) || isThread(each))).toEqual([]);
  }
});
