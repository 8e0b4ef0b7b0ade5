import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';

/** What `npm run test:large` measured, for people: it asserts no time. */
const LARGE_RESULTS = '.cache/large/tinyllama.json';

/** Adds figures to those that are there. */
export function recordLarge(figures: Readonly<Record<string, number | string>>): void {
  mkdirSync(dirname(LARGE_RESULTS), { recursive: true });
  let known: Record<string, unknown> = {};
  try {
    known = v.parse(v.record(v.string(), v.unknown()), JSON.parse(readFileSync(LARGE_RESULTS, 'utf8')));
  } catch {
    // The first, or what was left of a run that was killed.
  }
  writeFileSync(LARGE_RESULTS, `${JSON.stringify({ ...known, ...figures }, undefined, 1)}\n`);
}
