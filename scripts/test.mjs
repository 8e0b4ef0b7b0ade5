// `npm test` on a fresh clone: installs what is missing, then lint, starter models, unit tests, build, size budget and browser tests, in that order.
// None of them keeps two cores busy all the time: the unit tests that compute for minutes on one core fill what they leave, from when their models are there.
import { beside } from './beside.mjs';
import { createChecks } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, modelsCommand, requireNode, step, tool } from './node.mjs';

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

// They come over the network for the most part.
const models = beside(...modelsCommand({ references: true }), { env });
check('lint and types', () => step('npm', ['run', '--silent', 'lint']));
check('starter models', await models);
const withWeights = beside('vitest', ['run', '--project', 'models'], { env });
check('unit tests', () => step(process.execPath, ['scripts/units.mjs', '--project', 'node*', '--project', 'browser'], { env }));
const built = check('build and size budget', buildApp);
// Against the build of last time they would say nothing about this one.
if (built) check('browser tests', () => tool('@playwright/test', ['test'], { env }));
check('unit tests with real weights', await withWeights);

end('All checks passed.');
