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
import { type Phase, PhaseSchema, type PhaseUse, usesOf } from './forge/phases.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { type Spread, spreadOf } from './measure/ratios.ts';
import { watchSeries } from './measure/series.ts';
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
    /** A GGUF file of one's own, in place of all others. */
    file: { type: 'string' },
    /** `reference`: an import in the page is given up when the form is made that others are held against. */
    upto: { type: 'string' },
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
if (options.upto !== undefined && options.upto !== 'reference') throw new Error('--upto takes reference');
if (options.with !== undefined && options.with !== TINYLLAMA) throw new Error(`--with takes ${TINYLLAMA}`);

const ConversionSchema = v.object({
  /** All of it, the checks of the result included where the page makes them. */
  ms: v.number(),
  /** Of that, the making of the form that runs. */
  makingMs: v.optional(v.number()),
  /** Of the processor, all cores together: what else runs does not change it much. */
  cpuMs: v.optional(v.number()),
  idleBytes: v.number(),
  /** While weights are made. In the page the models that are scored afterwards take their own size, which is not the forge's. */
  peakBytes: v.number(),
});
/** Nats a token. */
const ScoresSchema = v.object({ reference: v.number(), measured: v.number(), bound: v.number() });
interface Conversion extends v.InferOutput<typeof ConversionSchema> {
  /** Of the making, how many cores worked for it, and how many were busy with whatever. */
  readonly cores?: number;
  readonly coresBusy?: number;
  /** In the page, one after the other. */
  readonly phases?: readonly PhaseUse[];
  readonly scores?: v.InferOutput<typeof ScoresSchema>;
}

interface Result {
  readonly file: string;
  readonly fileBytes: number;
  readonly way: string;
  readonly form: string;
  readonly seconds: Spread;
  /** Not known where it was over before it was looked at, as is what follows. */
  readonly megabytesPerSecond: Spread | undefined;
  readonly peakMebibytes: Spread | undefined;
  /** Seconds of one core. */
  readonly coreSeconds: Spread | undefined;
  readonly cores: Spread | undefined;
  readonly coresBusy: Spread | undefined;
  readonly conversions: readonly Conversion[];
}

const machine = describeMachine(await chromiumVersion());
console.log(machineLines(machine));
const results: Result[] = [];
await withFolder(async (folder) => {
  for (const file of await filesIn(folder)) {
    const bytes = (await stat(file)).size;
    if (ways.includes('node')) {
      for (const form of ['int8', 'q4', 'fp16']) await measure(file, bytes, 'node', form, () => inNode(file, form, join(folder, 'model')));
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
  if (options.file !== undefined) return [options.file];
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
  // A small file is made between two looks at what is going on: of that run nothing is known of the making, and of no run perhaps.
  const of = (value: (conversion: Conversion) => number | undefined): Spread | undefined => {
    const known = conversions.map(value).filter((each): each is number => each !== undefined && Number.isFinite(each));
    return known.length > 0 ? spreadOf(known) : undefined;
  };
  const result: Result = {
    file: basename(file),
    fileBytes,
    way,
    form,
    seconds: spreadOf(conversions.map(({ ms }) => ms / 1000)),
    megabytesPerSecond: of(({ ms, makingMs, phases }) => fileBytes / MB / ((phases ? (makingMs ?? Number.NaN) : ms) / 1000)),
    peakMebibytes: of(({ peakBytes, idleBytes }) => (peakBytes - idleBytes) / MIB),
    coreSeconds: of(({ cpuMs }) => cpuMs && cpuMs / 1000),
    cores: of(({ cores }) => cores),
    coresBusy: of(({ coresBusy }) => coresBusy),
    conversions,
  };
  results.push(result);
  const { megabytesPerSecond, seconds, peakMebibytes, coreSeconds, cores, coresBusy } = result;
  const spread = ({ median, min, max }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)} .. ${max.toFixed(digits)})`;
  const parts = [
    megabytesPerSecond ? `${spread(megabytesPerSecond, 1)} MB/s` : 'made too fast to be timed',
    `${spread(seconds, 1)} s in all${coreSeconds ? ` (${spread(coreSeconds, 1)} of a core)` : ''}`,
    ...(peakMebibytes ? [`peak ${spread(peakMebibytes, 0)} MiB above idle`] : []),
    ...(cores && coresBusy ? [`on ${spread(cores, 2)} cores of ${spread(coresBusy, 2)} that were busy`] : []),
  ];
  console.log(`${result.file}, ${(fileBytes / MB).toFixed(0)} MB, ${way}, ${form}: ${parts.join(', ')}; load average ${loadAverage()}`);
}

/** What a browser took while weights were made: those of the form and of the one that it is held against. */
function madeIn(phases: readonly PhaseUse[]) {
  const making = phases.filter(({ phase }) => phase === 'reference' || phase === 'transcoding');
  const ms = making.reduce((sum, each) => sum + each.ms, 0);
  const mean = (value: (use: PhaseUse) => number) => making.reduce((sum, each) => sum + value(each) * each.ms, 0) / ms;
  const form = making.findLast(({ phase }) => phase === (options.upto ?? 'transcoding'));
  return {
    ...(form ? { makingMs: form.ms } : {}),
    peakBytes: making.length > 0 ? Math.max(...making.map(({ peakBytes }) => peakBytes)) : Number.NaN,
    ...(ms > 0 ? { cores: mean(({ cores }) => cores), coresBusy: mean(({ coresBusy }) => coresBusy) } : {}),
  };
}

async function inNode(file: string, form: string, folder: string): Promise<Conversion> {
  const { stdout } = await run('npx', ['tsx', CONVERTER, file, form, folder]);
  return v.parse(ConversionSchema, JSON.parse(stdout));
}

/** A person's import, into a new profile: chosen from the disk, made, held against its reference, and activated. */
async function inPage(file: string, profile: string): Promise<Conversion> {
  const names = await readdir(options.app);
  if (!names.includes('index.html')) throw new Error(`There is no app in ${options.app}. Run: npm run build`);
  const site = await openSite({ base: '/', headers: true, directory: options.app }, await freePort());
  try {
    return await withBrowser(profile, async (browser) => {
      const page = await browser.open(site.url);
      await sillPeer(site.url).settle(page);
      const input = await page.choose([file]);
      const series = watchSeries(browser.pid);
      try {
        const [idle] = series.samples;
        if (!idle) throw new Error('The idle page was not looked at.');
        const { ms, phases, scores } = await page.run(
          v.object({ ms: v.number(), phases: v.array(PhaseSchema), scores: v.optional(ScoresSchema) }),
          async (id: string, upto: string) => {
            const sill = globalThis.sill;
            if (!sill) throw new Error('globalThis.sill is missing');
            const startMs = performance.now();
            const phases: Phase[] = [];
            const enough = new AbortController();
            const onProgress = ({ phase }: { phase: string }) => {
              const last = phases.at(-1);
              if (last) last.toMs = Date.now();
              if (last?.phase === phase) return;
              phases.push({ phase, fromMs: Date.now(), toMs: Date.now() });
              if (last?.phase === upto) enough.abort();
            };
            const chosen = document.getElementById(id);
            const files = chosen instanceof HTMLInputElement ? [...(chosen.files ?? [])] : [];
            const importing = sill.models.importFile(files, { variant: 'int8-wasm', onProgress, signal: enough.signal });
            await importing.catch((reason: unknown) => {
              if (!enough.signal.aborted) throw reason;
            });
            const ms = performance.now() - startMs;
            const scores = (await sill.imports.list()).finished[0]?.scores;
            return { ms, phases, ...(scores ? { scores } : {}) };
          },
          input,
          options.upto ?? '',
        );
        series.stop();
        const uses = usesOf(series.samples, phases, idle);
        sayPhases(uses);
        const { peakBytes, ...made } = madeIn(uses);
        return { ms, ...made, idleBytes: idle.bytes, peakBytes: idle.bytes + peakBytes, phases: uses, ...(scores ? { scores } : {}) };
      } finally {
        series.stop();
      }
    });
  } finally {
    await site.close();
  }
}

function sayPhases(uses: readonly PhaseUse[]): void {
  for (const { phase, ms, peakBytes, peakAtMs, cores, coresBusy, processes, threads } of uses) {
    const mebibytes = (bytes: number) => Math.round(bytes / MIB);
    const large = Object.entries(processes).filter(([, { bytes }]) => Math.abs(bytes) >= MIB);
    const held = large.map(([kind, { bytes, ownBytes }]) => `${kind} ${mebibytes(bytes)} (${mebibytes(ownBytes)})`);
    const used = Object.entries(threads).map(([thread, seconds]) => `${thread} ${seconds.toFixed(1)}`);
    console.log(
      `  ${phase}: ${(ms / 1000).toFixed(1)} s, ${cores.toFixed(2)} cores of ${coresBusy.toFixed(2)} busy, peak ${mebibytes(peakBytes)} MiB after ${(peakAtMs / 1000).toFixed(1)} s: ${held.join(', ')}`,
    );
    console.log(`    ${used.join(', ')}`);
  }
}
