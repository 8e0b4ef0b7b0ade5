import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from '../tools/serve/server.ts';
import { GIGABYTE, GIGABYTE_FOLDER } from './gigabyte/model.ts';
import { openGigabyteSite } from './gigabyte/site.ts';
import { describeMachine, loadAverage, type Machine } from './measure/machine.ts';
import type { Load, Peer } from './peers/peer.ts';
import { sillPeer } from './peers/sill.ts';
import { stockPeer, stockSamePeer } from './peers/stock.ts';
import { profile } from './profile.ts';
import { promptsFor } from './prompts.ts';
import {
  agreementOf,
  machineLines,
  type OwnRow,
  ownLines,
  ownRowsOf,
  type Row,
  rowsOf,
  table,
  type Verdict,
  verdictsOf,
} from './report.ts';
import { measureRestarts, type Restart } from './restarts.ts';
import {
  chromiumVersion,
  loadVisit,
  type MemoryVisit,
  measureRound,
  memoryVisit,
  openingVisit,
  type Round,
  timedVisit,
  type Visit,
} from './rounds.ts';
import { addToStock, buildStock, installedFolder } from './stock/build.ts';
import { serveStock } from './stock/server.ts';

const STOCK_FOLDER = '.cache/bench/stock';
const LATER_VISITS = 2;
/** Of what is measured apart: memory, and the way from the address to an answer. */
const APART_ROUNDS = 3;
/** Each brings a gigabyte onto the disk three times. */
const GIGABYTE_ROUNDS = 3;
/** Sill's own limit; stock gets as many, though by itself it would take half of the cores. */
const MAX_THREADS = 4;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    quick: { type: 'boolean', default: false },
    app: { type: 'string', default: 'dist' },
    json: { type: 'string' },
    note: { type: 'string' },
    profile: { type: 'boolean', default: false },
    /** Leaves out the model of a gigabyte. */
    small: { type: 'boolean', default: false },
    /** The first token after a restart alone. */
    restarts: { type: 'boolean', default: false },
    /** That model alone. */
    gigabyte: { type: 'boolean', default: false },
  },
});
const runs = options.quick ? 2 : Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');
const gigabyteRuns = options.small ? 0 : options.quick ? 1 : Math.min(GIGABYTE_ROUNDS, runs);
const apartRuns = options.quick ? 1 : Math.min(APART_ROUNDS, runs);

console.log('Building the stock page …');
await buildStock(STOCK_FOLDER, await installedFolder(options.app, 'stories15m'));
const sillServer = createServer({ directory: options.app });
const stockServer = serveStock(STOCK_FOLDER);
try {
  const threads = Math.min(MAX_THREADS, availableParallelism());
  const stockUrl = await stockServer.listen();
  const peers: readonly Peer[] = [sillPeer(await sillServer.listen(0)), stockPeer(stockUrl, threads), stockSamePeer(stockUrl, threads)];
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));

  if (options.profile) {
    for (const peer of peers) console.log(await profile(peer));
  } else {
    await measure(peers, machine, threads);
  }
} finally {
  await sillServer.close();
  await stockServer.close();
}

async function measure(peers: readonly Peer[], machine: Machine, threads: number): Promise<void> {
  const startedMs = Date.now();
  const say = (line: string) =>
    console.log(`${((Date.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}, load average ${loadAverage()}`);
  if (options.gigabyte) {
    const gigabyte = await measureGigabyte(threads, say);
    const rows = rowsOf([], [], gigabyte);
    const verdicts = verdictsOf(rows);
    await keep({ rows, verdicts, gigabyte });
    printRows(rows);
    printVerdicts(verdicts);
    return;
  }
  const [sill] = peers;
  const restart = async (): Promise<Restart[]> => (sill ? measureRestarts(sill, 'stories15m', apartRuns * LATER_VISITS) : []);
  if (options.restarts) {
    const restarts = await restart();
    const own = ownRowsOf([], restarts);
    await keep({ own, restarts });
    console.log(ownLines(own));
    return;
  }
  const prompts = await promptsFor(await installedFolder(options.app, 'stories15m'));
  const timed = [];
  for (let round = 0; round < runs; round++) {
    say(`round ${round + 1} of ${runs}`);
    timed.push(await measureRound(peers, round, LATER_VISITS, timedVisit(prompts)));
  }
  await save({ timed });
  const opening = [];
  for (let round = 0; round < apartRuns; round++) {
    say(`from opening the page, round ${round + 1} of ${apartRuns}`);
    opening.push(await measureRound(peers, round, LATER_VISITS, openingVisit));
  }
  const memory = [];
  for (let round = 0; round < apartRuns; round++) {
    say(`memory, round ${round + 1} of ${apartRuns}`);
    memory.push(await measureRound(peers, round, 1, memoryVisit));
  }
  say('restarts');
  const restarts = await restart();
  await save({ timed, opening, memory, restarts });
  const gigabyte = gigabyteRuns === 0 ? [] : await measureGigabyte(threads, say);
  print(await save({ timed, opening, memory, restarts, gigabyte }));

  /** Also before all is measured: what took minutes is not lost when the rest is interrupted. */
  async function save(measured: Measured): Promise<Findings> {
    const rows = rowsOf(measured.timed, measured.memory ?? [], measured.gigabyte, measured.opening);
    const own = ownRowsOf(measured.timed, measured.restarts);
    const findings = { rows, own, verdicts: verdictsOf(rows), agreement: agreementOf(measured.timed) };
    await keep({ ...findings, ...measured });
    return findings;
  }

  async function keep(results: object): Promise<void> {
    if (options.json === undefined) return;
    const about = { date: new Date().toISOString(), machine, note: options.note, threads, runs };
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify({ ...about, ...results }, undefined, 1)}\n`);
  }
}

async function measureGigabyte(threads: number, say: (line: string) => void): Promise<Array<Round<Load>>> {
  say('publishing a gigabyte');
  const gigabyte = await openGigabyteSite(options.app);
  await addToStock(STOCK_FOLDER, GIGABYTE.id, GIGABYTE_FOLDER);
  const [server, stock] = [createServer({ directory: gigabyte.directory }), serveStock(STOCK_FOLDER)];
  try {
    const stockUrl = await stock.listen();
    const peers = [
      sillPeer(await server.listen(0), GIGABYTE.id),
      stockPeer(stockUrl, threads, GIGABYTE.id),
      stockSamePeer(stockUrl, threads, GIGABYTE.id),
    ];
    const found = [];
    for (let round = 0; round < gigabyteRuns; round++) {
      say(`a gigabyte, round ${round + 1} of ${gigabyteRuns}`);
      found.push(await measureRound(peers, round, LATER_VISITS, loadVisit));
    }
    return found;
  } finally {
    await server.close();
    await stock.close();
    await gigabyte.close();
  }
}

interface Measured {
  readonly timed: ReadonlyArray<Round<Visit>>;
  readonly opening?: ReadonlyArray<Round<number>>;
  readonly memory?: ReadonlyArray<Round<MemoryVisit>>;
  readonly restarts?: readonly Restart[];
  readonly gigabyte?: ReadonlyArray<Round<Load>>;
}

interface Findings {
  readonly rows: readonly Row[];
  readonly own: readonly OwnRow[];
  readonly verdicts: readonly Verdict[];
  readonly agreement: ReturnType<typeof agreementOf>;
}

function printRows(rows: readonly Row[]): void {
  console.log(`\n${table(rows, { sill: 'Sill', stock: 'stock', stockSame: 'stock, same' })}\n`);
  console.log('Median (least .. most) of each; ratios: median of pairs [95 % interval of it].');
}

function print({ rows, own, verdicts, agreement }: Findings): void {
  printRows(rows);
  console.log(`Second answers: stock ${agreement.short.stock}; stock, same ${agreement.short.stockSame}.`);
  console.log(`Long prompt: stock ${agreement.long.stock}; stock, same ${agreement.long.stockSame}.`);
  console.log(ownLines(own));
  printVerdicts(verdicts);
}

function printVerdicts(verdicts: readonly Verdict[]): void {
  for (const { what, against, atMost, atLeast, measured, met } of verdicts) {
    const target = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    const peer = against === 'toStock' ? 'stock' : 'stock, same';
    console.log(`${met ? 'met   ' : 'MISSED'} ${what}, ${peer}: ${measured.toFixed(2)}, target ${target}`);
  }
}
