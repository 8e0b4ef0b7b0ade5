import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import * as v from 'valibot';
import { freePort, openSite } from '../e2e/support/site.ts';
import { open } from '../e2e/support/views.ts';
import config from '../playwright.config.ts';
import { toLlamaBenchJson } from '../src/core/benchmark/llamaBench.ts';
import { summarise } from '../src/core/benchmark/statistics.ts';
import { resultOf } from '../src/core/benchmark/testing/results.ts';
import { LOG_CODES, logLine } from '../src/core/log.ts';
import { loadAverage } from './measure/machine.ts';
import { ViewReport } from './measure/viewReport.ts';

/**
 * How long what a person does in a view takes when it holds a lot, and how many frames a scroll drops: `npm run bench:views`. An interaction is timed by
 * the browser's own Event Timing, from the input to the next frame that shows its effect, and by its long tasks.
 */
const RESULTS = 5000;
const LOG_LINES = 10_000;

const VARIANTS = ['int8-wasm', 'q4-webgpu', 'q4f16-webgpu', 'fp32-wasm'];

function manyResults(count: number): string {
  const figure = (mean: number) => {
    const samples = [0.98, 1, 1.02, 1.01, 0.99].map((share) => mean * share);
    return { ...summarise(samples), samples };
  };
  const plain = resultOf();
  const results = Array.from({ length: count }, (_, i) => {
    const speed = 100 * ((i % 4) + 1) * (1 + 0.05 * Math.sin(i));
    return {
      ...plain,
      ...{ id: `result-${i}`, number: i + 1, startedAtMs: Date.UTC(2025, 0, 1) + i * 3_600_000 },
      model: { ...plain.model, variant: VARIANTS[i % 4] ?? '', name: `Model ${i % 7}` },
      figures: [
        { metric: 'pp' as const, size: 128, ...figure(speed * 4) },
        { metric: 'tg' as const, size: 32, ...figure(speed) },
        { metric: 'ttft' as const, size: 128, ...figure(40_000 / speed) },
        { metric: 'itl' as const, size: 32, ...figure(1000 / speed) },
      ],
    };
  });
  return toLlamaBenchJson(results.map((result) => v.parse(v.any(), result)));
}

/** Past the app, whose services note one line at a time. */
async function fillLog(page: Page): Promise<void> {
  const codes = LOG_CODES;
  const lines = Array.from({ length: LOG_LINES }, (_, i) =>
    logLine(
      { code: codes[i % codes.length] ?? 'installed', model: `model-${i % 7}`, details: { number: i } },
      Date.UTC(2026, 0, 1) + i * 60_000,
    ),
  );
  await page.evaluate(async (given) => {
    const opening = indexedDB.open('sill');
    await new Promise((done) => opening.addEventListener('success', done));
    const tx = opening.result.transaction('log', 'readwrite');
    for (const line of given) tx.objectStore('log').add(line);
    await new Promise((done) => tx.addEventListener('complete', done));
    opening.result.close();
  }, lines);
}

const profile = await mkdtemp(join(tmpdir(), 'sill-views-'));
const site = await openSite({ base: '/', headers: true, directory: resolve(import.meta.dirname, '../dist') }, await freePort());
const context = await chromium.launchPersistentContext(profile, { ...config.use?.launchOptions, viewport: { width: 1280, height: 800 } });
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  const imported = await page.evaluate(async (file) => {
    const startMs = performance.now();
    await globalThis.sill?.benchmarks.import(new Blob([file]));
    return performance.now() - startMs;
  }, manyResults(RESULTS));
  console.log(`${RESULTS} results, load average ${loadAverage()}; read from a file in ${Math.round(imported)} ms.\n`);
  const report = new ViewReport(page);
  await open(page, 'Models');
  const table = page.getByRole('table', { name: 'Results of benchmarks' });
  await report.interaction('open the view, until its results are there', async () => {
    await open(page, 'Benchmarks');
    await table.getByRole('row').nth(1).waitFor();
  });
  await report.interaction('open it again', async () => {
    await open(page, 'Models');
    await open(page, 'Benchmarks');
  });
  await report.interaction('type into the filter', () => page.getByRole('textbox', { name: 'Filter' }).pressSequentially('q4f16 3'));
  await report.interaction('clear the filter', () => page.getByRole('textbox', { name: 'Filter' }).fill(''));
  await report.interaction('comparable ones only', () => page.getByRole('checkbox', { name: 'Comparable ones only' }).click());
  await report.interaction('show a result', () => table.getByRole('button', { name: /^Show/ }).first().click());
  await report.interaction('choose two to compare', async () => {
    for (const index of [0, 1]) await table.getByRole('checkbox').nth(index).click();
  });
  await report.interaction('another figure in the chart', () => page.getByRole('combobox', { name: 'Figure' }).selectOption('pp128'));
  await report.interaction('the chart along versions', () => page.getByRole('combobox', { name: 'Along' }).selectOption('version'));
  await report.interaction('remove a result', () =>
    table
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click(),
  );

  await report.scroll('results', table);

  await fillLog(page);
  const log = page.getByRole('table', { name: 'What happened' });
  await report.interaction(`open the log, until its ${LOG_LINES} lines are there`, async () => {
    await open(page, 'Log');
    await log.getByRole('row').nth(1).waitFor();
  });
  await report.interaction('type into the search', () => page.getByRole('textbox', { name: 'Search' }).pressSequentially('model-3 9'));
  await report.interaction('clear the search', () => page.getByRole('textbox', { name: 'Search' }).fill(''));
  await report.interaction('warnings and errors only', () => page.getByRole('combobox', { name: 'Show' }).selectOption('warning'));
  await report.interaction('everything', () => page.getByRole('combobox', { name: 'Show' }).selectOption('debug'));
  await report.interaction('show a line', () => log.getByRole('button').nth(3).click());
  await report.interaction('come back to the log', async () => {
    await open(page, 'Models');
    await open(page, 'Log');
  });
  await report.scroll('lines of the log', log);
  await report.end();
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true });
}
