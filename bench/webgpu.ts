import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import type {} from '../src/protocol/sill.ts';
import { createServer } from '../tools/serve/server.ts';
import { GPU_FLAGS, waitForGpu } from './measure/gpu.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import type { Peer } from './peers/peer.ts';
import { sillPeer } from './peers/sill.ts';
import { stockGpuPeer } from './peers/stock.ts';
import { promptsFor } from './prompts.ts';
import { agreementOf, machineLines, ownLines, ownRowsOf, rowsOf, table } from './report.ts';
import { chromiumVersion, measureRound, timedVisit, withBrowser, withFolder } from './rounds.ts';
import { buildStock, installedFolder } from './stock/build.ts';
import { serveStock } from './stock/server.ts';

const LATER_VISITS = 2;

const ChosenSchema = v.looseObject({});

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    app: { type: 'string', default: 'dist' },
    /** A folder in which `npm run bench:engine` or this once built the page of the peer. */
    stock: { type: 'string' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');

const stockFolder = options.stock ?? '.cache/bench/stock';
if (options.stock === undefined) await buildStock(stockFolder, await installedFolder(options.app, 'stories15m'));
const sillServer = createServer({ directory: options.app });
const stockServer = serveStock(stockFolder);
try {
  const [sillUrl, stockUrl] = [await sillServer.listen(0), await stockServer.listen()];
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const chosen = await whatIsChosen(sillUrl);
  console.log(JSON.stringify(chosen, undefined, 1));

  const peers: readonly Peer[] = [
    { ...sillPeer(sillUrl, 'stories15m', 'q4-webgpu'), flags: GPU_FLAGS },
    stockGpuPeer(stockUrl, '.asyncify', GPU_FLAGS),
    stockGpuPeer(stockUrl, '.jspi', GPU_FLAGS),
  ].map(onceThereIsAGpu);
  const prompts = await promptsFor(await installedFolder(options.app, 'stories15m'));
  const timed = [];
  for (let round = 0; round < runs; round++) {
    console.log(`round ${round + 1} of ${runs}, load average ${loadAverage()}`);
    timed.push(await measureRound(peers, round, LATER_VISITS, timedVisit(prompts)));
  }
  const [rows, own] = [rowsOf(timed, []), ownRowsOf(timed)];
  console.log(`\n${table(rows, { sill: 'Sill', stock: 'stock', stockSame: 'stock, same' })}\n${ownLines(own)}`);
  const agreement = agreementOf(timed);
  console.log(agreement);
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true });
    const result = { date: new Date().toISOString(), machine, note: options.note, runs, chosen, rows, own, agreement, timed };
    await writeFile(options.json, `${JSON.stringify(result, undefined, 1)}\n`);
  }
} finally {
  await sillServer.close();
  await stockServer.close();
}

function onceThereIsAGpu(peer: Peer): Peer {
  return {
    ...peer,
    async settle(page) {
      await peer.settle(page);
      await waitForGpu(page);
    },
  };
}

/** What the app finds of the GPU, and which variant it takes where nobody chooses. */
async function whatIsChosen(url: string) {
  return withFolder((folder) =>
    withBrowser(
      join(folder, 'chosen'),
      async (browser) => {
        const page = await browser.open(url);
        await onceThereIsAGpu(sillPeer(url)).settle(page);
        const found = await page.run(ChosenSchema, async () => {
          const sill = globalThis.sill;
          if (!sill) throw new Error('globalThis.sill is missing');
          await sill.models.install('stories15m');
          const device = await sill.device({ test: true });
          const { sill: run, choices } = await sill.completions.create({
            ...{ model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 32 },
          });
          return { device, run, text: choices[0]?.text, fits: (await sill.models.list()).find(({ id }) => id === 'stories15m')?.fits };
        });
        return found;
      },
      GPU_FLAGS,
    ),
  );
}
