import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m'] });

test('a quick run times a model where it computes, and its result is there after the browser was closed', async ({ page, openBrowser, site }) => {
  const result = await page.evaluate(() => globalThis.sill?.benchmarks.run({ model: 'stories15m', preset: 'quick' }));
  console.log(JSON.stringify(result, null, 1));
  expect(result).toMatchObject({ state: 'complete', preset: 'quick' });
  void openBrowser;
  void site;
});
