import { appendFile, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from '../../src/core/catalog.ts';
import { shortRevision } from '../../src/core/ids.ts';
import { type Manifest, variantBytes } from '../../src/core/manifest.ts';
import { deliveredGguf } from '../import/deliveredGguf.ts';
import { withGguf } from '../import/openGguf.ts';
import { inspect } from '../publisher/inspect.ts';
import { hasRepository } from '../publisher/repository.ts';
import { minilm, minimindBroken, stories15m, stories15mReference, tinyllama, whisperTiny } from './about.ts';
import { convertStories } from './convertStories.ts';
import type { Extra } from './extras.ts';
import { fetchSources, SOURCES_FOLDER, type SourceCache, sourceFolder } from './fetchSources.ts';
import { npmOptions } from './npmOptions.ts';
import { type About, packFolder } from './packFolder.ts';
import { placeRevision, prune, writeCatalog } from './publish.ts';
import { mebibytes } from './sizes.ts';
import { MINILM_FOLDER, SOURCES, type SourcePackage, WHISPER_FOLDER } from './sources.ts';
import { withStaging } from './staging.ts';

const MINIMIND_SUITE = new URL('./evaluations/minimind2-small.jsonl', import.meta.url);
const STAGING_FOLDER = '.cache/staging';

interface Model {
  readonly sources: readonly SourcePackage[];
  /** Fills the folder with the model's files and says what the model is. */
  readonly make: (folder: string, cache: SourceCache) => Promise<About>;
}

const storiesData = (cache: SourceCache): string => join(sourceFolder(cache.folder, SOURCES.llama2c), 'dist/llama2.data');

const SETS: Readonly<Record<'starters' | 'references', readonly Model[]>> = {
  starters: [
    {
      sources: [SOURCES.llama2c],
      make: async (folder, cache) => stories15m(await convertStories(storiesData(cache), folder, ['int8', 'q4'])),
    },
    { sources: [SOURCES.minilm], make: (folder, cache) => copied(minilm, SOURCES.minilm, MINILM_FOLDER, folder, cache) },
    { sources: [SOURCES.whisper], make: (folder, cache) => copied(whisperTiny, SOURCES.whisper, WHISPER_FOLDER, folder, cache) },
  ],
  references: [
    {
      sources: [SOURCES.llama2c],
      make: async (folder, cache) => stories15mReference(await convertStories(storiesData(cache), folder, ['fp32'])),
    },
    {
      sources: [SOURCES.minimind],
      make: async (folder, cache) => {
        await cp(MINIMIND_SUITE, join(folder, 'evaluation.jsonl'));
        return copied(minimindBroken, SOURCES.minimind, '.', folder, cache);
      },
    },
  ],
};

/** What is built beside the starters when it is asked for. */
const EXTRAS: Readonly<Record<Extra, Model>> = {
  tinyllama: {
    sources: [SOURCES.tinyllama1, SOURCES.tinyllama2],
    make: async (folder, cache) => {
      const parts = [SOURCES.tinyllama1, SOURCES.tinyllama2].map((source) => join(sourceFolder(cache.folder, source), 'model.part'));
      const file = 'tinyllama.gguf';
      await mkdir(folder, { recursive: true });
      for (const part of parts) await appendFile(join(folder, file), await readFile(part));
      return tinyllama(await withGguf(join(folder, file), async (gguf) => deliveredGguf(gguf, [file])));
    },
  },
};

async function copied(about: About, source: SourcePackage, inside: string, folder: string, cache: SourceCache): Promise<About> {
  await cp(join(sourceFolder(cache.folder, source), inside), folder, { recursive: true });
  return about;
}

/** Fetches what is missing, makes each model aside, moves it to its place and names it in the catalog of `root`. */
export async function build(
  set: keyof typeof SETS,
  extras: readonly Extra[],
  root: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const models = [...SETS[set], ...extras.map((extra) => EXTRAS[extra])];
  const cache: SourceCache = { folder: SOURCES_FOLDER, say, npm: () => npmOptions(process.cwd()), signal };
  await fetchSources(
    models.flatMap((model) => model.sources),
    cache,
  );
  await withStaging(STAGING_FOLDER, async (staging) => {
    const entries: CatalogEntry[] = [];
    for (const [index, model] of models.entries()) {
      signal.throwIfAborted();
      const folder = join(staging, String(index));
      const packed = await packFolder(folder, await model.make(folder, cache));
      const entry = await placeRevision(root, folder, packed);
      entries.push(entry);
      say(`${entry.id} ${shortRevision(entry.revision)}: ${sizesOf(packed.manifest)}`);
    }
    const others = (await hasRepository(root)) ? (await inspect(root)).models : [];
    await prune(root, await writeCatalog(root, entries), others);
  });
}

const sizesOf = (manifest: Manifest): string =>
  manifest.variants.map((variant) => `${variant.id} ${mebibytes(variantBytes(manifest, variant))}`).join(', ');
