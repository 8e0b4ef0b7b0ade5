/** How fast a model comes onto the device, verified and stored, beside a bare `fetch` of the same file into an ArrayBuffer. */
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { build } from 'vite';
import { freePort, openSite } from '../e2e/support/site.ts';
import type { DownloadJob } from '../src/ports/delivery.ts';
import { sha256 } from '../tools/digests.ts';
import { createServer } from '../tools/serve/server.ts';
import { Browser, type Page } from './measure/browser.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { ratioOf, spreadOf } from './measure/ratios.ts';
import { machineLines } from './report.ts';

const FOLDER = '.cache/bench/throughput';
const MIB = 2 ** 20;
const TARGET = 0.9;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    /** MiB. */
    size: { type: 'string', default: '128' },
    /** Megabits per second; 0 is the loopback as it is. */
    lines: { type: 'string', default: '0,1000,250' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
const sizeBytes = Number(options.size) * MIB;

const file = Buffer.alloc(sizeBytes);
for (let offset = 0; offset < sizeBytes; offset += MIB) randomFillSync(file, offset, Math.min(MIB, sizeBytes - offset));
const chunks = Array.from({ length: Math.ceil(sizeBytes / MIB) }, (_, n) => {
  const bytes = file.subarray(n * MIB, (n + 1) * MIB);
  return { digest: sha256(bytes), sizeBytes: bytes.length };
});

console.log('Building the page …');
await rm(FOLDER, { recursive: true, force: true });
await build({
  configFile: false,
  root: join(import.meta.dirname, 'throughput'),
  base: './',
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { outDir: resolve(FOLDER), target: 'es2023', modulePreload: { polyfill: false }, emptyOutDir: true },
});
await mkdir(join(FOLDER, 'models'));
await writeFile(join(FOLDER, 'models/weights.bin'), file);

const settings = { base: '/', headers: true, directory: resolve(FOLDER) };
/** The start server itself for the loopback; behind a proxy that holds it to a line's speed for the rest. */
const server = createServer(settings);
const site = await openSite(settings, await freePort());
const profile = await mkdtemp(join(tmpdir(), 'sill-throughput-'));
const browser = Browser.launch(profile);
try {
  const machine = describeMachine(await browser.version());
  console.log(machineLines(machine));
  const direct = await server.listen(0);
  const lines = [];
  for (const megabits of options.lines.split(',').map(Number)) {
    const url = megabits > 0 ? site.url : direct;
    if (megabits > 0) site.slowModels((megabits * 1e6) / 8);
    console.log(megabits > 0 ? `A line of ${megabits} Mbit/s` : 'The loopback as it is');
    lines.push({ megabits, ...(await measure(await browser.open(url), `${url}models/weights.bin`)) });
  }
  const date = new Date().toISOString();
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify({ date, machine, note: options.note, sizeBytes, runs, lines }, undefined, 1)}\n`);
  }
} finally {
  await browser.close();
  await server.close();
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(page: Page, url: string) {
  const job: DownloadJob = { files: [{ url, chunks }] };
  const fetched = () => page.run(v.number(), (it: string) => globalThis.throughput.fetched(it), url);
  const installed = () => page.run(v.number(), (it: DownloadJob) => globalThis.throughput.installed(it), job);
  // The first of each opens connections, the database, the worker.
  await fetched();
  await installed();
  const loads: number[] = [];
  const pairs: Array<readonly [installMs: number, fetchMs: number]> = [];
  for (let run = 0; run < runs; run++) {
    loads.push(loadAverage());
    // In turns, and who begins changes: what slows the machine for a while slows both.
    if (run % 2 === 0) {
      const fetchMs = await fetched();
      pairs.push([await installed(), fetchMs]);
    } else {
      const installMs = await installed();
      pairs.push([installMs, await fetched()]);
    }
  }
  const speed = (ms: number) => sizeBytes / MIB / (ms / 1000);
  const ratio = ratioOf(pairs.map(([installMs, fetchMs]) => [speed(installMs), speed(fetchMs)] as const));
  const install = spreadOf(pairs.map(([ms]) => speed(ms)));
  const fetch = spreadOf(pairs.map(([, ms]) => speed(ms)));
  const of = ({ median, min, max }: typeof install) => `${median.toFixed(1)} (${min.toFixed(1)} .. ${max.toFixed(1)}) MiB/s`;
  const [low, high] = ratio.interval95;
  console.log(
    `install ${of(install)}, fetch ${of(fetch)}, ratio ${ratio.median.toFixed(2)} [${low.toFixed(2)} .. ${high.toFixed(2)}], ` +
      `${ratio.median >= TARGET ? 'met' : 'MISSED'} ${TARGET}, load average ${Math.min(...loads)} .. ${Math.max(...loads)}`,
  );
  return { ratio, install, fetch, pairs, loads };
}
