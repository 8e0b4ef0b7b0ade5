/** The same model in each browser that is at hand: what Firefox and WebKit make of it beside Chromium, in one run. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { driversAtHand } from '../e2e/browsers/atHand.ts';
import type { Driver } from '../e2e/browsers/driver.ts';
import { freePort, openSite } from '../e2e/support/site.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { type Ratio, ratioOf, type Spread, spreadOf } from './measure/ratios.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, SHORT_PROMPT, TOKENS, withFolder } from './rounds.ts';

const MODEL = 'stories15m';
const REFERENCE: Driver['name'] = 'Chromium';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '6' }, json: { type: 'string' }, note: { type: 'string' } },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number of rounds, at least 1');

const VisitSchema = v.object({
  /** From asking for the model to its being ready. */
  loadMs: v.number(),
  /** Of a second answer. */
  firstMs: v.number(),
  decodeTokensPerSecond: v.number(),
  text: v.string(),
});
type Visit = v.InferOutput<typeof VisitSchema>;

/** Loads and asks twice: code is warm by the second answer. */
const ask = async (model: string, prompt: string, tokens: number): Promise<Visit> => {
  while (!globalThis.sill) await new Promise((done) => setTimeout(done, 20));
  const { sill } = globalThis;
  await navigator.serviceWorker.ready;
  await sill.models.install(model);
  const startMs = performance.now();
  await sill.models.load(model);
  const loadMs = performance.now() - startMs;
  const answer = async () => {
    const request = { model, prompt, max_tokens: tokens, temperature: 0, cache_prompt: false, stream: true } as const;
    const askedMs = performance.now();
    let [firstMs, lastMs, text] = [0, 0, ''];
    for await (const chunk of await sill.completions.create(request)) {
      if ((chunk.choices[0]?.text ?? '') === '') continue;
      lastMs = performance.now();
      if (firstMs === 0) firstMs = lastMs;
      text += chunk.choices[0]?.text;
    }
    return { firstMs: firstMs - askedMs, decodeTokensPerSecond: ((tokens - 1) * 1000) / (lastMs - firstMs), text };
  };
  await answer();
  return { loadMs, ...(await answer()) };
};

interface Row {
  readonly browser: Driver['name'];
  readonly version: string;
  readonly loadMs: Spread;
  readonly firstMs: Spread;
  readonly decodeTokensPerSecond: Spread;
  /** Beside `REFERENCE` of the same round. */
  readonly decodeToReference: Ratio;
  /** Whether it wrote what `REFERENCE` wrote. */
  readonly sameText: boolean;
}

await withFolder(async (folder) => {
  const { drivers, missing } = driversAtHand(undefined);
  for (const name of missing) console.log(`${name} is not at hand`);
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const site = await openSite({ base: '/', headers: true, directory: resolve('dist') }, await freePort());
  const visits = new Map<Driver['name'], Visit[]>(drivers.map(({ name }) => [name, []]));
  const versions = new Map<Driver['name'], string>();
  try {
    // The first round stores the app and the model, and is not counted.
    for (let round = -1; round < runs; round++) {
      for (const at of drivers.keys()) {
        const driver = drivers[(at + Math.max(0, round)) % drivers.length];
        if (!driver) continue;
        const browser = await driver.launch(join(folder, driver.name));
        try {
          const tab = await browser.first();
          await tab.goto(site.url);
          const visit = await tab.run(VisitSchema, ask, MODEL, SHORT_PROMPT, TOKENS);
          versions.set(driver.name, browser.version);
          if (round >= 0) visits.get(driver.name)?.push(visit);
          console.log(
            `${round + 1}: ${driver.name.padEnd(10)}${visit.decodeTokensPerSecond.toFixed(0)} tokens/s, load average ${loadAverage()}`,
          );
        } finally {
          await browser.close();
        }
      }
    }
  } finally {
    await site.close();
  }

  const reference = visits.get(REFERENCE) ?? [];
  const rows = [...visits].map(([browser, own]): Row => {
    const decode = own.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond);
    return {
      browser,
      version: versions.get(browser) ?? 'unknown',
      loadMs: spreadOf(own.map(({ loadMs }) => loadMs)),
      firstMs: spreadOf(own.map(({ firstMs }) => firstMs)),
      decodeTokensPerSecond: spreadOf(decode),
      decodeToReference: ratioOf(decode.map((speed, i) => [speed, reference[i]?.decodeTokensPerSecond ?? Number.NaN])),
      sameText: own.every(({ text }, i) => text === reference[i]?.text),
    };
  });
  console.log(`\n${''.padEnd(26)}load ms  first ms  tokens/s  beside ${REFERENCE}`);
  for (const { browser, version, loadMs, firstMs, decodeTokensPerSecond, decodeToReference, sameText } of rows) {
    const [low, high] = decodeToReference.interval95;
    console.log(
      `${`${browser} ${version}`.padEnd(26)}${loadMs.median.toFixed(0).padStart(7)}${firstMs.median.toFixed(1).padStart(10)}` +
        `${decodeTokensPerSecond.median.toFixed(0).padStart(10)}${decodeToReference.median.toFixed(2).padStart(8)} (${low.toFixed(2)} to ${high.toFixed(2)})` +
        `${sameText ? '' : ', another text'}`,
    );
  }
  if (options.json === undefined) return;
  await mkdir(dirname(options.json), { recursive: true });
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, note: options.note, loadAverage: loadAverage(), rows, rounds: Object.fromEntries(visits) }, null, 1)}\n`,
  );
  console.log(`Written to ${options.json}`);
});
