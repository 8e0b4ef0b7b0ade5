// `npm run test:browsers`: one walk through the built app in Chromium, Firefox and WebKit, as a person takes it. Some minutes; no part of `npm test`.
// `-- --only firefox` takes one of them, `-- --pictures <folder>` keeps a picture of every view. `npm run bench:browsers` measures them beside each other.
import { ensureChromium } from './chromium.mjs';
import { buildApp, installPackages, prepareModels, requireNode, step, tool } from './node.mjs';
import { ensureFirefox, ensureWebKit } from './otherBrowsers.mjs';

requireNode();
installPackages();
if (!prepareModels() || !buildApp()) process.exit(1);

const asked = process.argv.slice(2);
const only = asked.includes('--only') ? asked[asked.indexOf('--only') + 1] : undefined;
const env = { ...process.env };
for (const [name, ensure] of [
  ['chromium', () => ({ CHROMIUM_PATH: ensureChromium(step) })],
  ['firefox', () => ensureFirefox(step)],
  ['webkit', () => ensureWebKit(step)],
]) {
  if (only !== undefined && only !== name) continue;
  try {
    Object.assign(env, ensure());
  } catch (error) {
    console.error(error.message);
  }
}
const isMeasured = asked[0] === '--measure';
process.exitCode = tool('tsx', isMeasured ? ['bench/browsers.ts', ...asked.slice(1)] : ['e2e/browsers/run.ts', ...asked], { env }) ? 0 : 1;
