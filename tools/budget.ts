/** Fails when the page's first-load JavaScript, or the module that other pages import, outgrows its budget: `tsx tools/budget.ts [folder of the built app]`. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'vite';
import { SDK_FOLDER } from '../src/core/fileKind.ts';

const BUDGET_BYTES = 150_000;
const SDK_BUDGET_BYTES = 10_000;
const dist = resolve(process.argv[2] ?? join(import.meta.dirname, '../dist'));

/** The scripts that the page loads before anyone does anything: its entries and all that they import statically. */
function firstLoad(html: string): string[] {
  const pending = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+\.js)"/g)].flatMap(([, path]) => path ?? []);
  const seen = new Set<string>();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = normalize(path);
    if (seen.has(file)) continue;
    seen.add(file);
    const { module } = parseSync(file, readFileSync(join(dist, file), 'utf8'));
    const sources = [
      ...module.staticImports.map((i) => i.moduleRequest),
      ...module.staticExports.flatMap((e) => e.entries.map((x) => x.moduleRequest)),
    ];
    for (const source of sources) if (source?.value.startsWith('.')) pending.push(join(dirname(file), source.value));
  }
  if (seen.size === 0) throw new Error('index.html loads no script: the build is broken, or this script cannot read it.');
  return [...seen];
}

const sizes = firstLoad(readFileSync(join(dist, 'index.html'), 'utf8'))
  .map((file) => ({ file, gzipBytes: gzipSync(readFileSync(join(dist, file))).length }))
  .sort((a, b) => b.gzipBytes - a.gzipBytes);
const totalBytes = sizes.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

console.log(`First-load JavaScript: ${kB(totalBytes)} gzip of ${kB(BUDGET_BYTES)}`);
if (totalBytes > BUDGET_BYTES) {
  for (const { file, gzipBytes } of sizes) console.error(`${kB(gzipBytes).padStart(10)}  ${file}`);
  console.error(`That is ${kB(totalBytes - BUDGET_BYTES)} too much. Load views and libraries by import() when they are needed.`);
  process.exitCode = 1;
}

const sdkBytes = gzipSync(readFileSync(join(dist, SDK_FOLDER, 'sill.js'))).length;
console.log(`The SDK: ${kB(sdkBytes)} gzip of ${kB(SDK_BUDGET_BYTES)}`);
if (sdkBytes > SDK_BUDGET_BYTES) {
  console.error(`That is ${kB(sdkBytes - SDK_BUDGET_BYTES)} too much. Let the frame do what a page need not do itself.`);
  process.exitCode = 1;
}
