import { expect, test } from './support/fixtures.ts';
import { complete, install, textOf } from './support/sill.ts';

test.use({ chromiumArgs: ['--enable-unsafe-webgpu'] });

test('a model runs on WebGPU and writes the same, though a GPU in software is not what Sill chooses by itself', async ({ page }) => {
  const device = await page.evaluate(() => globalThis.sill?.device());
  expect(device?.webgpu).toMatchObject({ available: true, fallback: true });
  const models = await page.evaluate(() => globalThis.sill?.models.list());
  const fits = models?.find(({ id }) => id === 'stories15m')?.fits ?? [];
  expect(fits.map(({ variant, verdict }) => [variant, verdict])).toEqual([
    ['int8-wasm', 'fits'],
    ['q4-webgpu', 'tight'],
  ]);

  await install(page, 'stories15m', { variant: 'q4-webgpu' });
  const answer = await complete(page, { temperature: 0, max_tokens: 4 });
  expect(answer.sill).toMatchObject({ variant: 'q4-webgpu', device: 'webgpu' });
  expect(textOf(answer)).toBe(', there was a');
});
