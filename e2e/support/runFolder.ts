import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run makes once: each of Playwright's processes finds it, also one that takes the place of another. */
export default async function makeRunFolder(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-run-'));
  process.env.SILL_TEST_RUN = folder;
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Where one of the tests that run side by side keeps its profiles: they are of one port. */
export function placeOf(parallelIndex: number): string {
  const { SILL_TEST_RUN: folder } = process.env;
  if (folder === undefined) throw new Error('playwright.config.ts names no global setup');
  return join(folder, String(parallelIndex));
}
