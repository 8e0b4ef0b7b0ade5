/** Sill, transformers.js and wllama side by side in one Chromium, each on its own form of the same weights. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { importGguf } from '../tools/import/importGguf.ts';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { createServer } from '../tools/serve/server.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import {
  type ComparedRow,
  type ComparedTarget,
  comparedRow,
  comparedTable,
  comparedVerdicts,
  type InTurns,
  verdictLine,
} from './peers/comparison.ts';
import type { Generation, Load, Peer } from './peers/peer.ts';
import { sillOnProcessor } from './peers/sill.ts';
import { stockPeer } from './peers/stock.ts';
import { wllamaPeer } from './peers/wllama.ts';
import { promptsFor } from './prompts.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, type MemoryVisit, measureInTurns, memoryVisit, SHORT_PROMPT, withBrowser } from './rounds.ts';
import { addToStock, buildStock, installedFolder, STOCK_MODELS } from './stock/build.ts';
import { serveStock } from './stock/server.ts';
import { buildWllama } from './wllama/build.ts';

const STOCK_FOLDER = '.cache/bench/stock';
const WLLAMA_FOLDER = '.cache/bench/wllama';
/** By revision. */
const TINYLLAMA_FOLDER = '.cache/bench/tinyllama';
const TINYLLAMA = 'tinyllama';
/** Sill's own choice; the others get as many. */
const THREADS = Math.min(4, availableParallelism());
const LATER_VISITS = 2;
/** Enough to have a first one. */
const OPENED_TOKENS = 4;
const VISIT_MINUTES = 5;
const MIB = 2 ** 20;

const DECODE = 'decode';
const WARM_LOAD = 'warm load';
const OPENED = 'from opening the page to the first token';
const firstToken = (tokens: number): string => `first token, ${tokens} tokens`;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    app: { type: 'string', default: 'dist' },
    /** Which comparisons; TinyLlama has to be in the app, which `npm run models -- --with tinyllama` sees to. */
    only: { type: 'string', default: '8-bit,4-bit' },
    /** After so many no further round of a comparison begins: what was measured until then is told, with the number of rounds. */
    minutes: { type: 'string', default: '20' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');
const memoryRuns = Math.min(3, runs);
const limitMinutes = Number(options.minutes);
if (!(limitMinutes > 0)) throw new Error('--minutes takes a number above 0');

/** One comparison: the same weights in each peer's own form. */
interface Comparison {
  readonly name: string;
  readonly forms: Readonly<Record<string, string>>;
  readonly peers: ReadonlyArray<Peer<string>>;
  /** Tokens of the two answers that decoding is timed by, the first of which warms up. */
  readonly tokens: number;
  readonly promptTokens: ReadonlyArray<16 | 128 | 200>;
  readonly targets: readonly ComparedTarget[];
  /** What one visit may take. On two quiet cores none of stories15M takes a minute. */
  readonly visitMinutes?: number;
}

interface Visit {
  readonly load: Load;
  readonly opening: Generation;
  readonly steady: Generation;
  readonly prompts: Readonly<Record<number, Generation>>;
  /** From opening the page in a browser that has just been started to the first token of an answer that is asked for at once. */
  readonly openedMs: number;
}

const wllamaTargets: readonly ComparedTarget[] = [
  { what: DECODE, against: 'wllama', atLeast: 1.2 },
  { what: firstToken(16), against: 'wllama', atMost: 0.5 },
  { what: firstToken(128), against: 'wllama', atMost: 0.5 },
  { what: firstToken(200), against: 'wllama', atMost: 0.5 },
  { what: WARM_LOAD, against: 'wllama', atMost: 1 },
];

console.log('Building the pages of the peers …');
const installed = await installedFolder(options.app, 'stories15m');
await buildStock(STOCK_FOLDER, installed);
await buildWllama(WLLAMA_FOLDER);
const sillServer = createServer({ directory: options.app });
const [stockServer, wllamaServer] = [serveStock(STOCK_FOLDER), serveStock(WLLAMA_FOLDER)];
try {
  const urls = { sill: await sillServer.listen(0), stock: await stockServer.listen(), wllama: await wllamaServer.listen() };
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const comparisons: object[] = [];
  for (const name of options.only.split(',')) {
    comparisons.push(await measure(await comparisonOf(name, urls)));
    if (options.json === undefined) continue;
    // After each: what took minutes is not lost when the next is interrupted.
    const about = {
      date: new Date().toISOString(),
      machine: { ...machine, wllama: await versionOf('@wllama/wllama') },
      note: options.note,
    };
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify({ ...about, threads: THREADS, runs, comparisons }, undefined, 1)}\n`);
  }
} finally {
  await sillServer.close();
  await stockServer.close();
  await wllamaServer.close();
}

async function comparisonOf(name: string, urls: Readonly<Record<'sill' | 'stock' | 'wllama', string>>): Promise<Comparison> {
  const gguf = (file: string): string => join(WLLAMA_FOLDER, 'models', file);
  const wllama = (file: string, context: number) => wllamaPeer(urls.wllama, { model: `models/${file}`, threads: THREADS, context });
  const stories = { tokens: 129, promptTokens: [16, 128, 200] } as const;
  if (name === '8-bit') {
    writeStoriesGguf(gguf('stories.Q8_0.gguf'), 'Q8_0');
    const peers = [sillOnProcessor(urls.sill), stockPeer(urls.stock, THREADS), wllama('stories.Q8_0.gguf', 256)];
    const forms = { sill: 'int8-wasm', stock: 'an unfused int8 export', wllama: 'Q8_0' };
    return { name, forms, peers, ...stories, targets: wllamaTargets };
  }
  // Every weight is unpacked again at each token: a sixth of the speed, and a whole answer says no more than a half.
  const slowStories = { ...stories, tokens: 65 };
  if (name === '4-bit') {
    writeStoriesGguf(gguf('stories.Q4_0.gguf'), 'Q4_0');
    const peers = [
      // This form is installed only where there is a GPU, be it an emulated one.
      { ...sillOnProcessor(urls.sill, 'stories15m', 'q4-webgpu'), flags: ['--enable-unsafe-webgpu'] },
      stockPeer(urls.stock, THREADS, STOCK_MODELS.fused, 'q4'),
      wllama('stories.Q4_0.gguf', 256),
    ];
    return {
      name,
      forms: { sill: 'q4-webgpu, on the processor', stock: "Sill's q4 file", wllama: 'Q4_0' },
      peers,
      ...slowStories,
      targets: [],
    };
  }
  if (name !== TINYLLAMA) throw new Error(`--only takes 8-bit, 4-bit and ${TINYLLAMA}`);
  const folder = await installedFolder(options.app, TINYLLAMA).catch(() => {
    throw new Error(`${TINYLLAMA} is not in the app. Run: npm run models -- --with ${TINYLLAMA} && npm run build`);
  });
  // The app delivers the file as it is, and each device makes its form of it. So it is for the others.
  const delivered = join(folder, `${TINYLLAMA}.gguf`);
  await copyFile(delivered, gguf('tinyllama.IQ2_XXS.gguf'));
  const form = join(TINYLLAMA_FOLDER, basename(folder));
  if (!existsSync(form)) {
    console.log('Making the form that transformers.js runs …');
    await importGguf(delivered, form, { dtypes: ['int8'] });
  }
  await addToStock(STOCK_FOLDER, TINYLLAMA, form);
  return {
    name,
    forms: { sill: 'int8-wasm, made of the file at the first visit', stock: 'int8, made of the file beforehand', wllama: 'IQ2_XXS' },
    peers: [sillOnProcessor(urls.sill, TINYLLAMA), stockPeer(urls.stock, THREADS, TINYLLAMA), wllama('tinyllama.IQ2_XXS.gguf', 2048)],
    tokens: 33,
    visitMinutes: 15,
    promptTokens: [16],
    targets: [{ what: DECODE, against: 'wllama', atLeast: 1.5 }],
  };
}

async function measure({ name, forms, peers, tokens, promptTokens, targets, visitMinutes = VISIT_MINUTES }: Comparison): Promise<object> {
  const startedMs = Date.now();
  const say = (line: string) =>
    console.log(`${((Date.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${name}: ${line}, load average ${loadAverage()}`);
  const prompts = await promptsFor(installed);
  /** What a person sees who has the model and asks as soon as the page is there: with the start of the page, which a warm load leaves out. */
  const opened = (peer: Peer<string>, profile: string): Promise<number> =>
    withBrowser(
      profile,
      async (browser) => {
        const startMs = performance.now();
        const page = await browser.open(peer.url);
        await peer.settle(page, 0);
        if (!peer.loadsByItself) await peer.load(page, 'later');
        const { decodeMs } = await peer.generate(page, SHORT_PROMPT, OPENED_TOKENS);
        return performance.now() - startMs - decodeMs;
      },
      peer.flags,
    );
  const visit = async (peer: Peer<string>, profile: string, kind: 'first' | 'later'): Promise<Visit> => {
    const visited = await within(visitMinutes, `${peer.name}, ${kind} visit`, () => stay(peer, profile, kind));
    const openedMs = kind === 'first' ? Number.NaN : await within(visitMinutes, `${peer.name}, opened`, () => opened(peer, profile));
    say(`${peer.name}, ${kind} visit done`);
    return { ...visited, openedMs };
  };
  const stay = (peer: Peer<string>, profile: string, kind: 'first' | 'later'): Promise<Omit<Visit, 'openedMs'>> =>
    withBrowser(
      profile,
      async (browser) => {
        const page = await browser.open(peer.url);
        await peer.settle(page);
        const load = await peer.load(page, kind);
        const opening = await peer.generate(page, SHORT_PROMPT, 16);
        await peer.generate(page, SHORT_PROMPT, tokens);
        const steady = await peer.generate(page, SHORT_PROMPT, tokens);
        const answers: Record<number, Generation> = {};
        for (const count of promptTokens) answers[count] = await peer.generate(page, prompts[count], 8);
        return { load, opening, steady, prompts: answers };
      },
      peer.flags,
    );
  const loads: number[] = [];
  const timed: Array<InTurns<Visit>> = [];
  const isOver = () => Date.now() - startedMs > limitMinutes * 60_000;
  for (let round = 0; round < runs && !(round > 0 && isOver()); round++) {
    say(`round ${round + 1} of ${runs}`);
    loads.push(loadAverage());
    timed.push(await measureInTurns(peers, round, LATER_VISITS, visit));
  }
  const memory: Array<InTurns<MemoryVisit>> = [];
  for (let round = 0; round < memoryRuns && !(round > 0 && isOver()); round++) {
    say(`memory, round ${round + 1} of ${memoryRuns}`);
    memory.push(await measureInTurns(peers, round, 1, memoryVisit));
  }
  if (timed.length < runs) console.log(`Cut short after ${limitMinutes} minutes (--minutes): ${timed.length} of ${runs} rounds.`);
  const rows = rowsOf(timed, memory, promptTokens);
  const verdicts = comparedVerdicts(rows, targets);
  console.log(
    `\n${Object.entries(forms)
      .map(([peer, form]) => `${peer}: ${form}`)
      .join('; ')}\n\n${comparedTable(rows)}\n`,
  );
  for (const verdict of verdicts) console.log(verdictLine(verdict));
  const plain = <T>(rounds: ReadonlyArray<InTurns<T>>) => rounds.map((round) => Object.fromEntries(round));
  return { name, forms, loadAverages: loads, rows, verdicts, timed: plain(timed), memory: plain(memory) };
}

/** @throws Error that says what did not end; the browser ends with this process */
async function within<T>(minutes: number, what: string, work: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const why = `Other work on the cores is the likeliest reason (load average ${loadAverage()}): give it the machine alone.`;
      reject(new Error(`${what}: not done after ${minutes} minutes. ${why}`));
    }, minutes * 60_000);
  });
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

function rowsOf(
  timed: ReadonlyArray<InTurns<Visit>>,
  memory: ReadonlyArray<InTurns<MemoryVisit>>,
  promptTokens: readonly number[],
): ComparedRow[] {
  const later = (what: string, unit: ComparedRow['unit'], of: (visit: Visit) => number) => comparedRow(what, unit, timed, 'later', of);
  const peak = (what: string, of: (visit: MemoryVisit) => number) => comparedRow(what, 'MiB', memory, 'later', (visit) => of(visit) / MIB);
  return [
    comparedRow('first load', 'ms', timed, 'first', ({ load }) => load.loadMs),
    later(WARM_LOAD, 'ms', ({ load }) => load.loadMs),
    later(OPENED, 'ms', ({ openedMs }) => openedMs),
    later('first token of a first answer, 5 tokens', 'ms', ({ opening }) => opening.ttftMs),
    ...promptTokens.map((tokens) => later(firstToken(tokens), 'ms', ({ prompts }) => prompts[tokens]?.ttftMs ?? Number.NaN)),
    later(DECODE, 'tokens/s', ({ steady }) => ((steady.tokens - 1) * 1000) / steady.decodeMs),
    peak('peak of a warm load above the idle page', ({ loadBytes, idleBytes }) => loadBytes - idleBytes),
    peak('peak while decoding above the idle page', ({ decodeBytes, idleBytes }) => decodeBytes - idleBytes),
  ];
}

async function versionOf(name: string): Promise<string> {
  const { version }: { version?: unknown } = JSON.parse(await readFile(join('node_modules', name, 'package.json'), 'utf8'));
  return String(version);
}
