import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** Long forms of tests leave a hundred thousand files. */
const REMOVING_MS = 300_000;

/** A new empty folder for each test of the file; call at the top. */
export function tempFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sill-models-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }), REMOVING_MS);
  return () => folder;
}

export async function put(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
