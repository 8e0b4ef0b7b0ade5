import type { Page, Worker } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';
import { open } from './support/views.ts';
import { isInference, patchInferenceWorkers } from './support/workers.ts';

const TOKENS = 120;

/** A greedy answer that is read as it comes; `afterPieces` is told once so many pieces are there. */
async function stream(page: Page, onBegun: () => Promise<void>): Promise<{ text: string; fallback: unknown; threads: number | undefined }> {
  let begun: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => (begun = resolve));
  await page.exposeFunction('begun', () => begun());
  const answer = page.evaluate(async (tokens) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    const chunks = await globalThis.sill.completions.create({
      ...{ model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: tokens },
      stream: true,
    });
    let text = '';
    let sill: { fallback?: unknown; threads: number } | undefined;
    for await (const chunk of chunks) {
      if (text === '') await (Reflect.get(globalThis, 'begun') as () => Promise<void>)();
      text += chunk.choices[0]?.text ?? '';
      sill = chunk.sill ?? sill;
    }
    return { text, fallback: sill?.fallback, threads: sill?.threads };
  }, TOKENS);
  await heard;
  await onBegun();
  return answer;
}

const eventsOf = (page: Page) => page.evaluate(async () => (await globalThis.sill?.events.list())?.map(({ type }) => type));

test.use({ installed: ['stories15m'] });

test('the worker of a model that dies in the middle of an answer is replaced: the reader sees a pause, and the reason is kept', async ({
  page,
}) => {
  const whole = textOf(await complete(page, { temperature: 0, max_tokens: TOKENS }));
  const worker = page.workers().find(isInference) as Worker;
  const { text, fallback, threads } = await stream(page, async () => {
    await worker.evaluate(() => self.close()).catch(() => undefined);
  });
  expect(text).toBe(whole);
  expect(threads).toBe(1);
  expect(fallback).toMatchObject({ from: { device: 'wasm' }, reason: 'worker_lost' });
  expect(await eventsOf(page)).toEqual(['loss', 'fallback']);

  await test.step('which the Device view tells', async () => {
    await open(page, 'Device');
    const events = page.getByRole('region', { name: 'What happened' });
    await expect(events).toContainText('The model was stopped by the browser');
  });
});

test('a model that runs out of memory while it loads is started again with less', async ({ page }) => {
  // The heap of the first worker cannot grow: the weights do not fit.
  patchInferenceWorkers(page, `WebAssembly.Memory.prototype.grow = () => { throw new RangeError('Maximum memory size exceeded'); }`, 1);
  const answer = await complete(page, { temperature: 0, max_tokens: 4 });
  expect(textOf(answer)).toBe(', there was a');
  expect(answer.sill?.fallback).toMatchObject({ reason: 'out_of_memory' });
  expect(answer.sill?.threads).toBe(1);
});

test('a runtime that does not start is tried again, and one that never starts is given up with words that help', async ({ page }) => {
  const broken = `self.fetch = async () => new Response('no', { status: 404 });`;
  patchInferenceWorkers(page, broken, 1);
  const answer = await complete(page, { temperature: 0, max_tokens: 4 });
  expect(textOf(answer)).toBe(', there was a');
  expect(answer.sill?.fallback).toMatchObject({ reason: 'runtime_failed' });

  await page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
  patchInferenceWorkers(page, broken);
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
});
