import { readFileSync } from 'node:fs';
import { expect, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });
test('shots', async ({ page }) => {
  const results = JSON.parse(readFileSync('/tmp/results.json', 'utf8'));
  await page.evaluate(async (rows) => {
    await globalThis.sill?.benchmarks.import(new Blob([JSON.stringify(rows)]));
    await globalThis.sill?.benchmarks.run({
      model: 'stories15m',
      preset: 'custom',
      custom: { promptTokens: 64, generatedTokens: 16, repetitions: 3, warmups: 0 },
    });
  }, results);
  await open(page, 'Benchmarks');
  const table = page.getByRole('table', { name: 'Results of benchmarks' });
  await table.getByRole('checkbox').nth(1).check();
  await table.getByRole('checkbox').nth(2).check();
  await table.getByRole('button', { name: /^Show/ }).nth(1).click();
  await expect(page.getByRole('heading', { name: /^Result .* against/ })).toBeVisible();
  for (const [w, scheme] of [
    [1280, 'light'],
    [390, 'dark'],
    [1280, 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: w, height: 900 });
    await page.waitForTimeout(500);
    const h = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: w, height: Math.min(h, 4000) });
    await page.waitForTimeout(500);
    await page.screenshot({ path: `/tmp/shot-${w}-${scheme}.png` });
  }
});
