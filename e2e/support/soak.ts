import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { describeMachine } from '../../bench/measure/machine.ts';
import type { MemoryWatch } from '../../bench/measure/memory.ts';

/** What `npm run test:soak` measured, for people. */
const SOAK_RESULTS = '.cache/soak';
const LOOKS = 20;

/** What stays of a browser's memory, in bytes: the least of ten seconds, since the browser gives back in its own time. */
export async function restBytes(page: Page, memory: MemoryWatch): Promise<number> {
  await page.requestGC();
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look++) {
    await sleep(500);
    least = Math.min(least, memory.ownBytes());
  }
  return least;
}

/** Keeps figures of a soak with the machine that they are of, in the place of those of its last run. */
export function recordSoak(name: string, page: Page, figures: Readonly<Record<string, unknown>>): void {
  mkdirSync(SOAK_RESULTS, { recursive: true });
  const browser = page.context().browser()?.version() ?? 'Chromium';
  writeFileSync(
    `${SOAK_RESULTS}/${name}.json`,
    `${JSON.stringify({ date: new Date().toISOString(), machine: describeMachine(browser), ...figures }, undefined, 1)}\n`,
  );
}
