// `npm run test:large`: a chat model of 1.1 billion parameters, made from its file in Node and on the device. Fetches 318 MB once, needs 8 GB of
// disk and 4 GB of memory, and takes about ten minutes on two quiet cores. What it measured, in Node and in the page, is in .cache/large/tinyllama.json.
import { rmSync } from 'node:fs';
import { createChecks } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, requireNode, step, tool } from './node.mjs';

requireNode();
installPackages();

const { check, fail, end } = createChecks();

try {
  // Figures of one run, not of two.
  rmSync('.cache/large/tinyllama.json', { force: true });
  const env = { ...process.env, CHROMIUM_PATH: ensureChromium(step), SILL_LARGE: '1' };
  if (check('the model', () => step('npm', ['run', '--silent', 'models', '--', '--with', 'tinyllama']))) {
    check('quality, in Node', () => tool('vitest', ['run', '--config', 'vitest.large.config.ts'], { env }));
    if (check('build', buildApp)) check('in the page', () => tool('@playwright/test', ['test', 'e2e/large'], { env }));
  }
} catch (error) {
  fail('browser', error);
}

end('Everything held. Figures: .cache/large/tinyllama.json');
