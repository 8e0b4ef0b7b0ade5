// `npm run test:soak`: the long forms of tests that have a short form in `npm test`. Takes an hour or more; figures are in .cache/soak.
import { randomInt } from 'node:crypto';
import { createChecks } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, prepareModels, requireNode, step, tool } from './node.mjs';

requireNode();
installPackages();

// Another seed each time looks in other places; the same one finds the same fault again.
const seed = process.env.SILL_FUZZ_SEED || String(randomInt(2 ** 32));
const runs = process.env.SILL_FUZZ_RUNS || '100000';
const { check, fail, end } = createChecks();

const env = { ...process.env, SILL_FUZZ_RUNS: runs, SILL_FUZZ_SEED: seed };
check(`fuzz: SILL_FUZZ_RUNS=${runs} SILL_FUZZ_SEED=${seed}`, () => tool('vitest', ['run', '--project', 'node*', 'fuzz'], { env }));
try {
  const inBrowser = { env: { ...env, CHROMIUM_PATH: ensureChromium(step), SILL_SOAK: '1' } };
  check(
    'written GGUF files, in llama.cpp',
    () => prepareModels() && tool('vitest', ['run', '--project', 'models', 'bench/wllama'], inBrowser),
  );
  check('browser', () => buildApp() && tool('@playwright/test', ['test', 'e2e/soak'], inBrowser));
} catch (error) {
  fail('browser', error);
}
end('Everything held.');
