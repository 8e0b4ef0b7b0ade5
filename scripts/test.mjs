// `npm test` on a fresh clone: installs what is missing, then lint, unit tests, build, size budget and browser tests, in that order.
import { createChecks } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, prepareModels, requireNode, step, tool } from './node.mjs';

requireNode();
installPackages();

const { check, end } = createChecks();

let chromium;
try {
  chromium = ensureChromium(step);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const env = { ...process.env, CHROMIUM_PATH: chromium };

check('starter models', () => prepareModels({ references: true }));
check('lint and types', () => step('npm', ['run', '--silent', 'lint']));
check('unit tests', () => step(process.execPath, ['scripts/units.mjs'], { env }));
const built = check('build and size budget', buildApp);
// Against the build of last time they would say nothing about this one.
if (built) check('browser tests', () => tool('@playwright/test', ['test'], { env }));

end('All checks passed.');
