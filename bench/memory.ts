/** What loading a gigabyte of weights takes of the device, in each build of the runtime, and what further tabs add: PSS of the browser's process tree, sampled. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { freePort, openSite, type Site } from '../e2e/support/site.ts';
import type {} from '../src/protocol/sill.ts';
import { GIGABYTE } from './gigabyte/model.ts';
import { type GigabyteSite, openGigabyteSite } from './gigabyte/site.ts';
import type { Page } from './measure/browser.ts';
import { GPU_FLAGS, waitForGpu } from './measure/gpu.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { watchMemory } from './measure/memory.ts';
import { spreadOf } from './measure/ratios.ts';
import { measureTabs } from './memory/tabs.ts';
import { sillPeer } from './peers/sill.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, withBrowser, withFolder } from './rounds.ts';

const MIB = 2 ** 20;
/** What is left over counts as gone below this share of the weights. */
const SURPLUS_SHARE = 0.05;
const REST_MS = 10_000;
/** What is left of the weights then is not theirs. */
const GONE_SHARE = 0.1;
const GONE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;
const GPU_FLAG = '--enable-unsafe-webgpu';

interface Way {
  readonly name: string;
  readonly label: string;
  readonly variant: 'int8-wasm' | 'int8-webgpu' | 'q4-webgpu';
  readonly device: 'wasm' | 'webgpu';
  /** What it has to run on, so that nothing else is measured in its place. */
  readonly build: 'plain' | 'jspi';
  readonly flags: readonly string[];
  /** Peak of a load above the idle page, as a multiple of the weights. Absent where nothing is promised. */
  readonly target?: number;
}

/**
 * The plain build runs what was made for the processor. The JSPI build comes with what was made for a GPU; with the plain build not to be
 * had, as on a device without a network, it runs that on the processor too, where all that it takes is seen.
 */
const WAYS: readonly Way[] = [
  { name: 'plain', label: 'plain build', variant: 'int8-wasm', device: 'wasm', build: 'plain', flags: [], target: 1.6 },
  { name: 'jspi', label: 'JSPI build', variant: 'int8-webgpu', device: 'wasm', build: 'jspi', flags: [GPU_FLAG], target: 1.2 },
  { name: 'gpu', label: 'JSPI build on the GPU', variant: 'q4-webgpu', device: 'webgpu', build: 'jspi', flags: GPU_FLAGS },
];

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    ways: { type: 'string', default: 'plain,jspi,tabs' },
    /** Asked by tabs: the gigabyte, or a starter model. */
    'tabs-model': { type: 'string', default: GIGABYTE.id },
    app: { type: 'string', default: 'dist' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});
const runs = Number(options.runs);
const named = options.ways.split(',');
/** Not a way of loading. */
const TABS = 'tabs';
const wanted = named.flatMap((name) => {
  if (name === TABS) return [];
  const way = WAYS.find((each) => each.name === name);
  if (!way) throw new Error(`--ways takes ${[...WAYS.map((each) => each.name), TABS].join(', ')}`);
  return way;
});

const tabsModel = options['tabs-model'];
const isPublished = wanted.length > 0 || tabsModel === GIGABYTE.id;
if (isPublished) console.log('Publishing a gigabyte …');
const gigabyte = isPublished ? await openGigabyteSite(options.app) : undefined;
const site = await openSite({ base: '/', headers: true, directory: gigabyte?.directory ?? options.app }, await freePort());
try {
  const machine = describeMachine(await chromiumVersion());
  console.log(machineLines(machine));
  const ways = [];
  for (const way of wanted) if (gigabyte) ways.push(await measure(way, site, gigabyte));
  const tabs = named.includes(TABS) ? await measureInTabs(site) : undefined;
  const date = new Date().toISOString();
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify({ date, machine, note: options.note, runs, ways, tabs }, undefined, 1)}\n`);
  }
  if ([...ways, ...(tabs ? [tabs] : [])].some(({ verdicts }) => verdicts.some(({ met }) => !met))) process.exitCode = 1;
} finally {
  await site.close();
  await gigabyte?.close();
}

interface Visit {
  readonly loadAverage: number;
  readonly idleBytes: number;
  readonly peakBytes: number;
  /** When the model is ready, and when its first token has come. */
  readonly loadedBytes: number;
  readonly firstTokenBytes: number;
  /** A while after that. */
  readonly restBytes: number;
  /** From asking for the model to be unloaded until its memory is the device's again. */
  readonly goneMs: number;
  readonly loadMs: number;
  readonly heapBytes?: number;
}

async function measure(way: Way, server: Site, { weightsBytes }: GigabyteSite) {
  const bytes = weightsBytes(way.variant);
  const visits: Visit[] = [];
  await withFolder(async (folder) => {
    const profile = join(folder, way.name);
    const peer = sillPeer(server.url, GIGABYTE.id);
    const settle = async (page: Page): Promise<void> => {
      await peer.settle(page);
      if (way.device === 'webgpu') await waitForGpu(page);
    };
    // Before the first visit: the plain build comes by itself soon after that.
    const restore = server.answer(({ path }) =>
      way.build !== 'plain' && /ort-wasm-simd-threaded-[^./]*\.wasm$/.test(path)
        ? { status: 503, type: 'text/plain', body: 'not to be had' }
        : undefined,
    );
    await withBrowser(
      profile,
      async (browser) => {
        const page = await browser.open(server.url);
        await settle(page);
        await install(page, GIGABYTE.id, way);
      },
      way.flags,
    );
    for (let run = 0; run < runs; run++) {
      visits.push(
        await withBrowser(
          profile,
          async (browser) => {
            const page = await browser.open(server.url);
            await settle(page);
            const watch = watchMemory(browser.pid);
            try {
              const idleBytes = watch.nowBytes();
              watch.peakBytes();
              const { build, device, loadMs } = await load(page);
              const loadedBytes = watch.nowBytes();
              if (build !== way.build || device !== way.device) throw new Error(`${way.label}: it ran on ${device} in the build ${build}`);
              await peer.generate(page, 'Once upon a time', 1);
              const firstTokenBytes = watch.nowBytes();
              const peakBytes = watch.peakBytes();
              await sleep(REST_MS);
              const restBytes = watch.nowBytes();
              const goneMs = await unload(page, () => watch.nowBytes() < idleBytes + GONE_SHARE * bytes);
              return { loadAverage: loadAverage(), idleBytes, peakBytes, loadedBytes, firstTokenBytes, restBytes, goneMs, loadMs };
            } finally {
              watch.stop();
            }
          },
          way.flags,
        ),
      );
    }
    restore();
  });
  const share = (measureOf: (visit: Visit) => number) => spreadOf(visits.map((visit) => measureOf(visit) / bytes));
  const peak = share((visit) => visit.peakBytes - visit.idleBytes);
  const held = share((visit) => visit.firstTokenBytes - visit.idleBytes);
  const surplus = share((visit) => visit.firstTokenBytes - visit.restBytes);
  const verdicts = [
    ...(way.target === undefined ? [] : [{ what: 'peak above the idle page', atMost: way.target, measured: peak.median }]),
    { what: 'surplus at the first token', atMost: SURPLUS_SHARE, measured: surplus.median },
  ].map((verdict) => ({ ...verdict, met: verdict.measured <= verdict.atMost }));
  const of = ({ median, min, max }: typeof peak) => `${median.toFixed(2)} (${min.toFixed(2)} .. ${max.toFixed(2)})`;
  console.log(
    `${way.label}, ${(bytes / MIB).toFixed(0)} MiB of weights: load ${spreadOf(visits.map(({ loadMs }) => loadMs)).median.toFixed(0)} ms`,
  );
  console.log(`  above the idle page, in weights: peak ${of(peak)}, with its first token ${of(held)}; gone after it ${of(surplus)}`);
  const gone = spreadOf(visits.map(({ goneMs }) => goneMs));
  console.log(`  unloaded, its memory is gone after ${gone.median.toFixed(0)} ms (${gone.min.toFixed(0)} .. ${gone.max.toFixed(0)})`);
  for (const { what, atMost, measured, met } of verdicts) {
    console.log(`  ${met ? 'met   ' : 'MISSED'} ${what}: ${measured.toFixed(2)} of the weights, target at most ${atMost}`);
  }
  return { ...way, weightsBytes: bytes, peak, held, surplus, gone, verdicts, visits };
}

/** On the plain build, as it comes. */
async function measureInTabs(server: Site) {
  const peer = sillPeer(server.url, tabsModel);
  return withFolder(async (folder) => {
    const profile = join(folder, TABS);
    await withBrowser(profile, async (browser) => {
      const page = await browser.open(server.url);
      await peer.settle(page);
      await install(page, tabsModel, { variant: 'int8-wasm', device: 'wasm' });
    });
    return measureTabs(runs, { url: server.url, peer, model: tabsModel }, (work) => withBrowser(profile, work));
  });
}

function install(page: Page, model: string, { variant, device }: Pick<Way, 'variant' | 'device'>): Promise<undefined> {
  return page.run(
    v.undefined(),
    async (id: string, wish: string, place: 'wasm' | 'webgpu') => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      await sill.models.install(id, { variant: wish });
      await sill.models.place(id, place);
    },
    model,
    variant,
    device,
  );
}

function load(page: Page) {
  return page.run(
    v.object({ build: v.string(), device: v.string(), loadMs: v.number() }),
    async (model: string) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      const startMs = performance.now();
      const { loaded } = await sill.models.load(model);
      return { build: loaded?.build, device: loaded?.device, loadMs: performance.now() - startMs };
    },
    GIGABYTE.id,
  );
}

async function unload(page: Page, isGone: () => boolean): Promise<number> {
  const startMs = performance.now();
  await page.run(v.boolean(), async (model: string) => globalThis.sill?.models.unload(model), GIGABYTE.id);
  while (!isGone()) {
    if (performance.now() - startMs > GONE_WITHIN_MS) throw new Error('The memory of the model that was unloaded did not come back.');
    await sleep(LOOK_EVERY_MS);
  }
  return performance.now() - startMs;
}
