/** How fast a GGUF file becomes what runs here, and what that takes of the device: in Node, and in the page. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as v from 'valibot';
import { freePort, openSite } from '../e2e/support/site.ts';
import { sourceFolder } from '../tools/models/fetchSources.ts';
import { SOURCES } from '../tools/models/sources.ts';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { watchMemory } from './measure/memory.ts';
import { type Spread, spreadOf } from './measure/ratios.ts';
import { sillPeer } from './peers/sill.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, withBrowser, withFolder } from './rounds.ts';

const run = promisify(execFile);
const MB = 1e6;
const MIB = 2 ** 20;
const TINYLLAMA = 'tinyllama';
const CONVERTER = 'bench/forge/convert.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    /** `tinyllama`: also its 322 MB, which take minutes each. */
    with: { type: 'string' },
    ways: { type: 'string', default: 'node,page' },
    app: { type: 'string', default: 'dist' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of conversions, at least 1');
const ways = options.ways.split(',');
if (!ways.every((way) => ['node', 'page'].includes(way))) throw new Error('--ways takes node and page');
if (options.with !== undefined && options.with !== TINYLLAMA) throw new Error(`--with takes ${TINYLLAMA}`);

const ConversionSchema = v.object({
  /** All of it, the checks of the result included where the page makes them. */
  ms: v.number(),
  /** Of that, the making of the form that runs. */
  makingMs: v.optional(v.number()),
  /** Of the processor, all cores together: what else runs does not change it much. */
  cpuMs: v.optional(v.number()),
  idleBytes: v.number(),
  peakBytes: v.number(),
});
type Conversion = v.InferOutput<typeof ConversionSchema>;

interface Result {
  readonly file: string;
  readonly fileBytes: number;
  readonly way: string;
  readonly form: string;
  readonly megabytesPerSecond: Spread;
  readonly seconds: Spread;
  readonly peakMebibytes: Spread;
  /** Seconds of one core, where that is known. */
  readonly coreSeconds?: Spread;
  readonly conversions: readonly Conversion[];
}

const machine = describeMachine(await chromiumVersion());
console.log(machineLines(machine));
const results: Result[] = [];
await withFolder(async (folder) => {
  for (const file of await filesIn(folder)) {
    const bytes = (await stat(file)).size;
    if (ways.includes('node')) {
      for (const form of ['int8', 'q4']) await measure(file, bytes, 'node', form, () => inNode(file, form, join(folder, 'model')));
    }
    if (ways.includes('page')) await measure(file, bytes, 'page', 'int8', (round) => inPage(file, join(folder, `profile-${round}`)));
  }
});
if (options.json !== undefined) {
  await mkdir(dirname(options.json), { recursive: true });
  const about = { date: new Date().toISOString(), machine, note: options.note, runs, loadAverage: loadAverage() };
  await writeFile(options.json, `${JSON.stringify({ ...about, results }, undefined, 1)}\n`);
}

async function filesIn(folder: string): Promise<string[]> {
  const files = [];
  for (const type of ['F16', 'Q8_0', 'Q4_0'] as const) {
    const path = join(folder, `stories15m.${type}.gguf`);
    writeStoriesGguf(path, type);
    files.push(path);
  }
  if (options.with === undefined) return files;
  const whole = join(folder, 'tinyllama.IQ2_XXS.gguf');
  const parts = [SOURCES.tinyllama1, SOURCES.tinyllama2].map((source) => join(sourceFolder('.cache/sources', source), 'model.part'));
  await copyFile(parts[0] ?? '', whole).catch(() => {
    throw new Error(`${TINYLLAMA} is not here. Run: npm run models -- --with ${TINYLLAMA}`);
  });
  for (const part of parts.slice(1)) await writeFile(whole, await readFile(part), { flag: 'a' });
  return [...files, whole];
}

async function measure(
  file: string,
  fileBytes: number,
  way: string,
  form: string,
  convert: (round: number) => Promise<Conversion>,
): Promise<void> {
  const conversions: Conversion[] = [];
  for (let round = 0; round < runs; round++) conversions.push(await convert(round));
  const of = (value: (conversion: Conversion) => number) => spreadOf(conversions.map(value));
  const result: Result = {
    file: basename(file),
    fileBytes,
    way,
    form,
    megabytesPerSecond: of(({ ms, makingMs }) => fileBytes / MB / ((makingMs ?? ms) / 1000)),
    seconds: of(({ ms }) => ms / 1000),
    peakMebibytes: of(({ peakBytes, idleBytes }) => (peakBytes - idleBytes) / MIB),
    ...(conversions[0]?.cpuMs === undefined ? {} : { coreSeconds: of(({ cpuMs = Number.NaN }) => cpuMs / 1000) }),
    conversions,
  };
  results.push(result);
  const spread = ({ median, min, max }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)} .. ${max.toFixed(digits)})`;
  console.log(
    `${result.file}, ${(fileBytes / MB).toFixed(0)} MB, ${way}, ${form}: ${spread(result.megabytesPerSecond, 1)} MB/s, ` +
      `${spread(result.seconds, 1)} s in all${result.coreSeconds ? ` (${spread(result.coreSeconds, 1)} of a core)` : ''}, peak ${spread(result.peakMebibytes, 0)} MiB above idle; load average ${loadAverage()}`,
  );
}

async function inNode(file: string, form: string, folder: string): Promise<Conversion> {
  const { stdout } = await run('npx', ['tsx', CONVERTER, file, form, folder]);
  return v.parse(ConversionSchema, JSON.parse(stdout));
}

/** A person's import, into a new profile: fetched from the app's own origin, made, held against its reference, and activated. */
async function inPage(file: string, profile: string): Promise<Conversion> {
  const names = await readdir(options.app);
  if (!names.includes('index.html')) throw new Error(`There is no app in ${options.app}. Run: npm run build`);
  const site = await openSite({ base: '/', headers: true, directory: options.app }, await freePort());
  const path = `files/${basename(file)}`;
  const body = await readFile(file);
  const restore = site.answer((request) => (request.path === path ? { type: 'application/octet-stream', body } : undefined));
  try {
    return await withBrowser(profile, async (browser) => {
      const page = await browser.open(site.url);
      await sillPeer(site.url).settle(page);
      const watch = watchMemory(browser.pid);
      try {
        const idleBytes = watch.nowBytes();
        watch.peakBytes();
        const times = await page.run(
          v.object({ ms: v.number(), makingMs: v.number() }),
          async (url: string) => {
            const sill = globalThis.sill;
            if (!sill) throw new Error('globalThis.sill is missing');
            const startMs = performance.now();
            let [firstMs, lastMs] = [0, 0];
            const onProgress = ({ phase }: { phase: string }) => {
              if (phase !== 'transcoding') return;
              lastMs = performance.now();
              if (firstMs === 0) firstMs = lastMs;
            };
            await sill.models.importFile(url, { variant: 'int8-wasm', onProgress });
            return { ms: performance.now() - startMs, makingMs: lastMs - firstMs };
          },
          path,
        );
        return { ...times, idleBytes, peakBytes: watch.peakBytes() };
      } finally {
        watch.stop();
      }
    });
  } finally {
    restore();
    await site.close();
  }
}
