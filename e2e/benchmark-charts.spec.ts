import type { Page } from '@playwright/test';
import { toLlamaBenchJson } from '../src/core/benchmark/llamaBench.ts';
import type { BenchmarkResult } from '../src/core/benchmark/result.ts';
import { resultOf } from '../src/core/benchmark/testing/results.ts';
import { type EvaluationRun, RUN_SCHEMA } from '../src/core/evaluationRun.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

/** As another device of a lab would bring them: two models, one of them in two variants and under two versions of the app. */
const stories = { ...resultOf().model, id: 'stories15m', name: 'Stories 15M' };
const large = { ...stories, id: 'large', name: 'Large', revision: `sha256:${'2'.repeat(64)}` };
const OVER = 'the first 2,000 tokens of a story';
const score = (value: number) => ({ reference: { metric: 'nll', value, text: OVER } });
const measured = (day: number, model: BenchmarkResult['model'], samples: readonly [number, number, number], version = '0.1.0') => {
  const [low, mean, high] = samples;
  return resultOf({
    ...{ id: `lab-${day}`, number: day, startedAtMs: Date.UTC(2026, 9, day, 12), model },
    versions: { sill: version, onnxruntime: '1.31.0' },
    figures: [{ metric: 'tg', size: 32, count: 3, mean, sd: high - mean, min: low, max: high, samples: [...samples] }],
  });
};
const RESULTS = [
  measured(1, { ...stories, ...score(1.16) }, [290, 300, 310]),
  measured(2, { ...large, ...score(2.9) }, [19, 20, 21]),
  measured(3, { ...stories, variant: 'q4-webgpu', ...score(1.15) }, [48, 50, 52]),
  measured(4, { ...stories, ...score(1.16) }, [390, 400, 410], '0.2.0'),
  measured(5, { ...large, ...score(2.9) }, [20, 21, 22], '0.2.0'),
  measured(6, { ...stories, ...score(1.16) }, [392, 402, 412], '0.2.0'),
];
/** One bit a byte for each 0.69 of nll, over a text of forty tokens in forty bytes. */
const ran = (number: number, model: BenchmarkResult['model'], nll: number): EvaluationRun => ({
  ...{ schema: RUN_SCHEMA, id: `run-${number}`, number, state: 'complete', startedAtMs: Date.UTC(2026, 9, 9), tookMs: 1000 },
  suite: { id: 'own text', digest: `sha256:${'3'.repeat(64)}`, cases: 1 },
  model: { id: model.id, name: model.name, revision: model.revision ?? '', variant: model.variant, dtype: 'int8' },
  ...{ place: resultOf().place, versions: { sill: '0.2.0', onnxruntime: '1.31.0' } },
  ...{ verdicts: [{ id: 'text', pass: true, score: 1 }], texts: { nll, tokens: 40, bytes: 40 } },
});
const RUNS = [ran(1, stories, Math.LN2), ran(2, large, 2 * Math.LN2)];

const importResults = (page: Page, results: readonly BenchmarkResult[]): Promise<unknown> =>
  page.evaluate((file) => globalThis.sill?.benchmarks.import(new Blob([file])), toLlamaBenchJson(results));

test('charts keep models, variants and texts apart, and are read by pointer and keyboard; what is missing is said', async ({ page }) => {
  const bare = RESULTS.map((result) => {
    const { reference, ...model } = result.model;
    return { ...result, model };
  });
  await importResults(page, bare);
  await open(page, 'Benchmarks');
  const chart = page.locator('sill-results-chart');
  const plot = page.locator('sill-quality-plot');
  const rows = (of: typeof chart): Promise<string[]> => of.locator('tbody tr').allInnerTexts();

  // Without a score of any kind it says which, and how to come by one.
  await expect(plot).toContainText('Speeds are known, but no score');
  await expect(plot).toContainText('"bits-per-byte"');
  await importResults(page, RESULTS);

  await test.step('one model is drawn, each variant in a line of its own', async () => {
    await expect(chart.getByRole('combobox', { name: 'Model' })).toHaveValue('stories15m');
    await expect(chart.locator('tbody tr')).toHaveCount(2);
    expect((await rows(chart)).map((row) => row.split(/\s*\t\s*/))).toEqual([
      [expect.stringContaining('int8-wasm'), '3', '300 tokens/s ± 10', '402 tokens/s ± 10'],
      [expect.stringContaining('q4-webgpu'), '1', '50 tokens/s ± 2', '50 tokens/s ± 2'],
    ]);
    await chart.getByRole('combobox', { name: 'Model' }).selectOption('All models');
    await expect(chart.locator('tbody tr')).toHaveCount(3);
    await expect(chart.getByRole('img')).toHaveAccessibleName('tg32 of 6 results in 3 lines');
    await expect(chart.getByRole('row', { name: /Large int8-wasm/ })).toContainText('21 tokens/s ± 1');
    // What the filter of the table leaves is what is drawn.
    await page.getByRole('textbox', { name: 'Filter' }).fill('large');
    await expect(chart.locator('tbody tr')).toHaveCount(1);
    await page.getByRole('textbox', { name: 'Filter' }).fill('');
  });

  await test.step('each point tells its value, date and result, by arrow keys and by a pointer', async () => {
    const slider = chart.getByRole('slider', { name: 'Point to read' });
    await slider.focus();
    await page.keyboard.press('Home');
    await expect(slider).toHaveAttribute(
      'aria-valuetext',
      /^1 of 6: Stories 15M int8-wasm: 300 tokens\/s ± 10, Oct 1, 2026, .* result 1\.$/,
    );
    await page.keyboard.press('ArrowRight');
    await expect(slider).toHaveAttribute('aria-valuetext', /^2 of 6: Large int8-wasm: 20 tokens\/s ± 1, Oct 2, 2026/);
    await page.keyboard.press('End');
    await expect(chart).toContainText('402 tokens/s ± 10, Oct 6, 2026');
    const canvas = chart.locator('.u-over');
    const box = await canvas.boundingBox();
    // Six places side by side: the third, at 50 of some 450 tokens/s.
    await canvas.hover({ position: { x: ((box?.width ?? 0) * 2.5) / 6, y: (box?.height ?? 0) * 0.88 } });
    await expect(slider).toHaveAttribute('aria-valuetext', /^3 of 6: Stories 15M q4-webgpu/);
    await chart.getByRole('button', { name: 'Show this result' }).click();
    await expect(page.getByRole('article', { name: 'Result 3' })).toBeVisible();
  });

  await test.step('versions are places on the axis, and their results one point of all repetitions', async () => {
    await chart.getByRole('combobox', { name: 'Along' }).selectOption('Versions');
    await chart.getByRole('combobox', { name: 'Model' }).selectOption('Stories 15M');
    await expect(chart).toContainText('int8-wasm, Sill 0.2.0, ONNX Runtime 1.31.0: 401 tokens/s ± 9.01, of 2 results.');
    expect(page.url()).toMatch(/along=version/);
  });

  await test.step('the plot has one text and, of scores by token, one model on its axis; an own suite holds models against each other', async () => {
    const quality = plot.getByRole('combobox', { name: 'Quality by' });
    await expect(quality.locator('option')).toHaveText(["Stories 15M: nll, publisher's", "Large: nll, publisher's"]);
    await expect(plot.locator('tbody tr')).toHaveText([/int8-wasm.*402 tokens\/s.*1\.16/s, /q4-webgpu.*50 tokens\/s.*1\.15/s]);
    await expect(plot).toContainText(`The publisher states it, over: ${OVER}`);
    await page.evaluate(
      (file) => globalThis.sill?.evaluations.import(new Blob([file])),
      JSON.stringify({ format: 'sill-evaluations', version: 1, runs: RUNS.map((run) => ({ run, cases: [] })) }),
    );
    await quality.selectOption('bits-per-byte, suite “own text”');
    await expect(plot.locator('tbody tr')).toHaveText([
      /Stories 15M int8-wasm.*402 tokens\/s.*\s1\s*$/s,
      /Large int8-wasm.*21 tokens\/s.*\s2\s*$/s,
    ]);
    await expect(plot).toContainText('Without this score: q4-webgpu.');
    await plot.getByRole('slider', { name: 'Point to read' }).focus();
    await page.keyboard.press('Home');
    await expect(plot).toContainText('Large int8-wasm: 21 tokens/s ± 1, bits-per-byte 2.');
  });
  await expectAccessible(page, 'Benchmarks, charts');
  // A link leads to what was chosen.
  await page.reload();
  await expect(plot.getByRole('combobox', { name: 'Quality by' })).toHaveValue(/bits-per-byte/);
  await expect(chart.getByRole('combobox', { name: 'Along' })).toHaveValue('version');
});
