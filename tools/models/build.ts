import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from '../../src/core/catalog.ts';
import { shortRevision } from '../../src/core/ids.ts';
import { type Manifest, variantBytes } from '../../src/core/manifest.ts';
import { minilm, stories15m, stories15mReference, whisperTiny } from './about.ts';
import { convertStories } from './convertStories.ts';
import { fetchSources, type SourceCache, sourceFolder } from './fetchSources.ts';
import { type About, packFolder } from './packFolder.ts';
import { placeRevision, prune, writeCatalog } from './publish.ts';
import { mebibytes } from './sizes.ts';
import { MINILM_FOLDER, SOURCES, type SourcePackage, WHISPER_FOLDER } from './sources.ts';
import { withStaging } from './staging.ts';
import { inputsDigest, isUpToDate, writeStamp } from './stamp.ts';

/** Everything that decides what is built, relative to the checkout. */
const INPUTS = [
  'tools/models.ts',
  'tools/models',
  'tools/digests.ts',
  'src/forge',
  'src/core/manifest.ts',
  'src/core/catalog.ts',
  'src/core/chunking.ts',
];
export const MODELS_FOLDER = 'public/models';
export const REFERENCE_FOLDER = '.cache/reference';
const SOURCES_FOLDER = '.cache/sources';
const STAGING_FOLDER = '.cache/staging';
const STAMPS_FOLDER = '.cache/stamps';

interface Model {
  readonly source: SourcePackage;
  /** Fills the folder with the model's files and says what the model is. */
  readonly make: (folder: string, cache: SourceCache) => Promise<About>;
}

const storiesData = (cache: SourceCache): string => join(sourceFolder(cache, SOURCES.llama2c), 'dist/llama2.data');

const STARTERS: readonly Model[] = [
  { source: SOURCES.llama2c, make: async (folder, cache) => stories15m(await convertStories(storiesData(cache), folder, ['int8', 'q4'])) },
  { source: SOURCES.minilm, make: (folder, cache) => copied(minilm, SOURCES.minilm, MINILM_FOLDER, folder, cache) },
  { source: SOURCES.whisper, make: (folder, cache) => copied(whisperTiny, SOURCES.whisper, WHISPER_FOLDER, folder, cache) },
];

const REFERENCES: readonly Model[] = [
  {
    source: SOURCES.llama2c,
    make: async (folder, cache) => stories15mReference(await convertStories(storiesData(cache), folder, ['fp32'])),
  },
];

async function copied(about: About, source: SourcePackage, inside: string, folder: string, cache: SourceCache): Promise<About> {
  await cp(join(sourceFolder(cache, source), inside), folder, { recursive: true });
  return about;
}

/** Builds the starter models into the tree that is served, unless they are there already. */
export const buildStarters = (say: (line: string) => void): Promise<void> => build('starter', STARTERS, MODELS_FOLDER, say);

/** Builds the unquantised reference, for tests, in the same form beside the sources. */
export const buildReference = (say: (line: string) => void): Promise<void> => build('reference', REFERENCES, REFERENCE_FOLDER, say);

async function build(name: string, models: readonly Model[], root: string, say: (line: string) => void): Promise<void> {
  const stamp = join(STAMPS_FOLDER, `${name}.json`);
  const inputs = await inputsDigest(INPUTS);
  if (await isUpToDate(stamp, inputs)) {
    say(`The ${name} models are up to date in ${root}.`);
    return;
  }
  const cache: SourceCache = { folder: SOURCES_FOLDER, say };
  await fetchSources(
    models.map((model) => model.source),
    cache,
  );
  await withStaging(STAGING_FOLDER, async (staging) => {
    const entries: CatalogEntry[] = [];
    for (const [index, model] of models.entries()) {
      const folder = join(staging, String(index));
      const packed = await packFolder(folder, await model.make(folder, cache));
      const entry = await placeRevision(root, folder, packed);
      entries.push(entry);
      say(`${entry.id} ${shortRevision(entry.revision)}: ${sizesOf(packed.manifest)}`);
    }
    await prune(root, await writeCatalog(root, entries));
  });
  await writeStamp(stamp, inputs, [root]);
}

const sizesOf = (manifest: Manifest): string =>
  manifest.variants.map((variant) => `${variant.id} ${mebibytes(variantBytes(manifest, variant))}`).join(', ');
