import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** Writes the page of wllama, with its runtime, into `folder`. Models are put into its folder `models` by whoever wants them. */
export async function buildWllama(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: './',
    logLevel: 'warn',
    build: {
      outDir: resolve(folder),
      target: 'es2023',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      emptyOutDir: true,
    },
  });
  const entry = createRequire(import.meta.url).resolve('@wllama/wllama');
  await copyFile(join(dirname(entry), 'wasm/wllama.wasm'), join(folder, 'wllama.wasm'));
  await mkdir(join(folder, 'models'));
}
