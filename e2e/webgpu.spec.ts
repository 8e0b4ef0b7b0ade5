import { FAMILIES, familyGguf } from '../src/forge/gguf/testing/familyGguf.ts';
import type { ChatRequest } from '../src/protocol/openaiRequests.ts';
import { expect, test } from './support/fixtures.ts';
import { complete, completeWhile, install, refusalOf, textOf } from './support/sill.ts';
import { card, open } from './support/views.ts';
import { KEEP_GPU, loseGpu, patchInferenceWorkers, WRONG_GPU } from './support/workers.ts';

const TINY = Buffer.from(familyGguf(FAMILIES[0] ?? { title: '', architecture: '' }));

test.use({ chromiumArgs: ['--enable-unsafe-webgpu'] });
// The last file of a run: see updates.spec.ts.
test.describe.configure({ mode: 'parallel' });

test('a model runs on WebGPU and writes the same, though a GPU in software is not what Sill chooses by itself', async ({ page, site }) => {
  // The software GPU is tested three times and compiles a model twice: processor time, of which a machine with a neighbour has half.
  test.slow();
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

  await test.step('and what it takes there is counted: at least its weights', async () => {
    const [model] = (await page.evaluate(() => globalThis.sill?.memory()))?.models ?? [];
    expect(model?.size_vram).toBeGreaterThan(8_000_000);
    expect(model?.size).toBeGreaterThanOrEqual(model?.size_vram ?? 0);
  });

  await test.step('a chat that begins as another one reads its question only, and writes the same to the last digit', async () => {
    const ask = (words: string, change: Partial<ChatRequest> = {}) =>
      page.evaluate(
        async (request) => {
          const { choices, usage } = (await globalThis.sill?.chat.completions.create({ ...request, stream: false })) ?? {};
          return { choices, cached: usage?.prompt_tokens_details.cached_tokens ?? Number.NaN };
        },
        {
          ...{ model: 'stories15m', temperature: 0, max_tokens: 2, logprobs: true, top_logprobs: 2 },
          messages: [
            { role: 'system' as const, content: 'Once upon a time' },
            // The last two turns are one call, being short.
            { role: 'user' as const, content: 'Lily' },
            { role: 'user' as const, content: words },
          ],
          // For the tests alone: each turn ends with the model's end.
          chat_template: '{{ bos_token }}{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}',
          ...change,
        },
      );
    await ask('A dog');
    const warm = await ask('The cat');
    expect(warm.cached).toBe(6);
    const cold = await ask('The cat', { cache_prompt: false });
    expect(cold).toEqual({ ...warm, cached: 0 });
  });

  await test.step('after the GPU was tested, with the one build of the runtime that this browser needs for it', async () => {
    const tested = await page.evaluate(() => globalThis.sill?.device());
    expect(tested?.checks).toMatchObject({ fp32: { verdict: 'right' } });
    expect(tested?.checks.f16).toBeUndefined();
    const fetched = site.requests.flatMap(({ path }) => /ort-wasm-simd-threaded(\.[a-z]+)?-.*\.wasm$/.exec(path)?.[1] ?? []);
    // The build for the processor, which has no suffix, comes by itself soon after the first visit, for models from files.
    expect([...new Set(fetched)]).toEqual(['.jspi']);
  });

  await test.step('which the plain one follows by itself, so that a GPU that is lost offline is not the end', async () => {
    await expect.poll(() => page.evaluate(async () => (await globalThis.sill?.storage())?.runtimeMissingBytes)).toBe(0);
    const kept = await page.evaluate(async () => (await (await caches.open('sill-runtime')).keys()).map(({ url }) => url));
    const binaries = kept.filter((url) => url.endsWith('.wasm'));
    expect(binaries.map((url) => /ort-wasm-simd-threaded(\.[a-z]+)?-/.exec(url)?.[1] ?? '').sort()).toEqual(['', '.jspi']);
  });

  await test.step('and a file is told not to become 16 bits there, which this one does not compute in', async () => {
    site.answer(({ path }) => (path === 'files/tiny.gguf' ? { body: TINY, type: 'application/octet-stream' } : undefined));
    const found = await page.evaluate(() => globalThis.sill?.models.inspectFile('files/tiny.gguf'));
    expect(found?.fits.map(({ variant, verdict, reasons }) => [variant, verdict, reasons.includes('needs-f16')])).toEqual([
      ['int8-wasm', 'fits', false],
      ['q4-webgpu', 'tight', false],
      ['fp16-webgpu', 'no', true],
    ]);
  });

  await test.step('and runs where a person says', async () => {
    await open(page, 'Models');
    const model = card(page, 'Stories 15M');
    await model.getByText('Advanced: variants').click();
    await expect(model.getByRole('listitem').filter({ hasText: '8-bit' })).toContainText(
      'Chosen because the graphics processor is emulated here',
    );
    const runOn = model.getByRole('combobox', { name: 'Run Stories 15M on' });
    await runOn.selectOption({ label: 'Processor (WASM)' });
    await expect
      .poll(async () => (await page.evaluate(() => globalThis.sill?.models.list()))?.find(({ id }) => id === 'stories15m')?.place)
      .toBe('wasm');
    expect((await complete(page, { temperature: 0, max_tokens: 1 })).sill).toMatchObject({ variant: 'q4-webgpu', device: 'wasm' });
    await runOn.selectOption({ label: 'what suits this device' });
    await expect
      .poll(async () => (await page.evaluate(() => globalThis.sill?.models.list()))?.find(({ id }) => id === 'stories15m')?.place)
      .toBeUndefined();
  });

  await test.step('and goes on with the processor when its GPU is taken away in the middle of an answer', async () => {
    await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
    await patchInferenceWorkers(page, KEEP_GPU);
    const { text, sill } = await completeWhile(page, { temperature: 0, max_tokens: 4 }, () => loseGpu(page));
    expect(text).toBe(', there was a');
    expect(sill).toMatchObject({ device: 'wasm', fallback: { from: { device: 'webgpu' }, reason: 'device_lost' } });
  });

  await test.step('and from the start when its GPU computes wrong since it was installed', async () => {
    await patchInferenceWorkers(page, WRONG_GPU);
    const tested = await page.evaluate(() => globalThis.sill?.device({ test: true }));
    expect(tested?.checks.fp32).toMatchObject({ verdict: 'wrong' });
    await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
    // By hand it is tried as if nothing had happened to it.
    const loaded = await page.evaluate(() => globalThis.sill?.models.load('stories15m'));
    expect(loaded?.loaded).toMatchObject({ device: 'wasm', fallback: { from: { device: 'webgpu' }, reason: 'gpu-wrong' } });
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
  });
});

test('a file becomes 4 bits for a GPU in the page, as near to it as it has to be, and writes there', async ({ page, site }) => {
  site.answer(({ path }) => (path === 'files/tiny.gguf' ? { body: TINY, type: 'application/octet-stream' } : undefined));
  const model = await page.evaluate(() => globalThis.sill?.models.importFile('files/tiny.gguf', { variant: 'q4-webgpu' }));
  expect(model).toMatchObject({ state: 'installed', installed: { variant: 'q4-webgpu' } });
  const [record] = (await page.evaluate(() => globalThis.sill?.imports.list()))?.finished ?? [];
  expect(record).toMatchObject({ variant: 'q4-webgpu', scores: { bound: 0.15 } });
  const answer = await complete(page, { model: 'file:tiny', temperature: 0, max_tokens: 3 });
  expect(answer.sill).toMatchObject({ variant: 'q4-webgpu', device: 'webgpu' });
  expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
});

test('a GPU that computes wrong numbers is found out, refused with the reason, and given another chance on request', async ({ page }) => {
  await patchInferenceWorkers(page, WRONG_GPU, 1);
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

  await test.step('and which the log keeps: what was wrong, by how much, and where', async () => {
    const events = (await page.evaluate(() => globalThis.sill?.log.list())) ?? [];
    const [wrong] = events.filter(({ code }) => code === 'gpu-wrong');
    expect(wrong).toMatchObject({ level: 'error', details: { precision: 'fp32', vendor: 'google', architecture: 'swiftshader' } });
    const { checks } = (await page.evaluate(() => globalThis.sill?.device())) ?? {};
    expect(checks?.fp32).toMatchObject({ output: wrong?.details.operator, worstError: wrong?.details.worstError });
    await open(page, 'Log');
    await expect(page.getByRole('table')).toContainText('The graphics processor computes wrong numbers.');
  });

  await open(page, 'Overview');
  const notice = page.getByRole('list', { name: 'What needs attention' }).getByRole('listitem');
  await expect(notice).toContainText('The graphics processor computes wrong numbers. Models run on the processor.');
  await notice.getByRole('link', { name: 'See and test again' }).click();
  const graphics = page.getByRole('region', { name: 'Graphics' });
  await expect(graphics).toContainText('wrong numbers');
  await expect(graphics).toContainText('It computes wrong, so no model runs on it');
  await graphics.getByRole('button', { name: 'Test it now' }).click();
  // The runtime starts and the emulated GPU compiles: on a busy machine longer than anything else here.
  await expect(graphics).toContainText('A computation with known results gave these results', { timeout: 120_000 });
  await expect(page.getByRole('region', { name: 'Measured speed' })).toContainText('Processor, 8-bit');
  await open(page, 'Overview');
  await expect(notice.filter({ hasText: 'graphics processor' })).toHaveCount(0);
});
