import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The release of llama.cpp that node-llama-cpp 3.22.1 brings. */
export const ORIGIN = 'llama.cpp v0.5.0 through node-llama-cpp 3.22.1, on the processor of an x64 Linux';

/** Makes reference values and stores them where the tests look. */
export async function withReferenceFolder(name: string, make: (folder: string) => Promise<object>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-reference-'));
  try {
    const path = join(import.meta.dirname, '../../models/golden', name);
    await writeFile(path, `${JSON.stringify(await make(folder), undefined, 1)}\n`);
    console.log(`wrote ${path}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
