/** What it takes of the device to bring a gigabyte of weights onto it, and off it again: megabytes a second, and PSS of the browser's process tree. */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { buildWithPolicy, openHub, removeBuild } from '../e2e/support/hub.ts';
import { TestPublisher } from '../e2e/support/publisher.ts';
import { freePort } from '../e2e/support/site.ts';
import type {} from '../src/protocol/sill.ts';
import { createServer } from '../tools/serve/server.ts';
import { CARRIED, type Carried, makeCarried } from './delivery/carried.ts';
import { type Phase, PhaseSchema, type PhaseUse, usesOf } from './forge/phases.ts';
import type { Browser, Page } from './measure/browser.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { type Spread, spreadOf } from './measure/ratios.ts';
import { watchSeries } from './measure/series.ts';
import { sillPeer } from './peers/sill.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, withBrowser, withFolder } from './rounds.ts';

const MB = 1e6;
const MIB = 2 ** 20;
const WAYS = ['download', 'update', 'export', 'import', 'adopt'] as const;
type Way = (typeof WAYS)[number];
/** Above the idle page, whatever the size of the model. */
const TARGET_MIB = 192;
const POLL_MS = 100;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    ways: { type: 'string', default: WAYS.join(',') },
    /** Built apps that take turns, for a comparison. What comes from another server is measured in a build of its own, of this checkout. */
    app: { type: 'string', multiple: true, default: ['dist'] },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
const wanted = new Set(options.ways.split(','));
for (const way of wanted) if (!WAYS.some((known) => known === way)) throw new Error(`--ways takes ${WAYS.join(', ')}`);

/** One way, once. */
interface Visit {
  readonly app: string;
  readonly way: Way;
  readonly loadAverage: number;
  /** Of chunks that came, or of the file that was written. */
  readonly bytes: number;
  readonly ms: number;
  readonly use: PhaseUse;
}
/** What a page says of one. */
const CarriedSchema = v.object({ bytes: v.number(), phase: PhaseSchema });

const machine = describeMachine(await chromiumVersion());
console.log(machineLines(machine));
console.log('Making two revisions of a gigabyte …');
const { first, next } = await makeCarried(options.app[0] ?? 'dist');
const visits: Visit[] = [];
for (let run = 0; run < runs; run++) {
  for (const app of turned(options.app, run)) visits.push(...(await measureApp(app)));
  if (wanted.has('adopt')) visits.push(await measureAdoption());
}
const results = summaries();
for (const { app, way, megabytesPerSecond, peakMebibytes, target } of results) {
  const of = ({ median, min, max }: Spread) => `${median.toFixed(0)} (${min.toFixed(0)} .. ${max.toFixed(0)})`;
  const verdict = target === undefined ? '' : ` ${target.met ? 'met' : 'MISSED'}, at most ${target.atMost}`;
  console.log(`${app} ${way}: ${of(megabytesPerSecond)} MB/s, peak ${of(peakMebibytes)} MiB above the idle page${verdict}`);
}
if (options.json !== undefined) {
  await mkdir(dirname(options.json), { recursive: true });
  const about = { date: new Date().toISOString(), machine, note: options.note, runs };
  await writeFile(options.json, `${JSON.stringify({ ...about, results, visits }, undefined, 1)}\n`);
}
if (results.some(({ target }) => target?.met === false)) process.exitCode = 1;

/** Who begins changes from round to round: what slows the machine for a while slows all. */
function turned<T>(all: readonly T[], by: number): readonly T[] {
  return all.map((_, index) => all[(index + by) % all.length] as T);
}

/** All ways that one published site shows, in new browsers over two profiles. */
async function measureApp(app: string): Promise<Visit[]> {
  const found: Visit[] = [];
  const publisher = await TestPublisher.open(resolve(app));
  await publisher.publish(first.folder);
  const server = createServer({ directory: publisher.directory });
  const url = await server.listen(await freePort(), 'localhost');
  try {
    await withFolder(async (folder) => {
      const visit = async (
        way: Way,
        profile: string,
        work: (page: Page, browser: Browser) => Promise<v.InferOutput<typeof CarriedSchema>>,
      ) => {
        const done = await visitPage(url, join(folder, profile), work);
        say(app, way, done);
        if (wanted.has(way)) found.push({ app, way, ...done });
      };
      const needs = (...ways: Way[]) => ways.some((way) => wanted.has(way));
      if (needs('download', 'update', 'export', 'import')) await visit('download', 'sender', (page) => install(page, CARRIED.id));
      if (needs('export', 'import')) await visit('export', 'sender', (page, browser) => exportTo(page, browser, folder));
      if (needs('import')) await visit('import', 'receiver', (page) => importFrom(page, folder));
      if (needs('update')) {
        await publisher.publish(next.folder);
        await visit('update', 'sender', update);
      }
    });
  } finally {
    await server.close();
    await publisher.close();
  }
  return found;
}

/** Another server's model, of which nobody knows the chunks before they are here. */
async function measureAdoption(): Promise<Visit> {
  const port = await freePort();
  const app = await buildWithPolicy({ sources: [{ kind: 'hub', name: 'The hub', url: `http://localhost:${port}/hub/` }] });
  const server = createServer({ directory: app });
  const url = await server.listen(await freePort(), 'localhost');
  const hub = await openHub(port);
  try {
    hub.repositories.set(CARRIED.repository, { commit: CARRIED.commit, card: cardOf(), files: filesOf(first) });
    return await withFolder(async (folder) => {
      const done = await visitPage(url, join(folder, 'profile'), (page) => install(page, `hf:${CARRIED.repository}`));
      say('dist', 'adopt', done);
      return { app: 'this checkout', way: 'adopt' as const, ...done };
    });
  } finally {
    await hub.close();
    await server.close();
    await removeBuild(app);
  }
}

function cardOf(): object {
  return { pipeline_tag: 'text-generation', cardData: { license: 'cc0-1.0', language: 'en' } };
}
function filesOf({ folder, paths }: Carried) {
  return new Map(paths.map((path) => [path, { body: join(folder, path) }]));
}

async function visitPage(
  url: string,
  profile: string,
  work: (page: Page, browser: Browser) => Promise<v.InferOutput<typeof CarriedSchema>>,
) {
  return withBrowser(profile, async (browser) => {
    const page = await browser.open(url);
    await sillPeer(url).settle(page);
    const series = watchSeries(browser.pid);
    try {
      const [idle] = series.samples;
      if (!idle) throw new Error('The idle page was not looked at.');
      const { bytes, phase } = await work(page, browser);
      series.stop();
      const [use] = usesOf(series.samples, [phase], idle);
      if (!use) throw new Error(`${phase.phase} was over before it was looked at.`);
      return { loadAverage: loadAverage(), bytes, ms: phase.toMs - phase.fromMs, use };
    } finally {
      series.stop();
    }
  });
}

/** Until the last chunk is stored: what is made or tried of a model after that is measured elsewhere. */
function install(page: Page, id: string) {
  return page.run(
    CarriedSchema,
    async (model: string, variant: string) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      let phase: Phase | undefined;
      let bytes = 0;
      let before: number | undefined;
      const onProgress = (progress: { phase: string; storedBytes: number }) => {
        if (progress.phase !== 'downloading') return;
        phase ??= { phase: 'download', fromMs: Date.now(), toMs: 0 };
        before ??= progress.storedBytes;
        phase.toMs = Date.now();
        bytes = progress.storedBytes - before;
      };
      if (model.startsWith('hf:')) await sill.sources.add(model, { onProgress });
      else await sill.models.install(model, { variant, onProgress });
      return { bytes, phase };
    },
    id,
    CARRIED.variant,
  );
}

function update(page: Page) {
  return page.run(
    CarriedSchema,
    async (model: string) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      let phase: Phase | undefined;
      let bytes = 0;
      let before: number | undefined;
      await sill.updates.check();
      const stored = new AbortController();
      const onProgress = (_: string, progress: { phase: string; storedBytes: number }) => {
        if (progress.phase === 'trying') return stored.abort();
        if (progress.phase !== 'downloading') return;
        phase ??= { phase: 'update', fromMs: Date.now(), toMs: 0 };
        before ??= progress.storedBytes;
        phase.toMs = Date.now();
        bytes = progress.storedBytes - before;
      };
      await sill.updates.apply(model, { onProgress, signal: stored.signal }).catch((reason: unknown) => {
        if (!stored.signal.aborted) throw reason;
      });
      return { bytes, phase };
    },
    CARRIED.id,
  );
}

/** Into a file, as the page's own button does it, until all of it is there. */
async function exportTo(page: Page, browser: Browser, folder: string) {
  await browser.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  const fromMs = Date.now();
  const bytes = await page.run(
    v.number(),
    async (model: string) => {
      const blob = await globalThis.sill?.models.export(model);
      if (!blob) throw new Error('globalThis.sill is missing');
      const href = URL.createObjectURL(blob);
      Object.assign(document.createElement('a'), { href, download: 'bundle.tar' }).click();
      return blob.size;
    },
    CARRIED.id,
  );
  while ((await stat(join(folder, 'bundle.tar')).catch(() => undefined))?.size !== bytes) await sleep(POLL_MS);
  return { bytes, phase: { phase: 'export', fromMs, toMs: Date.now() } };
}

async function importFrom(page: Page, folder: string) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tar'));
  const input = await page.choose(names.map((name) => resolve(folder, name)));
  return page.run(
    CarriedSchema,
    async (id: string) => {
      const sill = globalThis.sill;
      const chosen = document.getElementById(id);
      if (!sill || !(chosen instanceof HTMLInputElement)) throw new Error('globalThis.sill is missing');
      let phase: Phase | undefined;
      let bytes = 0;
      await sill.models.import([...(chosen.files ?? [])], {
        onProgress(progress) {
          if (progress.phase !== 'reading') return;
          phase ??= { phase: 'import', fromMs: Date.now(), toMs: 0 };
          phase.toMs = Date.now();
          bytes = progress.readBytes;
        },
      });
      return { bytes, phase };
    },
    input,
  );
}

function say(app: string, way: Way, { bytes, ms, use, loadAverage: load }: Omit<Visit, 'app' | 'way'>): void {
  const mebibytes = (each: number) => Math.round(each / MIB);
  const held = Object.entries(use.processes).filter(([, each]) => Math.abs(each.bytes) >= MIB);
  console.log(
    `  ${app} ${way}: ${(bytes / MB).toFixed(0)} MB in ${(ms / 1000).toFixed(1)} s (load ${load}), ${use.cores.toFixed(2)} cores, peak ${mebibytes(use.peakBytes)} MiB ` +
      `after ${(use.peakAtMs / 1000).toFixed(1)} s: ${held.map(([kind, each]) => `${kind} ${mebibytes(each.bytes)} (${mebibytes(each.ownBytes)})`).join(', ')}`,
  );
}

function summaries() {
  const keys = [...new Set(visits.map(({ app, way }) => JSON.stringify([app, way])))];
  return keys.map((key) => {
    const of = visits.filter(({ app, way }) => JSON.stringify([app, way]) === key);
    const [{ app, way } = { app: '', way: 'download' as Way }] = of;
    const peakMebibytes = spreadOf(of.map(({ use }) => use.peakBytes / MIB));
    return {
      app,
      way,
      megabytesPerSecond: spreadOf(of.map(({ bytes, ms }) => bytes / MB / (ms / 1000))),
      peakMebibytes,
      coreSeconds: spreadOf(of.map(({ use, ms }) => (use.cores * ms) / 1000)),
      target: { atMost: TARGET_MIB, met: peakMebibytes.median <= TARGET_MIB },
    };
  });
}
