import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/**
 * A new empty folder for each test of the file; call at the top.
 * @param removingMs how long it may take to remove, where that is not Vitest's own limit: the long form of a test leaves a hundred thousand files
 */
export function tempFolder(removingMs?: number): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sill-models-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }), removingMs);
  return () => folder;
}

export async function put(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
