import * as v from 'valibot';
import type {} from '../../src/protocol/sill.ts';
import type { Browser, Page } from '../measure/browser.ts';
import { loadAverage } from '../measure/machine.ts';
import { type MemoryWatch, watchMemory } from '../measure/memory.ts';
import { spreadOf } from '../measure/ratios.ts';
import type { Peer } from '../peers/peer.ts';

const MIB = 2 ** 20;
const TABS = 3;
/** By how much further tabs may take more with a model than without one, as a share of what the model takes: they have views of their own, and no model. */
const MORE_SHARE = 0.1;

interface TabsVisit {
  readonly loadAverage: number;
  /** PSS of the process tree with a model loaded that each of the tabs has asked: with one tab, two, three. */
  readonly bytes: readonly number[];
  /** The same with as many tabs and no model. */
  readonly withoutModelBytes: readonly number[];
}

/**
 * What further tabs take when all of them ask the same model.
 * @param visit runs with a browser whose profile has the model, and returns what it measured
 */
export async function measureTabs(
  runs: number,
  { url, peer, model: id }: { readonly url: string; readonly peer: Peer; readonly model: string },
  visit: <T>(work: (browser: Browser) => Promise<T>) => Promise<T>,
) {
  const visits: TabsVisit[] = [];
  for (let run = 0; run < runs; run++) {
    const withoutModelBytes = await visit((browser) => opened(browser, { url, peer, ask: async () => undefined }));
    const bytes = await visit((browser) =>
      opened(browser, {
        url,
        peer,
        async ask(page, isFirst) {
          if (isFirst) await peer.load(page, 'later');
          await peer.generate(page, 'Once upon a time', 4);
        },
      }),
    );
    visits.push({ loadAverage: loadAverage(), bytes, withoutModelBytes });
  }
  const added = ({ bytes }: TabsVisit) => (bytes.at(-1) ?? Number.NaN) - (bytes[0] ?? Number.NaN);
  const addedWithout = ({ withoutModelBytes: all }: TabsVisit) => (all.at(-1) ?? Number.NaN) - (all[0] ?? Number.NaN);
  /** The runtime and its caches included. */
  const model = ({ bytes, withoutModelBytes: all }: TabsVisit) => (bytes[0] ?? Number.NaN) - (all[0] ?? Number.NaN);
  const more = spreadOf(visits.map((each) => (added(each) - addedWithout(each)) / model(each)));
  const verdicts = [
    { what: `of the model again in ${TABS - 1} more tabs`, atMost: MORE_SHARE, measured: more.median, met: more.median <= MORE_SHARE },
  ];
  const mib = (of: (visit: TabsVisit) => number) => (spreadOf(visits.map(of)).median / MIB).toFixed(0);
  console.log(`Tabs that ask one model, ${id}, which takes ${mib(model)} MiB in the first of them`);
  for (let tab = 0; tab < TABS; tab++) {
    console.log(
      `  ${tab + 1}: ${mib(({ bytes }) => bytes[tab] ?? 0)} MiB in all, ${mib(({ withoutModelBytes: all }) => all[tab] ?? 0)} without a model`,
    );
  }
  console.log(`  ${TABS - 1} more tabs add ${mib(added)} MiB, and ${mib(addedWithout)} where no model is loaded`);
  for (const { what, atMost, measured, met } of verdicts) {
    console.log(`  ${met ? 'met   ' : 'MISSED'} ${what}: ${measured.toFixed(2)}, target at most ${atMost}`);
  }
  return { name: 'tabs', model: id, more, verdicts, visits };
}

interface Opening {
  readonly url: string;
  readonly peer: Peer;
  readonly ask: (page: Page, isFirst: boolean) => Promise<unknown>;
}

async function opened(browser: Browser, { url, peer, ask }: Opening): Promise<number[]> {
  const watch: MemoryWatch = watchMemory(browser.pid, 1000);
  try {
    const bytes: number[] = [];
    for (let tab = 0; tab < TABS; tab++) {
      const page = await browser.open(url);
      await peer.settle(page);
      await ask(page, tab === 0);
      await page.run(v.undefined(), async () => new Promise((resolve) => setTimeout(resolve, 2_000)));
      bytes.push(watch.nowBytes());
    }
    return bytes;
  } finally {
    watch.stop();
  }
}
