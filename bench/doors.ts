/** What each door costs beside the direct call: the first piece of an answer, and each further one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, quantile } from 'simple-statistics';
import { createServer } from '../tools/serve/server.ts';
import { DOORS, type Door, type Passage, passThrough } from './doors/doors.ts';
import { stampApp } from './doors/stampedApp.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { sillPeer } from './peers/sill.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, SHORT_PROMPT, withBrowser, withFolder } from './rounds.ts';

const REQUEST = { prompt: SHORT_PROMPT, max_tokens: 96, temperature: 0, cache_prompt: false };
/** Whose code V8 has not optimised yet. */
const WARM_UPS = 4;
const TARGET_FIRST_MS = 5;
const TARGET_FURTHER_MS = 1;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '60' },
    app: { type: 'string', default: 'dist' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');

type Rounds = ReadonlyArray<ReadonlyMap<string, Passage>>;

/** All doors in turns, and who begins changes. */
async function measure(folder: string): Promise<Rounds> {
  const app = join(folder, 'app');
  await stampApp(options.app, app);
  const server = createServer({ directory: app });
  try {
    const peer = sillPeer(await server.listen(0));
    return await withBrowser(join(folder, 'profile'), async (browser) => {
      const page = await browser.open(peer.url);
      await peer.settle(page);
      await peer.load(page, 'first');
      const rounds: Map<string, Passage>[] = [];
      for (let round = -WARM_UPS; round < runs; round++) {
        const passages = new Map<string, Passage>();
        for (const at of DOORS.keys()) {
          const door = DOORS[(at + Math.abs(round)) % DOORS.length];
          if (door) passages.set(door.name, await passThrough(door, page, REQUEST));
        }
        if (round >= 0) rounds.push(passages);
      }
      return rounds;
    });
  } finally {
    await server.close();
  }
}

interface Row {
  readonly door: string;
  readonly firstMs: number;
  /** Beside the direct call of the same round, at the median. */
  readonly addedFirstMs: number;
  readonly furtherMs: number;
  readonly further99Ms: number;
  readonly addedFurtherMs: number;
}

function rowOf({ name }: Door, rounds: Rounds): Row {
  const of = (door: string) => rounds.flatMap((round) => round.get(door) ?? []);
  const [first] = DOORS;
  const direct = of(first?.name ?? '');
  const own = of(name);
  const further = own.flatMap(({ wayMs }) => wayMs.slice(1));
  const addedFirst = own.map(({ firstMs }, round) => firstMs - (direct[round]?.firstMs ?? Number.NaN));
  return {
    door: name,
    firstMs: median(own.map(({ firstMs }) => firstMs)),
    addedFirstMs: median(addedFirst),
    furtherMs: median(further),
    further99Ms: quantile(further, 0.99),
    addedFurtherMs: median(further) - median(direct.flatMap(({ wayMs }) => wayMs.slice(1))),
  };
}

const cell = (ms: number): string => ms.toFixed(2).padStart(9);

await withFolder(async (folder) => {
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const rounds = await measure(folder);
  const rows = DOORS.map((door) => rowOf(door, rounds));
  console.log(`\n${'ms'.padEnd(16)}    first    added  further      p99    added   (${runs} rounds, load average ${loadAverage()})`);
  for (const { door, firstMs, addedFirstMs, furtherMs, further99Ms, addedFurtherMs } of rows) {
    console.log(`${door.padEnd(16)}${[firstMs, addedFirstMs, furtherMs, further99Ms, addedFurtherMs].map(cell).join('')}`);
  }
  for (const { door, addedFirstMs, addedFurtherMs } of rows.slice(1)) {
    const isMet = addedFirstMs <= TARGET_FIRST_MS && addedFurtherMs <= TARGET_FURTHER_MS;
    console.log(
      `${door}: first at most ${TARGET_FIRST_MS} ms later, each further at most ${TARGET_FURTHER_MS} ms: ${isMet ? 'met' : 'missed'}`,
    );
  }
  if (options.json === undefined) return;
  await mkdir(dirname(options.json), { recursive: true });
  const raw = rounds.map((round) => Object.fromEntries(round));
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, note: options.note, loadAverage: loadAverage(), rows, rounds: raw }, null, 1)}\n`,
  );
  console.log(`Written to ${options.json}`);
});
