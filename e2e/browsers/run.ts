import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeStoriesGguf } from '../../tools/models/testing/storiesGguf.ts';
import { freePort, openSite } from '../support/site.ts';
import { driversAtHand } from './atHand.ts';
import { walk, walkPrivately } from './walk.ts';

/** Walks through the built app in every browser that is at hand, and ends with 1 where one is missing or stumbles. */

const { values: options } = parseArgs({ options: { only: { type: 'string' }, pictures: { type: 'string' } } });

const { drivers, missing } = driversAtHand(options.only);
const folder = await mkdtemp(join(tmpdir(), 'sill-browsers-'));
const results: string[] = missing.map((name) => `${name}: not at hand`);
let stumbled = missing.length > 0;
try {
  const gguf = join(folder, 'stories-Q8_0.gguf');
  writeStoriesGguf(gguf, 'Q8_0');
  for (const driver of drivers) {
    // A port of its own for each: one browser that is slow to end asks the next one's server for nothing.
    const site = await openSite({ base: '/', headers: true, directory: resolve('dist') }, await freePort());
    console.log(`\n== ${driver.name}`);
    const startMs = performance.now();
    const passed = (step: string): void => console.log(`  ✓ ${step} (${Math.round((performance.now() - startMs) / 1000)} s)`);
    let stumbles = 0;
    const failed = (what: string): void => {
      stumbles += 1;
      console.error(`  ✗ ${what}`);
    };
    let version = '';
    try {
      const pictures = options.pictures === undefined ? undefined : resolve(options.pictures);
      version = await walk({ driver, site, profile: join(folder, driver.name), gguf, pictures, passed, failed });
      await walkPrivately({ driver, site, passed });
    } catch (reason) {
      failed(reason instanceof Error ? reason.message : String(reason));
    } finally {
      await site.close();
    }
    stumbled ||= stumbles > 0;
    results.push(`${driver.name} ${version}: ${stumbles === 0 ? 'passed' : `${stumbles} failed`}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`\n${results.join('\n')}`);
process.exit(stumbled ? 1 : 0);
