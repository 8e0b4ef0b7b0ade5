import { findChromium } from '../../scripts/chromium.mjs';
import type { Driver } from './driver.ts';
import { chromiumDriver, firefoxDriver } from './puppeteerDriver.ts';
import { webkitDriver } from './webkitDriver.ts';

/** Browsers that `scripts/browsers.mjs` found. @param only one of them, in lower case */
export function driversAtHand(only: string | undefined): { readonly drivers: readonly Driver[]; readonly missing: readonly string[] } {
  const { FIREFOX_PATH: firefox, WEBKIT_DRIVER_PATH: webkit, XVFB_PATH: display } = process.env;
  const all = {
    chromium: findChromium() === undefined ? undefined : chromiumDriver(),
    firefox: firefox === undefined ? undefined : firefoxDriver(firefox),
    webkit: webkit === undefined || display === undefined ? undefined : webkitDriver({ driver: webkit, display }),
  };
  const wanted = Object.entries(all).filter(([name]) => only === undefined || only === name);
  if (wanted.length === 0) throw new Error(`--only takes one of ${Object.keys(all).join(', ')}`);
  return {
    drivers: wanted.flatMap(([, driver]) => driver ?? []),
    missing: wanted.flatMap(([name, driver]) => (driver ? [] : name)),
  };
}
