// `npm run test:soak`: the long forms of tests that have a short form in `npm test`. Takes a quarter of an hour or more.
import { randomInt } from 'node:crypto';
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, prepareModels, requireNode, step, tool } from './node.mjs';

requireNode();
installPackages();

// Another seed each time looks in other places; the same one finds the same fault again.
const seed = process.env.SILL_FUZZ_SEED || String(randomInt(2 ** 32));
const runs = process.env.SILL_FUZZ_RUNS || '100000';
const failed = [];

console.log(`\n== fuzz: SILL_FUZZ_RUNS=${runs} SILL_FUZZ_SEED=${seed}`);
const env = { ...process.env, SILL_FUZZ_RUNS: runs, SILL_FUZZ_SEED: seed };
if (!tool('vitest', ['run', '--project', 'node', 'fuzz'], { env })) failed.push('fuzz');

console.log('\n== browser');
try {
  const CHROMIUM_PATH = ensureChromium(step);
  const soaks = ['test', 'e2e/soak'];
  // What Sill writes as GGUF, in llama.cpp.
  const written =
    prepareModels() && tool('vitest', ['run', '--project', 'models', 'bench/wllama'], { env: { ...env, CHROMIUM_PATH, SILL_SOAK: '1' } });
  if (!written) failed.push('written GGUF files');
  const passed = buildApp() && tool('@playwright/test', soaks, { env: { ...env, CHROMIUM_PATH, SILL_SOAK: '1' } });
  if (!passed) failed.push('browser');
} catch (error) {
  console.error(error.message);
  failed.push('browser');
}

if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}.`);
  process.exit(1);
}
console.log('\nEverything held.');
