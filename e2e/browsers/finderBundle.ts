import { join } from 'node:path';
import { build } from 'vite';

/** What `finder.ts` exports, as a text that makes it the global `finder` of whatever runs it. */
export async function bundleFinder(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: join(import.meta.dirname, 'finder.ts'), formats: ['iife'], name: 'finder', fileName: 'finder' },
    },
  });
  for (const { output } of [built].flat().filter((each) => 'output' in each)) {
    for (const file of output) if (file.type === 'chunk') return file.code;
  }
  throw new Error('the finder was not bundled');
}
