// Finds a Firefox and a WebKit for `npm run test:browsers`, and gets them where Debian's packages can be installed.
import { spawnSync } from 'node:child_process';
import { findProgram, installDebian, isExecutable } from './programs.mjs';

const FIREFOX = { names: ['firefox-esr', 'firefox'], packages: ['firefox-esr'] };
/** WebKitGTK: its WebDriver, an X server that needs no screen, and a JavaScript shell that opens its window. */
const WEBKIT = { packages: ['webkit2gtk-driver', 'gir1.2-webkit2-4.1', 'gjs', 'xvfb'] };

function findFirefox() {
  const wanted = process.env.FIREFOX_PATH;
  if (wanted && !isExecutable(wanted)) throw new Error(`FIREFOX_PATH is ${wanted}, and there is no program that can be run.`);
  return wanted || findProgram(FIREFOX.names);
}

/** @param run runs a command and says whether it succeeded. @returns what the walk reads from its environment */
export function ensureFirefox(run) {
  if (!findFirefox()) installDebian(run, FIREFOX.packages);
  const found = findFirefox();
  if (found) return { FIREFOX_PATH: found };
  throw new Error('There is no Firefox: install it, or set FIREFOX_PATH to one.');
}

function findWebKit() {
  const [driver, gjs, display] = ['WebKitWebDriver', 'gjs', 'Xvfb'].map((name) => findProgram([name]));
  if (!driver || !gjs || !display) return undefined;
  const { status } = spawnSync(gjs, ['-c', "imports.gi.versions.WebKit2 = '4.1'; imports.gi.WebKit2"], { stdio: 'ignore' });
  return status === 0 ? { WEBKIT_DRIVER_PATH: driver, XVFB_PATH: display } : undefined;
}

export function ensureWebKit(run) {
  if (!findWebKit()) installDebian(run, WEBKIT.packages);
  const found = findWebKit();
  if (found) return found;
  throw new Error(`There is no WebKitGTK with its WebDriver: install, by Debian's names, ${WEBKIT.packages.join(', ')}.`);
}
