/** What one more token costs on a GPU behind a cache of some length: with the cache in place, and copied at each step. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { TINYLLAMA_SHAPE } from './gigabyte/shape.ts';
import { GPU_FLAGS, waitForGpu } from './measure/gpu.ts';
import { describeMachine } from './measure/machine.ts';
import { spreadOf } from './measure/ratios.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, withBrowser, withFolder } from './rounds.ts';
import type { Measured, StepSetup } from './steps/messages.ts';
import { serveStock } from './stock/server.ts';

const SMALL_SHAPE = { ...TINYLLAMA_SHAPE, dim: 256, hidden: 512, layers: 2, heads: 8, kvHeads: 2, vocab: 1000, context: 512 };

const MeasuredSchema: v.GenericSchema<unknown, Measured> = v.object({
  steps: v.array(v.object({ way: v.string(), cached: v.number(), stepMs: v.array(v.number()) })),
  prefillMs: v.record(v.string(), v.array(v.number())),
  loadMs: v.number(),
  agrees: v.boolean(),
});

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    layers: { type: 'string', default: String(TINYLLAMA_SHAPE.layers) },
    lengths: { type: 'string', default: '16,512,1024,2000' },
    /** A page that was built elsewhere. */
    page: { type: 'string' },
    /** A small model on whatever GPU there is, in software too: whether it runs at all, not how fast. */
    emulated: { type: 'boolean', default: false },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});

const folder = options.page ?? '.cache/bench/steps';
if (options.page === undefined) await buildPage(folder);
const server = serveStock(folder);
try {
  const url = await server.listen();
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const setup: StepSetup = {
    shape: options.emulated ? SMALL_SHAPE : { ...TINYLLAMA_SHAPE, layers: Number(options.layers) },
    lengths: options.lengths.split(',').map(Number),
    runs: Number(options.runs),
  };
  const measured = await withFolder((profile) =>
    withBrowser(
      join(profile, 'steps'),
      async (browser) => {
        const page = await browser.open(url);
        if (!options.emulated) await waitForGpu(page);
        return page.run(
          MeasuredSchema,
          async (wanted: StepSetup) => {
            if (!globalThis.steps) throw new Error('globalThis.steps is missing');
            return globalThis.steps.measure(wanted);
          },
          setup,
        );
      },
      options.emulated ? ['--enable-unsafe-webgpu'] : GPU_FLAGS,
    ),
  );
  const ways = Object.keys(measured.prefillMs);
  const median = (way: string, cached: number) =>
    spreadOf(measured.steps.filter((each) => each.way === way && each.cached === cached).flatMap(({ stepMs }) => stepMs)).median;
  console.log(`${setup.shape.layers} layers, ms a step by tokens in the cache; loaded in ${measured.loadMs.toFixed(0)} ms`);
  for (const way of ways)
    console.log(
      `${way.padEnd(9)} ${setup.lengths.map((cached) => `${cached}: ${median(way, cached).toFixed(2)}`).join('  ')}  512 tokens read: ${spreadOf(measured.prefillMs[way] ?? []).median.toFixed(1)} ms`,
    );
  console.log(measured.agrees ? 'Both say the same.' : 'They do not say the same.');
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true });
    const result = { date: new Date().toISOString(), machine, note: options.note, setup, measured };
    await writeFile(options.json, `${JSON.stringify(result, undefined, 1)}\n`);
  }
} finally {
  await server.close();
}

async function buildPage(into: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: join(import.meta.dirname, 'steps'),
    base: './',
    logLevel: 'warn',
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'] },
    worker: { format: 'es' },
    build: { outDir: resolve(into), target: 'es2023', emptyOutDir: true, chunkSizeWarningLimit: 2000, assetsInlineLimit: 0 },
  });
}
