import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { complete, completeWhile, textOf } from './support/sill.ts';
import { open } from './support/views.ts';
import { isInference, patchInferenceWorkers } from './support/workers.ts';

const TOKENS = 120;
const BEGUN = ', there was a little girl named Lily.';

const eventsOf = (page: Page) => page.evaluate(async () => (await globalThis.sill?.events.list())?.map(({ type }) => type));

test.use({ installed: ['stories15m'] });

test('the worker of a model that dies in the middle of an answer is replaced: the reader sees a pause, and the reason is kept', async ({
  page,
}) => {
  const beginning = textOf(await complete(page, { temperature: 0, max_tokens: 16 }));
  const { text, sill, usage } = await completeWhile(page, { temperature: 0, max_tokens: TOKENS }, async () => {
    // What it answers to this nobody hears.
    await page
      .workers()
      .find(isInference)
      ?.evaluate(() => self.close())
      .catch(() => undefined);
  });
  // What was read stays, and no token is lost or said twice where the next worker begins. From there 8 bits may lead elsewhere: it reads in one
  // go what the first had written token by token.
  expect(text.slice(0, BEGUN.length)).toBe(BEGUN);
  expect(beginning.slice(0, BEGUN.length)).toBe(BEGUN);
  expect(usage?.completion_tokens).toBe(TOKENS);
  expect(sill?.threads).toBe(1);
  expect(sill?.fallback).toMatchObject({ from: { device: 'wasm' }, reason: 'worker_lost' });
  expect(await eventsOf(page)).toEqual(['loss', 'fallback']);

  await test.step('which the Device view tells', async () => {
    await open(page, 'Device');
    const events = page.getByRole('region', { name: 'What happened' });
    await expect(events).toContainText('The model was stopped by the browser');
  });
});

test('a model that runs out of memory while it loads is started again with less', async ({ page }) => {
  // The heap of the first worker cannot grow: the weights do not fit.
  await patchInferenceWorkers(
    page,
    `WebAssembly.Memory.prototype.grow = () => { throw new RangeError('Maximum memory size exceeded'); }`,
    1,
  );
  const answer = await complete(page, { temperature: 0, max_tokens: 4 });
  expect(textOf(answer)).toBe(', there was a');
  expect(answer.sill?.fallback).toMatchObject({ reason: 'out_of_memory' });
  expect(answer.sill?.threads).toBe(1);
  // From now on models are given less, also after a restart.
  await page.reload();
  expect((await page.evaluate(() => globalThis.sill?.memory()))?.budgetReason).toBe('out-of-memory');
});

test('a runtime that does not start is tried again, and one that never starts is given up with words that help', async ({ page }) => {
  const broken = `{
    const corrupt = async () => { throw new WebAssembly.CompileError('the binary is corrupt'); };
    WebAssembly.instantiate = corrupt;
    WebAssembly.instantiateStreaming = corrupt;
  }`;
  await patchInferenceWorkers(page, broken, 1);
  const answer = await complete(page, { temperature: 0, max_tokens: 4 });
  expect(textOf(answer)).toBe(', there was a');
  expect(answer.sill?.fallback).toMatchObject({ reason: 'runtime_failed' });

  await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
  await patchInferenceWorkers(page, broken);
  const codes: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    codes.push(
      await complete(page, { max_tokens: 1 }).then(
        () => 'answered',
        (error: Error) => error.message,
      ),
    );
  }
  expect(codes[0]).toContain('The runtime failed');
  expect(codes[2]).toContain('not tried again');

  // What a passer-by reads of it, where the device is for nothing else.
  await page.evaluate(() => globalThis.sill?.kiosk.lock({ screen: { task: 'write', model: 'stories15m' } }));
  await expect(page.getByText('For staff: code M4.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'This device is being repaired' })).toBeVisible();
});
