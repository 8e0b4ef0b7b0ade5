import puppeteer, { type Browser, type LaunchOptions, type Page } from 'puppeteer-core';
import * as v from 'valibot';
import { findChromium } from '../../scripts/chromium.mjs';
import {
  DESK,
  type Driver,
  described,
  expressionOf,
  PATIENCE_MS,
  type Query,
  type Running,
  resultOf,
  steady,
  type Tab,
  until,
  wanted,
} from './driver.ts';
import { bundleFinder } from './finderBundle.ts';
import { leaveWorkersAlone } from './firefoxWorkers.ts';

const PointSchema = v.object({ x: v.number(), y: v.number() });

function createTab(page: Page, finder: string): Tab {
  const findInput = async (host: string) => {
    const handle = await page.evaluateHandle(`(() => { ${finder}; return finder.findInput(${JSON.stringify(host)}); })()`);
    return handle.asElement()?.toElement('input');
  };
  const middleOf = async (what: Query) => {
    const found = await page.evaluate(`(() => { ${finder}; return finder.middleOf(${JSON.stringify(wanted(what))}); })()`);
    return v.is(PointSchema, found) ? found : undefined;
  };
  const press = (what: Query, count: number): Promise<void> =>
    until(described(what), async () => {
      const middle = await steady(() => middleOf(what));
      if (!middle) return undefined;
      await page.mouse.click(middle.x, middle.y, { count });
      return true;
    }).then(() => undefined);
  return {
    async goto(url) {
      await page.goto(url, { waitUntil: 'load', timeout: PATIENCE_MS });
    },
    async reload() {
      await page.reload({ waitUntil: 'load', timeout: PATIENCE_MS });
    },
    run: async (schema, work, ...args) => resultOf(schema, await page.evaluate(expressionOf(work, args))),
    see: (what, pattern = /^/) =>
      until(`${described(what)} with ${pattern}`, async () => {
        const text = await page.evaluate(`(() => { ${finder}; return finder.textFound(${JSON.stringify(wanted(what))}); })()`);
        return (typeof text === 'string' && pattern.test(text)) || undefined;
      }).then(() => undefined),
    click: (what) => press(what, 1),
    async fill(what, text) {
      // What is there is chosen, and so replaced.
      await press(what, 3);
      await page.keyboard.type(text);
    },
    async choose(host, path) {
      const input = await until(`file input of ${host}`, () => findInput(host));
      await input.uploadFile(path);
    },
    resize: (size) => page.setViewport(size),
    picture: () => page.screenshot(),
    close: () => page.close(),
  };
}

const FIREFOX_PREFERENCES = {
  // Nothing of the browser's own asks hosts of its maker.
  'app.normandy.enabled': false,
  'services.settings.server': 'data:,',
};

/** A Firefox as it is distributed, which speaks WebDriver BiDi itself. */
export const firefoxDriver = (executablePath: string): Driver =>
  createDriver('Firefox', (profile) => ({
    browser: 'firefox',
    executablePath,
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: { ...FIREFOX_PREFERENCES, ...(profile === undefined ? { 'browser.privatebrowsing.autostart': true } : {}) },
  }));

export const chromiumDriver = (): Driver =>
  createDriver('Chromium', (profile) => {
    const executablePath = findChromium();
    return {
      browser: 'chrome',
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-quic', ...(profile === undefined ? ['--incognito'] : [])],
    };
  });

const createDriver = (name: Driver['name'], optionsOf: (profile: string | undefined) => LaunchOptions): Driver => ({
  name,
  async launch(profile) {
    const options = optionsOf(profile);
    const browser = await puppeteer.launch({
      ...options,
      ...(profile === undefined ? {} : { userDataDir: profile }),
      defaultViewport: DESK,
      protocolTimeout: 2 * PATIENCE_MS,
    });
    if (name === 'Firefox') await leaveWorkersAlone(browser);
    return createRunning(browser, await bundleFinder());
  },
});

async function createRunning(browser: Browser, finder: string): Promise<Running> {
  const faults: string[] = [];
  const follow = async (page: Page): Promise<Tab> => {
    // Firefox opens its first tab before it is told.
    await page.setViewport(DESK);
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) faults.push(`${message.type()}: ${message.text()} (${message.location().url ?? ''})`);
    });
    page.on('pageerror', (error) => faults.push(`uncaught: ${error instanceof Error ? error.stack : error}`));
    return createTab(page, finder);
  };
  return {
    version: (await browser.version()).replace(/^.*\//, ''),
    faults,
    first: async () => follow((await browser.pages())[0] ?? (await browser.newPage())),
    open: async () => follow(await browser.newPage()),
    close: () => browser.close(),
  };
}
