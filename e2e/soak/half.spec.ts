import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GPU_FLAGS } from '../../bench/measure/gpu.ts';
import { writeStoriesGguf } from '../../tools/models/testing/storiesGguf.ts';
import { expect, test } from '../support/fixtures.ts';
import { expectGoldenChoices } from '../support/golden.ts';
import { complete, textOf } from '../support/sill.ts';

// Chromium keeps 16 bits from NVIDIA's driver on Linux, which fails some of their conformance tests: what we compute in them is tested by us.
test.use({ chromiumArgs: [...GPU_FLAGS, '--enable-dawn-features=vulkan_enable_f16_on_nvidia'] });

/** How far what is chosen may be from a tie for another choice: sums are made in 16 bits on a graphics processor. */
const CLOSE_CALL = 0.3;

test('a file of 16 bits becomes a model of 16 bits on a graphics processor that computes so, and writes what it wrote before', async ({
  page,
  site,
}) => {
  test.setTimeout(15 * 60_000);
  // A browser has no adapter in its first second.
  await expect.poll(() => page.evaluate(async () => (await navigator.gpu?.requestAdapter()) !== null)).toBe(true);
  const device = await page.evaluate(() => globalThis.sill?.device({ refresh: true }));
  const gpu = device?.webgpu.available ? device.webgpu : undefined;
  test.skip(!gpu?.f16, 'no graphics processor with 16 bits is at hand');

  const folder = await mkdtemp(join(tmpdir(), 'sill-half-'));
  try {
    writeStoriesGguf(join(folder, 'stories.gguf'), 'F16');
    const body = await readFile(join(folder, 'stories.gguf'));
    site.answer(({ path }) => (path === 'files/half.gguf' ? { body, type: 'application/octet-stream' } : undefined));
  } finally {
    await rm(folder, { recursive: true });
  }
  const model = await page.evaluate(() => globalThis.sill?.models.importFile('files/half.gguf', { variant: 'fp16-webgpu' }));
  expect(model).toMatchObject({ state: 'installed', installed: { variant: 'fp16-webgpu' } });
  const tested = await page.evaluate(() => globalThis.sill?.device());
  expect(tested?.checks.f16).toMatchObject({ verdict: 'right' });
  const [record] = (await page.evaluate(() => globalThis.sill?.imports.list()))?.finished ?? [];
  console.log(
    `nats a token: ${record?.scores.measured} of 16 bits on the graphics processor, ${record?.scores.reference} of blocks of 8 on the processor`,
  );
  expect(record).toMatchObject({ variant: 'fp16-webgpu', scores: { bound: 0.05 } });

  const answer = await complete(page, { model: 'file:half', temperature: 0, max_tokens: 16 });
  expect(answer.sill).toMatchObject({ variant: 'fp16-webgpu', device: 'webgpu' });
  expect(textOf(answer)).toMatch(/^, there was a little girl named Lily/);
  await expectGoldenChoices(page, {
    model: 'file:half',
    variant: 'fp16-webgpu',
    closeCall: CLOSE_CALL,
    mostTurned: 3,
    cases: gpu?.fallback ? 1 : 4,
  });
  // On the graphics processor, weights and all.
  const loaded = (await page.evaluate(() => globalThis.sill?.memory()))?.models.find(({ id }) => id === 'file:half');
  expect(loaded?.size_vram).toBeGreaterThan(30_000_000);
});
