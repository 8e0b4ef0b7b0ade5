import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GIGABYTE, GIGABYTE_FOLDER, makeGigabyte } from '../gigabyte/model.ts';
import { installedFolder } from '../stock/build.ts';

const NAME = 'model_int8.onnx';
const BESIDE = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
const VARIANT = 'int8-wasm';
/** No larger than a chunk, so that none is like another. */
const MARK_EVERY_BYTES = 64 * 1024;
/** Of the weights, the second revision's are others. */
const CHANGED_SHARE = 1 / 3;

export const CARRIED = {
  id: GIGABYTE.id,
  variant: VARIANT,
  repository: 'bench/gigabyte',
  commit: '0123456789abcdef0123456789abcdef01234567',
};

/** A model folder that is published or served. */
export interface Carried {
  readonly folder: string;
  /** Relative to it. */
  readonly paths: readonly string[];
}

/**
 * Two revisions of the gigabyte of weights, each layer a little unlike the others: as they are made, all layers are the same chunks, which travel once. The
 * second one is like the first for two thirds.
 */
export async function makeCarried(app: string): Promise<{ readonly first: Carried; readonly next: Carried }> {
  await makeGigabyte(await installedFolder(app, 'stories15m'));
  const paths = [...BESIDE, `onnx/${NAME}`, `onnx/${NAME}_data`];
  const revision = async (name: string, seed: (position: number) => number): Promise<Carried> => {
    const folder = join('.cache/bench/delivery', name);
    if (!existsSync(folder)) await writeMarked(folder, seed);
    const { variants, ...about } = JSON.parse(await readFile(join(GIGABYTE_FOLDER, 'sill.json'), 'utf8')) as {
      variants: Array<{ id: string }>;
    };
    await writeFile(join(folder, 'sill.json'), JSON.stringify({ ...about, variants: variants.filter(({ id }) => id === VARIANT) }));
    return { folder, paths };
  };
  return { first: await revision('first', () => 1), next: await revision('next', (position) => (position < CHANGED_SHARE ? 2 : 1)) };
}

/** @param seed by the place in the file, 0 to 1: where two seeds are the same, so are the bytes */
async function writeMarked(folder: string, seed: (position: number) => number): Promise<void> {
  const staging = `${folder}.part`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(join(staging, 'onnx'), { recursive: true });
  for (const path of [...BESIDE, `onnx/${NAME}`]) await copyFile(join(GIGABYTE_FOLDER, path), join(staging, path));
  const from = join(GIGABYTE_FOLDER, 'onnx', `${NAME}_data`);
  const file = await open(join(staging, 'onnx', `${NAME}_data`), 'w');
  const { size } = await stat(from);
  let at = 0;
  try {
    for await (const piece of createReadStream(from, { highWaterMark: MARK_EVERY_BYTES })) {
      const bytes = piece as Buffer;
      // The least bit of some weights: a model as good as it was.
      const hash = Math.imul((at / MARK_EVERY_BYTES) * 8 + seed(at / size), 0x9e3779b1) >>> 0;
      bytes.writeUInt8(bytes.readUInt8(hash % bytes.length) ^ 1, hash % bytes.length);
      await file.write(bytes);
      at += bytes.length;
    }
  } finally {
    await file.close();
  }
  await rename(staging, folder);
}
