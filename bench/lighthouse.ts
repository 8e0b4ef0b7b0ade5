/**
 * What Lighthouse says of the production build, and how long a start without a network takes until a person can act: `npm run
 * bench:lighthouse`. Nothing is fetched from elsewhere: the app is served from here, and Lighthouse sends no reports by itself.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import lighthouse, { desktopConfig } from 'lighthouse';
import { createServer } from '../tools/serve/server.ts';
import { Browser } from './measure/browser.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { ownBlockingMs, ownPerformance } from './measure/ownTime.ts';
import { type Spread, spreadOf } from './measure/ratios.ts';
import { measureStarts, type Start } from './offlineStart.ts';
import { machineLines } from './report.ts';
import { chromiumVersion } from './rounds.ts';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
const METRICS = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
  'speed-index',
] as const;
/** The address without a view is where a first visit begins. */
const VIEWS = ['', '#/models', '#/chat', '#/benchmarks'];
const PRESETS = ['mobile', 'desktop'] as const;
const TARGETS = { performance: 0.95, accessibility: 1, 'best-practices': 1 } as const;
const START_TARGET_MS = 1000;
const PORT_TRIES = 100;
/** Below this Lighthouse warns that the machine is slower than the one from whose figures it works out a phone's, and that its points say so (`environment.js`). */
const LEAST_INDEX = 1000;
/** Lighthouse sometimes misses the start of a navigation in its own trace, and asks to be run again. */
const AUDIT_TRIES = 3;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    views: { type: 'string', default: VIEWS.join() },
    'starts-only': { type: 'boolean', default: false },
    app: { type: 'string', default: 'dist' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');

type Named<Name extends string> = Readonly<Record<Name, number>>;
interface Report {
  readonly scores: Named<(typeof CATEGORIES)[number]>;
  readonly metrics: Named<(typeof METRICS)[number]>;
  /** By the processor's own time, see `ownBlockingMs`. */
  readonly own: Named<'performance' | 'blockingMs'>;
  /** Audits that cost points, with what they say. */
  readonly lost: readonly string[];
  /** How fast this machine was for Lighthouse just before: a desk of some years ago has 1,500. */
  readonly index: number;
}

async function audit(url: string, preset: (typeof PRESETS)[number]): Promise<Report> {
  for (let left = AUDIT_TRIES; ; ) {
    try {
      return await auditOnce(url, preset);
    } catch (error) {
      if (--left === 0) throw error;
      console.log(`     once more: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** A new browser with a new profile, as a first visit is. */
async function auditOnce(url: string, preset: (typeof PRESETS)[number]): Promise<Report> {
  const profile = await mkdtemp(join(tmpdir(), 'sill-lighthouse-'));
  const browser = Browser.launch(profile, ['--remote-debugging-port=0']);
  try {
    await browser.version();
    const port = await debuggingPort(profile);
    const flags = { port, onlyCategories: [...CATEGORIES], logLevel: 'error' as const };
    const result = await lighthouse(url, flags, preset === 'desktop' ? desktopConfig : undefined);
    if (!result || result.lhr.runtimeError) throw new Error(result?.lhr.runtimeError?.message ?? 'Lighthouse reported nothing');
    const { categories, audits } = result.lhr;
    const lost = CATEGORIES.flatMap((category) =>
      (categories[category]?.auditRefs ?? []).flatMap(({ id, weight }) => {
        const found = audits[id];
        return weight > 0 && (found?.score ?? 1) < 0.9 ? [`${id} ${found?.displayValue ?? ''}`.trim()] : [];
      }),
    );
    const scores = (name: (typeof CATEGORIES)[number]) => categories[name]?.score ?? 0;
    const metric = (name: (typeof METRICS)[number]) => audits[name]?.numericValue ?? Number.NaN;
    const blockingMs = ownBlockingMs(result.artifacts.Trace.traceEvents, preset);
    const weighed = (categories.performance?.auditRefs ?? []).map(({ id, weight }) => ({ id, weight, score: audits[id]?.score ?? 0 }));
    const own = { performance: ownPerformance(weighed, blockingMs, preset), blockingMs };
    return { scores: named(CATEGORIES, scores), metrics: named(METRICS, metric), own, lost, index: result.lhr.environment.benchmarkIndex };
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const named = <Name extends string>(names: readonly Name[], value: (name: Name) => number): Named<Name> =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Named<Name>;

/** Chromium writes the port that it chose into its profile. */
async function debuggingPort(profile: string): Promise<number> {
  for (let i = 0; i < PORT_TRIES; i++) {
    const [line] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')).split('\n');
    if (line) return Number(line);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('Chromium opened no port for Lighthouse.');
}

const points = ({ median, min, max }: Spread): string =>
  `${Math.round(median * 100)}${min === max ? '' : ` (${Math.round(min * 100)} .. ${Math.round(max * 100)})`}`;
const whole = ({ median, min, max }: Spread): string => `${Math.round(median)} (${Math.round(min)} .. ${Math.round(max)})`;

const machine = describeMachine(await chromiumVersion());
console.log(machineLines(machine));
const server = createServer({ directory: resolve(options.app) });
const found: Array<{
  view: string;
  preset: string;
  loads: number[];
  scores: Record<string, Spread>;
  metrics: Record<string, Spread>;
  own: Record<string, Spread>;
  lost: string[];
  index: Spread;
}> = [];
let starts: readonly Start[] = [];
let failed = false;
try {
  const url = (await server.listen(0, '127.0.0.1')).replace('127.0.0.1', 'localhost');
  for (const view of options['starts-only'] ? [] : options.views.split(',')) {
    for (const preset of PRESETS) {
      const reports: Report[] = [];
      const loads: number[] = [];
      for (let run = 0; run < runs; run++) {
        reports.push(await audit(url + view, preset));
        loads.push(loadAverage());
      }
      const spread = <Name extends string>(names: readonly Name[], of: (report: Report, name: Name) => number) =>
        Object.fromEntries(names.map((name) => [name, spreadOf(reports.map((report) => of(report, name)))])) as Record<Name, Spread>;
      const scores = spread(CATEGORIES, (report, name) => report.scores[name]);
      const metrics = spread(METRICS, (report, name) => report.metrics[name]);
      const own = spread(['performance', 'blockingMs'] as const, (report, name) => report.own[name]);
      const lost = [...new Set(reports.flatMap((report) => report.lost))];
      const index = spreadOf(reports.map((report) => report.index));
      found.push({ view, preset, loads, scores, metrics, own, lost, index });
      const isMet = CATEGORIES.every((name) => scores[name].median >= TARGETS[name]);
      failed ||= !isMet;
      console.log(
        `${isMet ? 'ok  ' : 'MISS'} ${(view || 'start').padEnd(13)} ${preset.padEnd(8)} ${CATEGORIES.map((name) => `${name} ${points(scores[name])}`).join(', ')}`,
      );
      console.log(
        `     ${METRICS.slice(0, 3)
          .map((name) => `${name} ${whole(metrics[name])} ms`)
          .join(', ')}; load average ${loads.join(', ')}`,
      );
      console.log(
        `     by the processor's own time: performance ${points(own.performance)}, total-blocking-time ${whole(own.blockingMs)} ms; ` +
          `Lighthouse takes this machine for ${whole(index)}${index.median < LEAST_INDEX ? `, and its points below ${LEAST_INDEX} for those of the machine` : ''}`,
      );
    }
  }
  starts = await measureStarts(url, runs, () => server.close());
} finally {
  await server.close().catch(() => undefined);
}
for (const kind of ['new browser', 'further tab'] as const) {
  const times = spreadOf(starts.filter((start) => start.kind === kind).map(({ usableMs }) => usableMs));
  const isMet = times.median < START_TARGET_MS;
  failed ||= !isMet;
  console.log(`${isMet ? 'ok  ' : 'MISS'} start without a network, ${kind}: usable after ${whole(times)} ms`);
}
if (options.json !== undefined) {
  await mkdir(dirname(options.json), { recursive: true });
  await writeFile(options.json, `${JSON.stringify({ machine, note: options.note, loadAverage: loadAverage(), found, starts }, null, 1)}\n`);
  console.log(`Written to ${options.json}`);
}
if (failed) process.exitCode = 1;
