import { expect, test } from './support/fixtures.ts';
import { complete, install, refusalOf, textOf } from './support/sill.ts';
import { open } from './support/views.ts';
import { patchInferenceWorkers, WRONG_GPU } from './support/workers.ts';

test.use({ chromiumArgs: ['--enable-unsafe-webgpu'] });

test('a model runs on WebGPU and writes the same, though a GPU in software is not what Sill chooses by itself', async ({ page, site }) => {
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

  await test.step('after the GPU was tested, with the one build of the runtime that this browser needs for it', async () => {
    const tested = await page.evaluate(() => globalThis.sill?.device());
    expect(tested?.checks).toMatchObject({ fp32: { verdict: 'right' } });
    expect(tested?.checks.f16).toBeUndefined();
    const fetched = new Set(
      site.requests.map(({ path }) => /ort-wasm[\w-]*(?:\.[a-z]+)?(?=-)[^/]*\.wasm$/.exec(path)?.[0].split('-').slice(0, 4).join('-')),
    );
    expect([...fetched].filter((name) => name !== undefined)).toEqual(['ort-wasm-simd-threaded.jspi']);
  });
});

test('a GPU that computes wrong numbers is found out, refused with the reason, and given another chance on request', async ({ page }) => {
  patchInferenceWorkers(page, WRONG_GPU, 1);
  const refusal = await refusalOf(page, (sill) => sill.models.install('stories15m', { variant: 'q4-webgpu' }));
  expect(refusal.code).toBe('unsupported_device');
  expect(refusal.details.reasons).toEqual(['software-gpu', 'gpu-wrong']);
  const device = await page.evaluate(() => globalThis.sill?.device());
  expect(device?.checks.fp32).toMatchObject({ verdict: 'wrong' });

  await test.step('which a reload does not forget', async () => {
    await page.reload();
    const fits = (await page.evaluate(() => globalThis.sill?.models.list()))?.find(({ id }) => id === 'stories15m')?.fits;
    expect(fits?.map(({ variant, verdict }) => [variant, verdict])).toEqual([
      ['int8-wasm', 'fits'],
      ['q4-webgpu', 'no'],
    ]);
  });

  await open(page, 'Device');
  const graphics = page.getByRole('region', { name: 'Graphics' });
  await expect(graphics).toContainText('wrong numbers');
  await expect(graphics).toContainText('It computes wrong, so no model runs on it');
  await graphics.getByRole('button', { name: 'Test it now' }).click();
  // The runtime starts and the emulated GPU compiles: on a busy machine longer than anything else here.
  await expect(graphics).toContainText('A computation with known results gave these results', { timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Measured speed' })).toContainText('Processor, 8-bit');
});
