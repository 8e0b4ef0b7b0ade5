// Finds a Chromium for the tests, and gets one where there is none.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { findProgram, installDebian, isExecutable } from './programs.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('playwright-core').chromium.executablePath();
  } catch {
    // Not installed yet, or it has no build for this platform.
    return undefined;
  }
}

/** The path of a Chromium: CHROMIUM_PATH, Playwright's own, or one on the PATH; undefined where there is none. */
export function findChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (isExecutable(wanted)) return wanted;
    throw new Error(`CHROMIUM_PATH is ${wanted}, and there is no program that can be run.`);
  }
  const own = playwrightsOwn();
  if (own && existsSync(own)) return own;
  return findProgram(NAMES);
}

/**
 * The same, after trying to install one.
 *
 * @param run runs a command and says whether it succeeded.
 */
export function ensureChromium(run) {
  const found = findChromium();
  if (found) return found;
  console.log('No Chromium found: installing one for the tests …');
  if (run('npx', ['playwright', 'install', 'chromium']) && findChromium()) return findChromium();
  installDebian(run, ['chromium']);
  const installed = findChromium();
  if (installed) return installed;
  throw new Error(
    'The browser tests need Chromium, and none could be installed. Install Chromium or Chrome, or set CHROMIUM_PATH to one, and run again.',
  );
}
