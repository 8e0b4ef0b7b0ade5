import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { figureName } from '../src/core/benchmark/result.ts';
import type { BenchmarkResult } from '../src/protocol/benchmarks.ts';
import { expectAccessible, ONCE } from './support/accessible.ts';
import { results } from './support/benchmarks.ts';
import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m'] });

const GUIDE = readFileSync(resolve(import.meta.dirname, '../docs/benchmark.md'), 'utf8');
/** What the guide has people write, by its language. */
const blocks = (language: string): string[] =>
  [...GUIDE.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].flatMap(([, of, text = '']) => (of === language ? [text.trim()] : []));

test('a run that needs no hand is begun by the address, and leaves its result, or why there is none, where a device lab reads it', async ({
  context,
  site,
}) => {
  const page = context.pages()[0] ?? (await context.newPage());
  for (const [query, code, why] of [
    ['bench=fast&model=stories15m', 'invalid_request', /bench is one of quick, standard, sweep, soak, custom/],
    ['bench=quick', 'invalid_request', /model names an installed model/],
    ['bench=quick&model=stories15m&repetition=1', 'invalid_request', /repetition is none of its parameters/],
    ['bench=quick&model=whisper-tiny', 'model_not_installed', /whisper-tiny/],
  ] as const) {
    await page.goto(`${site.url}?${query}`);
    await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'failed');
    const told = await page.evaluate(() => globalThis.sillBenchmark);
    expect(told?.error?.code).toBe(code);
    expect(told?.error?.message).toMatch(why);
  }
  // Whoever stands before the device is told as well.
  await page.goto(`${site.url}?bench=fast&model=stories15m`);
  await expect(page.getByRole('alert')).toContainText('bench is one of quick, standard, sweep, soak, custom');
  await expectAccessible(page, 'Benchmarks, by an address that asks for none', ONCE);
  const download = page.waitForEvent('download');
  await page.goto(
    `${site.url}?bench=custom&model=stories15m&label=lab-7&download=json&promptTokens=16&generatedTokens=4&repetitions=1&warmups=0`,
  );
  await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'done');
  const told = await page.evaluate(() => globalThis.sillBenchmark);
  expect(told?.result).toMatchObject({ state: 'complete', label: 'lab-7', repetitions: 1 });
  expect(JSON.parse((await page.locator('#sill-benchmark').textContent()) ?? '')).toEqual(told);
  const rows: unknown = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  expect(rows).toMatchObject([{ n_prompt: 16, sill: told?.result }, { n_gen: 4 }]);
  await expect(page.getByRole('heading', { name: 'Benchmarks', level: 1 })).toBeVisible();
  // It was asked for once: a reload shows the result, and measures nothing.
  await page.reload();
  await expect(page.getByRole('article', { name: `Result ${told?.result?.number}` })).toContainText('lab-7');
  await expect(page.locator('html')).not.toHaveAttribute('data-sill-benchmark');
  expect(await results(page)).toHaveLength(1);
});

test('an address that measures asks the person of a device that is in use; what an operator gives and cannot be installed is not waited for', async ({
  context,
  site,
}) => {
  // As in a browser that no program drives.
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false }));
  const page = context.pages()[0] ?? (await context.newPage());
  const state = (name: string) => expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', name);
  const address = `${site.url}?bench=custom&model=stories15m&promptTokens=16&generatedTokens=4&repetitions=1&warmups=0`;
  await page.goto(address);
  await state('asking');
  await expect(page.getByRole('region', { name: 'Measure this device?' })).toContainText('“Custom” of Stories 15M');
  await expectAccessible(page, 'Benchmarks, asked by an address', ONCE);
  await page.getByRole('button', { name: 'Not now' }).click();
  await state('failed');
  expect(await results(page)).toEqual([]);
  // Nor does it ask again.
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Benchmarks', level: 1 })).toBeVisible();
  await expect(page.locator('html')).not.toHaveAttribute('data-sill-benchmark');
  await page.goto(address);
  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  await state('done');
  expect(await results(page)).toHaveLength(1);

  site.answer(({ path }) =>
    path === 'sill.policy.json' ? { body: JSON.stringify({ schema: 1, devices: { install: ['no-such-model'] } }) } : undefined,
  );
  await page.goto(`${site.url}#/models`);
  await page.reload();
  await expect
    .poll(() => page.evaluate(async () => (await globalThis.sill?.operator())?.install), { timeout: 60_000 })
    .toEqual(['no-such-model']);
  await page.goto(`${site.url}?bench=quick&model=no-such-model`);
  await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'failed', { timeout: 60_000 });
  expect(await page.evaluate(() => globalThis.sillBenchmark?.error?.code)).toBe('unknown_model');
  await expect(page.getByRole('alert')).toContainText('There is no such model');
});

test('a locked device is not measured by an address, says so, and asks no more', async ({ context, site }) => {
  const page = context.pages()[0] ?? (await context.newPage());
  site.answer(({ path }) => (path === 'sill.policy.json' ? { body: JSON.stringify({ schema: 1, kiosk: true }) } : undefined));
  await page.goto(site.url);
  await expect.poll(() => page.evaluate(async () => (await globalThis.sill?.kiosk.status())?.locked), { timeout: 60_000 }).toBe(true);
  await page.goto(`${site.url}?bench=quick&model=stories15m`);
  await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'failed', { timeout: 60_000 });
  expect(await page.evaluate(() => globalThis.sillBenchmark?.error?.code)).toBe('forbidden');
  await expect(page.getByText('This device is locked. This is for its staff.')).toBeVisible();
  expect(page.url()).not.toContain('bench=');
  expect(await results(page)).toEqual([]);
});

test('the presets come to their ends: as the guide has it from a script, and a sweep and a soak by the address', async ({ page, site }) => {
  const script = blocks('js').find((block) => block.includes("preset: 'standard'")) ?? '';
  expect(script).toContain('sill.benchmarks.remove(result.id)');
  const quick = script.replace("preset: 'standard',", "preset: 'standard', custom: { repetitions: 1, warmups: 0, warmLoads: 0 },");
  const kept = 'const standard = result; const rows = await (await sill.benchmarks.export()).text(); const file = new Blob([rows]);';
  // Its lines follow each other as they stand there; what a file holds is what was exported.
  const standard: BenchmarkResult = await page.evaluate(
    `(async () => { ${quick.replace('await sill.benchmarks.list();', `${kept} await sill.benchmarks.list();`)}\nreturn standard; })()`,
  );
  expect(standard).toMatchObject({ state: 'complete', preset: 'standard', label: 'lab-7', repetitions: 1 });
  expect(standard.figures.map(figureName)).toEqual(['load-cold', 'pp256', 'tg128', 'ttft128', 'itl128']);
  expect(await results(page)).toEqual([]);

  const address = new URL(blocks('')[0] ?? '');
  address.searchParams.set('bench', 'sweep');
  await page.goto(`${site.url}${address.search}&repetitions=1&warmups=0&warmLoads=0`);
  await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'done');
  const depths = ['pp64', 'tg32', 'pp64@d64', 'tg32@d64', 'pp64@d128', 'tg32@d128', 'pp64@d192', 'tg32@d192'];
  expect((await results(page))[0]?.figures.map(figureName)).toEqual(['load-cold', ...depths]);
  const swept = page.locator('sill-benchmark-run').getByRole('article');
  await expect(swept.getByRole('row', { name: /tg32 @ d192/ })).toContainText('tokens/s');
  await expect(page.locator('sill-results-chart').getByRole('combobox', { name: 'Figure' })).toContainText('pp64 @ d128');

  await page.goto(`${site.url}?bench=soak&model=stories15m&seconds=3&warmups=0`);
  await expect(page.locator('html')).toHaveAttribute('data-sill-benchmark', 'done');
  const [soaked] = await results(page);
  expect(soaked).toMatchObject({ state: 'complete', preset: 'soak', memoryBytesPerMinute: expect.any(Number) });
  expect(soaked?.figures.map(figureName)).toEqual(expect.arrayContaining(['pp128', 'tg32', 'itl32']));
  await expect(page.locator('sill-benchmark-run').getByRole('article')).toContainText(/Growth of memory\s*[−+].* a minute/);
});

test.describe('as the guide has it', () => {
  test.use({ installed: [] });

  test('a device lab installs, measures and reads the result with the lines for Playwright', async ({ site, launchOptions }) => {
    const script = blocks('js').find((block) => block.includes("from 'playwright'")) ?? '';
    const [head = '', ...lines] = script.split('\n');
    expect(head).toBe("import { chromium } from 'playwright';");
    const folder = await mkdtemp(join(tmpdir(), 'sill-lab-'));
    const printed: unknown[] = [];
    // The lines themselves, in a folder and against a server of this test, by the browser that all tests run in.
    const browser = { launchPersistentContext: (name: string) => chromium.launchPersistentContext(join(folder, name), launchOptions) };
    const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
    const body = lines.join('\n').replaceAll('http://localhost:4173/', site.url);
    expect(body).toContain(site.url);
    await new AsyncFunction('chromium', 'console', body)(browser, { log: (...words: unknown[]) => printed.push(...words) });
    await rm(folder, { recursive: true });
    expect(printed).toMatchObject([{ state: 'done', result: { preset: 'quick', state: 'complete', label: 'lab-7', repetitions: 3 } }]);
  });
});
