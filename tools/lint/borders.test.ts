import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const FORBIDDEN: readonly (readonly [folder: string, module: string])[] = [
  ['src/core', '../ports/store.ts'],
  ['src/core', 'lit'],
  ['src/core', 'node:fs'],
  ['src/core/tuf', '../../ports/store.ts'],
  ['src/core/tuf', 'node:crypto'],
  ['src/ports', '../protocol/engine.ts'],
  ['src/ports', 'valibot'],
  ['src/protocol', '../services/engine.ts'],
  ['src/platform', '../storage/idbStore.ts'],
  ['src/storage', '../delivery/downloader.ts'],
  ['src/delivery', '../storage/idbStore.ts'],
  ['src/delivery/tuf', '../../storage/idbStore.ts'],
  ['src/delivery/bundle', '../../storage/idbStore.ts'],
  ['src/core/bundle', 'modern-tar'],
  ['src/forge', '../ports/store.ts'],
  ['src/runtime', '../forge/llama.ts'],
  ['src/runtime', '../services/engine.ts'],
  ['src/services', '../api/embeddings.ts'],
  ['src/services', '@huggingface/transformers'],
  ['src/services/models', '../../api/embeddings.ts'],
  ['src/services/models', '../../platform/networkDoor.ts'],
  ['src/services/models', '../../main.ts'],
  ['src/services/models', '../engine.ts'],
  ['src/api', '../runtime/session.ts'],
  ['src/api/http', '../../services/engine.ts'],
  ['src/sdk', '../services/engine.ts'],
  ['src/shell', '../ui/app.ts'],
  ['src/shell', '../services/engine.ts'],
  ['src/ui', '../services/engine.ts'],
  ['src/ui/write', '../../runtime/session.ts'],
  ['src/ui', 'onnxruntime-web/wasm'],
  ['src', '@huggingface/transformers'],
  ['workers', 'onnxruntime-web/wasm'],
];

const ALLOWED: readonly (readonly [folder: string, module: string])[] = [
  ['src/core', './ids.ts'],
  ['src/core', 'valibot'],
  ['src/core/tuf', '../errors.ts'],
  ['src/ports', '../core/ids.ts'],
  ['src/protocol', '../ports/store.ts'],
  ['src/storage', 'idb'],
  ['src/delivery', '../protocol/download.ts'],
  ['src/delivery/tuf', '../incoming.ts'],
  ['src/delivery/tuf', '../../core/trust.ts'],
  ['src/delivery/bundle', 'modern-tar'],
  ['src/forge', '@bufbuild/protobuf/wire'],
  ['src/forge', '../core/errors.ts'],
  ['src/runtime', 'onnxruntime-web/wasm'],
  ['src/services', '../ports/store.ts'],
  ['src/services', './sessions/sessions.ts'],
  ['src/services/models', '../hub.ts'],
  ['src/services/models', '../sessions/sessions.ts'],
  ['src/services/models', '../../delivery/tuf/tufCatalog.ts'],
  ['src/api', '../services/engine.ts'],
  ['src/api/http', '../../protocol/engine.ts'],
  ['src/shell', '../protocol/hosting.ts'],
  ['src/ui/write', '../../protocol/engine.ts'],
  ['src/ui/write', 'lit/decorators.js'],
  ['src', './ui/app.ts'],
  ['workers', '../src/services/engine.ts'],
];

/** Ways to the network past the doors that write requests down. */
const BARE = ["fetch('/x');", 'new XMLHttpRequest();', "new WebSocket('wss://x');", "new EventSource('/x');"];
const BARE_FOLDERS = ['src/ui', 'src/services', 'src/runtime', 'src/platform', 'workers'];

const refused = new Set<string>();
const refusedBare = new Set<string>();
const fileOf = (folder: string, index: number) => `${folder}/border${index}.ts`;

// One run of the linter over a tree of its own: the project's rules, and files that hold one import each.
beforeAll(() => {
  const tree = mkdtempSync(join(tmpdir(), 'sill-borders-'));
  try {
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(tree, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: undefined }));
    for (const [index, [folder, module]] of [...FORBIDDEN, ...ALLOWED].entries()) {
      const file = join(tree, fileOf(folder, index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `import '${module}';\n`);
    }
    for (const [index, text] of BARE.entries()) {
      for (const folder of BARE_FOLDERS) {
        mkdirSync(join(tree, folder), { recursive: true });
        writeFileSync(join(tree, folder, `bare${index}.ts`), `${text}\n`);
      }
    }
    writeFileSync(join(tree, 'src/platform/networkDoor.ts'), BARE[0] ?? '');
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [
      biome,
      'lint',
      '--only=style/noRestrictedImports',
      '--only=style/noRestrictedGlobals',
      '--reporter=json',
      '--max-diagnostics=none',
    ];
    const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    for (const { category, location } of JSON.parse(stdout).diagnostics) {
      if (category === 'lint/style/noRestrictedImports') refused.add(location.path.file ?? location.path);
      if (category === 'lint/style/noRestrictedGlobals') refusedBare.add(location.path.file ?? location.path);
    }
  } finally {
    rmSync(tree, { recursive: true });
  }
});

describe('the borders between layers', () => {
  it.each(FORBIDDEN.map(([folder, module], index) => ({ folder, module, index })))(
    '$folder may not import $module',
    ({ folder, index }) => {
      expect(refused).toContain(fileOf(folder, index));
    },
  );

  it.each(ALLOWED.map(([folder, module], index) => ({ folder, module, index })))('$folder may import $module', ({ folder, index }) => {
    expect(refused).not.toContain(fileOf(folder, FORBIDDEN.length + index));
  });
});

describe('the network', () => {
  it.each(BARE_FOLDERS)('is not asked past the doors by %s', (folder) => {
    for (const index of BARE.keys()) expect(refusedBare).toContain(`${folder}/bare${index}.ts`);
  });

  it('is asked by the door itself', () => {
    expect(refusedBare).not.toContain('src/platform/networkDoor.ts');
  });
});
