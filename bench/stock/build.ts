import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { readLlama2c } from '../../src/forge/llama2c.ts';
import { sourceFolder } from '../../tools/models/fetchSources.ts';
import { LLAMA2C_CHECKPOINT_BYTES, SOURCES } from '../../tools/models/sources.ts';
import { buildUnfusedLlama } from './unfusedLlama.ts';

const SOURCES_FOLDER = '.cache/sources';
const JSON_FILES = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Names of the two model folders that the stock page is offered, in the hub's layout. */
export const STOCK_MODELS = { unfused: 'stories15m-unfused', fused: 'stories15m' } as const;

/**
 * Writes the stock page with everything it needs into `folder`: its scripts, all builds of the runtime, and the model twice,
 * as an export that was not made for Sill and as the very files that Sill installs.
 * @param installed folder of Sill's own revision of stories15M in the built app
 */
export async function buildStock(folder: string, installed: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  // Where the page was built beforehand, the builder need not be there.
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: './',
    logLevel: 'warn',
    // As transformers.js's documentation leaves it, but without the runtime's default binary bundled in a second time.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'] },
    worker: { format: 'es' },
    build: {
      outDir: resolve(folder),
      target: 'es2023',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      emptyOutDir: true,
    },
  });
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  await mkdir(join(folder, 'ort'));
  for (const part of ['.asyncify.mjs', '.asyncify.wasm', '.jspi.mjs', '.jspi.wasm', '.mjs', '.wasm']) {
    const name = `ort-wasm-simd-threaded${part}`;
    await cp(join(runtime, name), join(folder, 'ort', name));
  }
  const hub = (model: string) => join(folder, model, 'resolve/main');
  await cp(installed, hub(STOCK_MODELS.fused), { recursive: true, filter: (path) => !/manifest/.test(path) });
  await mkdir(join(hub(STOCK_MODELS.unfused), 'onnx'), { recursive: true });
  for (const name of JSON_FILES) await cp(join(installed, name), join(hub(STOCK_MODELS.unfused), name));
  await writeConfigOfOneFile(join(hub(STOCK_MODELS.unfused), 'config.json'));
  await writeFile(join(hub(STOCK_MODELS.unfused), 'onnx/model_int8.onnx'), await unfused());
}

/** The newest revision of a model in the built app. */
export async function installedFolder(app: string, model: string): Promise<string> {
  const folder = join(app, 'models', model);
  const [revision, ...others] = await readdir(folder);
  if (revision === undefined || others.length > 0) throw new Error(`${folder} should hold one revision. Run: npm run build`);
  return join(folder, revision);
}

async function writeConfigOfOneFile(path: string): Promise<void> {
  const { 'transformers.js_config': _, ...config } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify(config, undefined, 1));
}

async function unfused(): Promise<Uint8Array> {
  const path = join(sourceFolder(SOURCES_FOLDER, SOURCES.llama2c), 'dist/llama2.data');
  const file = new Uint8Array(await readFile(path));
  const { config, weights } = readLlama2c({
    sizeBytes: LLAMA2C_CHECKPOINT_BYTES,
    read: (offset, length) => file.slice(offset, offset + length),
  });
  return buildUnfusedLlama(config, weights);
}
