import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Locator, type Page } from '@playwright/test';
import * as v from 'valibot';
import { freePort, openSite } from '../e2e/support/site.ts';
import { open } from '../e2e/support/views.ts';
import config from '../playwright.config.ts';
import { toLlamaBenchJson } from '../src/core/benchmark/llamaBench.ts';
import { summarise } from '../src/core/benchmark/statistics.ts';
import { resultOf } from '../src/core/benchmark/testing/results.ts';
import { LOG_CODES, logLine } from '../src/core/log.ts';
import { droppedWhile, timed } from './measure/interactions.ts';
import { loadAverage } from './measure/machine.ts';

/**
 * How long what a person does in a view takes when it holds a lot, and how many frames a scroll drops: `npm run bench:views`. An interaction is timed by
 * the browser's own Event Timing, from the input to the next frame that shows its effect, and by its long tasks.
 */
const RESULTS = 5000;
const LOG_LINES = 10_000;
const BUDGET_MS = 200;
const BUDGET_DROPPED = 0.05;

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
let failed = false;
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  const imported = await page.evaluate(async (file) => {
    const startMs = performance.now();
    await globalThis.sill?.benchmarks.import(new Blob([file]));
    return performance.now() - startMs;
  }, manyResults(RESULTS));
  console.log(`${RESULTS} results, load average ${loadAverage()}; read from a file in ${Math.round(imported)} ms.\n`);
  const told = (what: string, value: string, isGood: boolean): void => {
    failed ||= !isGood;
    console.log(`${isGood ? 'ok  ' : 'MISS'} ${what.padEnd(44)} ${value}`);
  };
  const interaction = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const ms = await timed(page, act);
    told(what, ms === 0 ? 'below 16 ms' : `${ms} ms`, ms <= BUDGET_MS);
  };
  const scroll = async (what: string, long: Locator): Promise<void> => {
    await long.hover();
    // A machine that is busy with other things leaves out frames of a page that does nothing, too.
    const still = await droppedWhile(page, () => new Promise((done) => setTimeout(done, 3000)));
    const scrolled = await droppedWhile(page, async () => {
      for (let i = 0; i < 90; i++) await page.mouse.wheel(0, 200);
    });
    const share = ({ dropped, frames }: typeof still) => `${(dropped * 100).toFixed(1)} % of ${frames}`;
    told(
      `frames left out while scrolling ${what}`,
      `${share(scrolled)}, of the page at rest ${share(still)}`,
      scrolled.dropped - still.dropped < BUDGET_DROPPED,
    );
  };
  await open(page, 'Models');
  const table = page.getByRole('table', { name: 'Results of benchmarks' });
  await interaction('open the view, until its results are there', async () => {
    await open(page, 'Benchmarks');
    await table.getByRole('row').nth(1).waitFor();
  });
  await interaction('open it again', async () => {
    await open(page, 'Models');
    await open(page, 'Benchmarks');
  });
  await interaction('type into the filter', () => page.getByRole('textbox', { name: 'Filter' }).pressSequentially('q4f16 3'));
  await interaction('clear the filter', () => page.getByRole('textbox', { name: 'Filter' }).fill(''));
  await interaction('comparable ones only', () => page.getByRole('checkbox', { name: 'Comparable ones only' }).click());
  await interaction('show a result', () => table.getByRole('button', { name: /^Show/ }).first().click());
  await interaction('choose two to compare', async () => {
    for (const index of [0, 1]) await table.getByRole('checkbox').nth(index).click();
  });
  await interaction('another figure in the chart', () => page.getByRole('combobox', { name: 'Figure' }).selectOption('pp128'));
  await interaction('the chart along versions', () => page.getByRole('combobox', { name: 'Along' }).selectOption('version'));
  await interaction('remove a result', () =>
    table
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click(),
  );

  await scroll('results', table);

  await fillLog(page);
  const log = page.getByRole('table', { name: 'What happened' });
  await interaction(`open the log, until its ${LOG_LINES} lines are there`, async () => {
    await open(page, 'Log');
    await log.getByRole('row').nth(1).waitFor();
  });
  await interaction('type into the search', () => page.getByRole('textbox', { name: 'Search' }).pressSequentially('model-3 9'));
  await interaction('clear the search', () => page.getByRole('textbox', { name: 'Search' }).fill(''));
  await interaction('warnings and errors only', () => page.getByRole('combobox', { name: 'Show' }).selectOption('warning'));
  await interaction('everything', () => page.getByRole('combobox', { name: 'Show' }).selectOption('debug'));
  await interaction('show a line', () => log.getByRole('button').nth(3).click());
  await interaction('come back to the log', async () => {
    await open(page, 'Models');
    await open(page, 'Log');
  });
  await scroll('lines of the log', log);
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;
