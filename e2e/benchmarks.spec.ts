import type { Page } from '@playwright/test';
import { differenceOf } from '../src/core/benchmark/difference.ts';
import type { BenchmarkRequest, BenchmarkResult } from '../src/protocol/benchmarks.ts';
import { expectAccessible, ONCE } from './support/accessible.ts';
import { results } from './support/benchmarks.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { openWithRoom } from './support/room.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });

/** As little as can be measured: most of what is tested here is not the figures. */
const TINY = { promptTokens: 16, generatedTokens: 4, repetitions: 2, warmups: 0 };

/** Longer than any test looks on. */
const LONG = { promptTokens: 16, generatedTokens: 128, repetitions: 50, warmups: 0, warmLoads: 0 };

const run = (page: Page, request: Partial<BenchmarkRequest> = {}): Promise<BenchmarkResult | undefined> =>
  page.evaluate((given) => globalThis.sill?.benchmarks.run({ model: 'stories15m', ...given }), {
    preset: 'custom' as const,
    custom: TINY,
    ...request,
  });

/** Begins one that goes on for long; it is told of by `globalThis.long`. */
async function beginLong(page: Page, request: Partial<BenchmarkRequest> = { preset: 'custom', custom: LONG }): Promise<void> {
  await page.evaluate(
    (given) =>
      new Promise<void>((begun) => {
        const abort = new AbortController();
        const ended = globalThis.sill?.benchmarks
          .run(
            { model: 'stories15m', ...given },
            { signal: abort.signal, onProgress: ({ phase, done }) => (phase === 'measuring' && done >= 1 ? begun() : undefined) },
          )
          .then(
            () => 'complete',
            ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
          );
        Reflect.set(globalThis, 'long', { abort, ended });
      }),
    request,
  );
}
const longEnded = (page: Page): Promise<string> => page.evaluate(() => Reflect.get(globalThis, 'long').ended);

test('a quick run times a model where it computes; its result is there after the browser was closed, goes into files and back, and stands beside others', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser();
  const page = await openApp(context, site);
  // The whole of it is run as the guide has it, below.
  const result = await run(page, { preset: 'quick', custom: { warmups: 0, warmLoads: 1 } });
  expect(result).toMatchObject({ state: 'complete', preset: 'quick', repetitions: 3, hidden: false, visibilityChanges: 0 });
  expect(result?.model).toMatchObject({ id: 'stories15m', variant: 'int8-wasm', revision: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  expect(result?.model.reference).toEqual({ metric: 'nll', value: expect.any(Number), text: expect.stringContaining(' ') });
  expect(result?.place).toMatchObject({ device: 'wasm', build: 'plain', isolated: true, userAgent: expect.stringContaining('Chrome') });
  const figures = new Map(result?.figures.map((figure) => [`${figure.metric}${figure.size ?? ''}`, figure]));
  expect([...figures.keys()]).toEqual(['load-cold', 'load-warm', 'pp128', 'tg32', 'ttft128', 'itl32']);
  for (const figure of figures.values()) expect(figure.mean).toBeGreaterThan(0);
  expect(figures.get('pp128')).toMatchObject({ count: 3, samples: [expect.any(Number), expect.any(Number), expect.any(Number)] });
  // Each of three answers has a gap fewer than it has tokens.
  expect(figures.get('itl32')?.count).toBe(3 * 31);
  expect(result?.peakMemoryBytes).toBeGreaterThan(result?.model.sizeBytes ?? Number.POSITIVE_INFINITY);
  await context.close();

  const later = await openApp(await openBrowser(), site);
  expect(await results(later)).toEqual([result]);
  const [rows, table] = await later.evaluate(async () => {
    const { benchmarks } = globalThis.sill ?? {};
    return [
      JSON.parse((await (await benchmarks?.export())?.text()) ?? ''),
      (await (await benchmarks?.export({ format: 'csv' }))?.text()) ?? '',
    ];
  });
  expect(rows).toMatchObject([
    {
      backends: 'CPU',
      model_filename: 'stories15m',
      n_prompt: 128,
      n_gen: 0,
      avg_ts: figures.get('pp128')?.mean,
      sill: { id: result?.id },
    },
    { n_prompt: 0, n_gen: 32, samples_ts: figures.get('tg32')?.samples },
  ]);
  expect(table.split('\n')[0]).toMatch(/^build_commit,build_number,cpu_info,.*,avg_ts,stddev_ts,sill_id,/);

  // Read again, nothing is lost; as a table, what a table of llama-bench holds is there.
  const readAgain = (text: string) =>
    later.evaluate(
      async ([file, id]) => {
        await globalThis.sill?.benchmarks.remove(id);
        return globalThis.sill?.benchmarks.import(new Blob([file]));
      },
      [text, result?.id ?? ''] as const,
    );
  expect(await readAgain(table)).toMatchObject({ added: 1 });
  expect((await results(later))[0]?.figures.filter(({ metric }) => ['pp', 'tg'].includes(metric))).toMatchObject([
    // A table has six decimals, as llama-bench writes it.
    {
      metric: 'pp',
      size: 128,
      mean: expect.closeTo(figures.get('pp128')?.mean ?? 0, 5),
      sd: expect.closeTo(figures.get('pp128')?.sd ?? 0, 5),
    },
    { metric: 'tg', size: 32, mean: expect.closeTo(figures.get('tg32')?.mean ?? 0, 5) },
  ]);
  await later.evaluate(async () => {
    for (const { id } of (await globalThis.sill?.benchmarks.list()) ?? []) await globalThis.sill?.benchmarks.remove(id);
  });
  expect(await readAgain(JSON.stringify(rows))).toEqual({ added: 1, replaced: 0, kept: 0, leftOut: 0 });
  expect(await results(later)).toEqual([result]);

  // Hidden, it says nothing of the model.
  await later.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const hidden = await run(later);
  expect(hidden).toMatchObject({ hidden: true });
  await later.evaluate(() => {
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await open(later, 'Benchmarks');
  const shown = later.getByRole('table', { name: 'Results of benchmarks' });
  await shown.getByRole('button', { name: `Show result ${hidden?.number}` }).click();
  await expect(later.getByRole('article', { name: `Result ${hidden?.number}` })).toContainText('The page was hidden meanwhile');
  await expect(shown.getByText('not comparable').first()).toBeVisible();

  // llama-bench's own results stand beside those of this app, and a damaged file changes nothing.
  const drop = later.locator('sill-results-files input[type=file]');
  const row = {
    ...{ build_commit: '1de7be90', backends: 'CPU', model_filename: 'stories15M-q8_0.gguf', model_type: 'llama Q8_0', n_threads: 2 },
    ...{ n_prompt: 128, n_gen: 0, n_depth: 0, test_time: '2025-05-20T10:00:00Z', avg_ts: 1200, stddev_ts: 9, samples_ts: [1191, 1209] },
  };
  await drop.setInputFiles({ name: 'llama.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([row])) });
  await expect(later.getByText('1 result was added.')).toBeVisible();
  await expect(shown.getByRole('row', { name: /stories15M-q8_0.gguf/ })).toContainText('1,200 tokens/s');
  await drop.setInputFiles({ name: 'cut.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([row]).slice(0, 60)) });
  await expect(later.locator('sill-results-files').getByRole('alert')).toContainText('cut off or damaged');
  expect(await results(later)).toHaveLength(3);
});

test('a run that is asked for in one tab and computes in another says so when that one is hidden', async ({ page, context, site }) => {
  const look = (state: 'hidden' | 'visible') =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await page.waitForFunction(async () => (await globalThis.sill?.engine.place())?.here === true);
  const other = await context.newPage();
  await other.goto(`${site.url}#/models`);
  await other.waitForFunction(async () => (await globalThis.sill?.engine.place())?.here === false);
  expect(await run(other)).toMatchObject({ hidden: false, visibilityChanges: 0 });
  await look('hidden');
  expect(await run(other)).toMatchObject({ hidden: true, visibilityChanges: 0 });
  await look('visible');
  await open(other, 'Benchmarks');
  await other.getByRole('button', { name: 'Show result 2' }).click();
  await expect(other.getByRole('article', { name: 'Result 2' })).toContainText('or the one in which models compute (Device tells which)');
  expect(await run(other)).toMatchObject({ hidden: false });
});

test('a person measures in the view, looks elsewhere meanwhile, compares, removes and takes back', async ({ page }) => {
  await open(page, 'Benchmarks');
  await expect(page.getByText('Nothing was measured yet.')).toBeVisible();
  await expectAccessible(page, 'Benchmarks, empty');
  await page.getByRole('radio', { name: 'Custom' }).check();
  for (const [label, value] of [
    ['Tokens of the prompt', '16'],
    ['Tokens to write', '4'],
    ['Repetitions', '2'],
  ] as const) {
    await page.getByRole('spinbutton', { name: label }).fill(value);
  }
  await page.getByRole('button', { name: 'Run benchmark' }).click();
  await open(page, 'Models');
  await open(page, 'Benchmarks');
  const outcome = page.locator('sill-benchmark-run').getByRole('article', { name: 'Result 1: Stories 15M' });
  await expect(outcome.getByRole('row', { name: /pp16/ })).toContainText(
    'Prompt evaluation alone, without tokenisation, sampling or anything from the cache.',
  );
  await expect(outcome.getByRole('row', { name: /tg4/ })).toContainText('tokens/s');
  await page.getByRole('button', { name: 'Run benchmark' }).click();
  const table = page.getByRole('table', { name: 'Results of benchmarks' });
  await expect(table.getByRole('row')).toHaveCount(1 + 2);

  for (const number of [1, 2]) await table.getByRole('checkbox', { name: `Compare result ${number}` }).check();
  await expect(page.getByRole('heading', { name: 'Result 1 against result 2' })).toBeVisible();
  // What is said is what these two results give.
  const [second, first] = await results(page);
  const [before, after] = [first, second].map((of) => of?.figures.find(({ metric }) => metric === 'pp'));
  const difference = before && after && differenceOf(before, after);
  const verdict = !difference?.significant ? 'no significant difference' : difference.ratio > 1 ? 'faster' : 'slower';
  await expect(page.getByRole('list', { name: 'Differences' }).getByRole('listitem').filter({ hasText: 'pp16' })).toContainText(verdict);
  await table.getByRole('button', { name: 'Show result 1' }).click();
  await expectAccessible(page, 'Benchmarks, compared');
  // A link leads to the same comparison.
  expect(page.url()).toMatch(/#\/benchmarks\?.*first=.*second=/);

  await table.getByRole('button', { name: 'Remove result 1' }).click();
  await expect(table.getByRole('row')).toHaveCount(1 + 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(table.getByRole('button', { name: 'Show result 1' })).toBeVisible();
  // All that are shown at once, and back.
  const all = await results(page);
  await page.getByRole('button', { name: 'Remove these 2 results' }).click();
  await expect(page.getByText('Nothing was measured yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(table.getByRole('row')).toHaveCount(1 + 2);
  expect(await results(page)).toEqual(all);
  await page.getByRole('textbox', { name: 'Filter' }).fill('no such model');
  await expect(page.getByText('0 results')).toBeVisible();
});

test('a soak gives way to whoever asks the model and can be stopped; what was measured is kept when the model is removed, or the browser killed', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser();
  const page = await openApp(context, site);
  await beginLong(page, { preset: 'soak' });
  expect(textOf(await complete(page, { max_tokens: 4 }))).not.toBe('');
  const refusal = await refusalOf(page, (sill) => sill.benchmarks.run({ model: 'stories15m' }));
  expect(refusal).toMatchObject({ code: 'busy', message: expect.stringContaining('Another benchmark is running') });
  expect((await results(page))[0]?.state).toBe('running');
  await page.evaluate(() => Reflect.get(globalThis, 'long').abort.abort());
  expect(await longEnded(page)).toMatch(/^aborted/);
  // Whoever gives up waits for nothing: it is stored a moment later.
  await expect.poll(async () => (await results(page))[0]?.state).toBe('stopped');
  const [stopped] = await results(page);
  expect(stopped).toMatchObject({ preset: 'soak' });
  expect(stopped?.figures.length).toBeGreaterThan(2);

  await beginLong(page);
  await context.close();
  const later = await openApp(await openBrowser(), site);
  const [interrupted] = await results(later);
  expect(interrupted).toMatchObject({ state: 'interrupted' });
  expect(interrupted?.figures.map(({ metric }) => metric)).toContain('load-cold');
  await open(later, 'Benchmarks');
  await expect(later.getByRole('table', { name: 'Results of benchmarks' }).getByText('interrupted')).toBeVisible();
  // The next one begins all the same.
  await beginLong(later);
  await later.evaluate(() => globalThis.sill?.models.remove('stories15m'));
  expect(await longEnded(later)).toMatch(/^model_not_installed: .*removed/);
  const [failed] = await results(later);
  expect(failed).toMatchObject({ state: 'failed', number: 3, error: { code: 'model_not_installed' } });
  expect(failed?.figures.length).toBeGreaterThan(0);
});

test('a run on a device without room comes to its end, shows its result, and says that it is only here', async ({ openBrowser, site }) => {
  const page = await openWithRoom(openBrowser, site, -10_000_000);
  await open(page, 'Benchmarks');
  await page.getByRole('radio', { name: 'Custom' }).check();
  for (const [label, value] of Object.entries({ 'Tokens of the prompt': '16', 'Tokens to write': '4', Repetitions: '1' }))
    await page.getByRole('spinbutton', { name: label }).fill(value);
  await page.getByRole('button', { name: 'Run benchmark' }).click();
  const outcome = page.locator('sill-benchmark-run');
  await expect(outcome).toContainText('This result is only here, until the page is closed: it could not be stored.');
  await expect(outcome.getByRole('article').getByRole('row', { name: /tg4/ })).toContainText('tokens/s');
  await expectAccessible(page, 'Benchmarks, not stored', ONCE);
  expect(await results(page)).toEqual([]);
});

test.describe('models of other tasks', () => {
  test.use({ installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'] });

  test('are measured by what they are for: texts a second, and the real-time factor of speech', async ({ page }) => {
    const embedding = await run(page, { model: 'all-minilm-l6-v2', custom: { texts: 4, repetitions: 2, warmups: 0 } });
    expect(embedding?.figures).toMatchObject([{ metric: 'load-cold' }, { metric: 'embed', size: 4, count: 2 }]);
    const speech = await run(page, { model: 'whisper-tiny', custom: { repetitions: 1, warmups: 0 } });
    expect(speech?.figures).toMatchObject([{ metric: 'load-cold' }, { metric: 'rtf', count: 1 }]);
    expect(speech?.figures[1]?.mean).toBeGreaterThan(0);

    // A link leads to its model, whatever somebody has chosen since.
    await open(page, 'Benchmarks');
    const picker = page.locator('sill-benchmark-form').getByRole('combobox', { name: 'Model' });
    await picker.selectOption('Whisper Tiny');
    await expect(picker).toHaveValue('whisper-tiny');
    await page.evaluate(() => {
      location.hash = '#/benchmarks?model=all-minilm-l6-v2';
    });
    await expect(picker).toHaveValue('all-minilm-l6-v2');
  });
});
