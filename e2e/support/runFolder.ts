import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run makes once: each of Playwright's processes finds it, also one that takes the place of another. */
export default async function makeRunFolder(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-run-'));
  process.env.SILL_TEST_RUN = folder;
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function runFolder(): string {
  const { SILL_TEST_RUN: folder } = process.env;
  if (folder === undefined) throw new Error('playwright.config.ts names no global setup');
  return folder;
}

/** Where one of the tests that run side by side keeps its profiles: they are of one port. */
export const placeOf = (parallelIndex: number): string => join(runFolder(), String(parallelIndex));

/** A text that takes long to make, and is the same for all tests. */
export async function onceForRun(name: string, make: () => Promise<string>): Promise<string> {
  const file = join(runFolder(), name);
  const made = await readFile(file, 'utf8').catch(() => undefined);
  if (made !== undefined) return made;
  const text = await make();
  // Two may make it at once: whoever reads finds it whole.
  const part = `${file}.${process.pid}`;
  await writeFile(part, text);
  await rename(part, file);
  return text;
}
