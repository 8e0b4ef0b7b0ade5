/** Builds what pages of other origins import, into sdk/ of a built app: `tsx tools/sdk.ts <folder of the built app>`. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'vite';
import { SDK_FOLDER } from '../src/core/fileKind.ts';

const root = resolve(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const out = join(dist, SDK_FOLDER);

const bundle = (entry: string, fileName: string) =>
  build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      target: 'es2023',
      outDir: out,
      emptyOutDir: false,
      minify: true,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
      // Not Vite's library mode, which leaves white space in.
      rolldownOptions: {
        input: join(root, entry),
        preserveEntrySignatures: 'strict',
        // Schemas of modules of which only a number or a type is used.
        treeshake: { manualPureFunctions: ['v'], moduleSideEffects: (id) => id.endsWith(entry) },
        output: { codeSplitting: false, entryFileNames: fileName },
      },
    },
  });

rmSync(out, { recursive: true, force: true });
await bundle('src/sdk/embed.ts', 'sill.js');
// For the few pages that manage models too: loaded by the first when it is asked for.
await bundle('src/sdk/sill.ts', 'manage.js');

/**
 * One declaration file for each source that the module's types come from, and valibot's beside them, from which the types of requests are inferred: they are
 * what the engine parses by, word for word, and need nothing installed.
 */
function declarations(): void {
  const types = join(out, 'types');
  const emitted = mkdtempSync(join(tmpdir(), 'sill-types-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', join(root, 'tsconfig.sdk.json'), '--outDir', emitted];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`The SDK's types could not be written:\n${stdout}`);
    mkdirSync(types, { recursive: true });
    cpSync(join(root, 'node_modules/valibot/dist/index.d.mts'), join(types, 'valibot.d.ts'));
    for (const entry of readdirSync(emitted, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const from = join(entry.parentPath, entry.name);
      const to = join(types, relative(emitted, from));
      const up = relative(dirname(to), types) || '.';
      const text = readFileSync(from, 'utf8')
        .replaceAll(/(from |import\()(['"])valibot\2/g, `$1$2${up}/valibot.js$2`)
        .replaceAll(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2');
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, text);
    }
  } finally {
    rmSync(emitted, { recursive: true });
  }
  writeFileSync(join(out, 'sill.d.ts'), "export * from './types/sdk/embed.js';\n");
}

declarations();
