import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../digests.ts';
import { unlessCode } from './errno.ts';
import { EXTRAS, type Extra } from './extras.ts';
import { SIGNED_FOLDERS } from './publish.ts';
import { inputsDigest, isUpToDate, writeStamp } from './stamp.ts';

/** Everything that decides what is built, relative to the checkout. */
const INPUTS = [
  'tools/models.ts',
  'tools/models',
  'tools/import',
  'tools/digests.ts',
  'tools/evaluate/ortLlama.ts',
  'src/forge',
  'src/core/manifest.ts',
  'src/core/making.ts',
  'src/core/importGate.ts',
  'src/core/tasks.ts',
  'src/core/catalog.ts',
  'src/core/chunking.ts',
  'src/core/contentCuts.ts',
  'src/core/gear.ts',
];
const STAMPS_FOLDER = '.cache/stamps';

export const MODELS_FOLDER = 'public/models';
export const REFERENCE_FOLDER = '.cache/reference';

/**
 * Builds the starter models into the tree that is served, or the unquantised reference beside the sources, unless it is there already.
 * What builds is imported only then: finding nothing to do must not slow each start down.
 */
export async function ensureModels(
  set: 'starters' | 'references',
  say: (line: string) => void,
  signal: AbortSignal,
  asked: readonly Extra[] = [],
): Promise<void> {
  const root = set === 'starters' ? MODELS_FOLDER : REFERENCE_FOLDER;
  const stamp = `${STAMPS_FOLDER}/${set}.json`;
  // Once asked for, a model stays: a later start without the option must not take it away.
  const there = (await readdir(root).catch(unlessCode('ENOENT'))) ?? [];
  const extras = EXTRAS.filter((extra) => set === 'starters' && (asked.includes(extra) || there.includes(extra)));
  const code = await inputsDigest(INPUTS);
  const inputs = extras.length === 0 ? code : sha256([code, ...extras].join(' '));
  if (await isUpToDate(stamp, inputs)) {
    say(`The models in ${root} are up to date.`);
    return;
  }
  const { build } = await import('./build.ts');
  await build(set, extras, root, say, signal);
  const built = (await readdir(root)).filter((name) => !SIGNED_FOLDERS.includes(name));
  await writeStamp(
    stamp,
    inputs,
    built.map((name) => join(root, name)),
  );
}
