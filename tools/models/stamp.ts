import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Digest } from '../../src/core/ids.ts';
import { sha256 } from '../digests.ts';
import { unlessCode } from './errno.ts';

const StampSchema = v.object({ inputs: v.string(), outputs: v.array(v.object({ path: v.string(), sizeBytes: v.number() })) });
type Output = v.InferOutput<typeof StampSchema>['outputs'][number];

/** The digest of all code and data that decides what is built: of every file under the paths but tests. */
export async function inputsDigest(paths: readonly string[]): Promise<Digest> {
  const lines: string[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path)) {
      if (!/\.test\.ts$/.test(file)) lines.push(`${file} ${sha256(await readFile(file))}`);
    }
  }
  return sha256(lines.sort().join('\n'));
}

/** True when the stamp is of these inputs and everything that was built then is still there. */
export async function isUpToDate(stampFile: string, inputs: Digest): Promise<boolean> {
  const stamp = await readStamp(stampFile);
  if (stamp?.inputs !== inputs) return false;
  const present = await Promise.all(stamp.outputs.map(async ({ path, sizeBytes }) => (await sizeOf(path)) === sizeBytes));
  return present.every(Boolean);
}

/** Records what was built of `inputs`; written last, so that a killed run is run again. */
export async function writeStamp(stampFile: string, inputs: Digest, folders: readonly string[]): Promise<void> {
  const outputs: Output[] = [];
  for (const folder of folders) {
    for (const path of await filesUnder(folder)) outputs.push({ path, sizeBytes: (await stat(path)).size });
  }
  await writeWhole(stampFile, JSON.stringify({ inputs, outputs }));
}

/** Writes a file so that no reader ever sees half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, text);
  await rename(partial, path);
}

async function readStamp(path: string): Promise<v.InferOutput<typeof StampSchema> | undefined> {
  try {
    return v.parse(StampSchema, JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // No stamp, or none that can be read: then the models are built again, which is always right.
    return undefined;
  }
}

async function filesUnder(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const sizeOf = async (path: string): Promise<number | undefined> => {
  const found = await stat(path).catch(unlessCode('ENOENT', 'ENOTDIR'));
  return found?.size;
};
