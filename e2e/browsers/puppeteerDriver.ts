import puppeteer, { type Browser, type ElementHandle, type LaunchOptions, type Page } from 'puppeteer-core';
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
  type Tab,
  until,
  wanted,
} from './driver.ts';
import { bundleFinder } from './finderBundle.ts';

function createTab(page: Page, finder: string): Tab {
  const inPage = async (call: string): Promise<ElementHandle | undefined> => {
    const handle = await page.evaluateHandle(`(() => { ${finder}; return ${call}; })()`);
    return handle.asElement() ?? undefined;
  };
  const find = (what: Query) => inPage(`finder.find(${JSON.stringify(wanted(what))})`);
  const act = (what: Query, work: (element: ElementHandle) => Promise<void>): Promise<void> =>
    until(described(what), async () => {
      const element = await find(what);
      if (!element || (await element.evaluate((it) => it.matches(':disabled')))) return undefined;
      await work(element);
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
    see: (what, pattern) =>
      until(`${described(what)}${pattern ? ` with ${pattern}` : ''}`, async () => {
        const element = await find(what);
        if (!element || !pattern) return element && true;
        const text = await element.evaluate(`(element) => { ${finder}; return finder.textOf(element); }`);
        return pattern.test(v.parse(v.string(), text)) || undefined;
      }).then(() => undefined),
    click: (what) => act(what, (element) => element.click()),
    fill: (what, text) =>
      act(what, async (element) => {
        await element.click({ count: 3 });
        await page.keyboard.type(text);
      }),
    async choose(host, path) {
      const input = await until(`file input of ${host}`, () => inPage(`finder.findInput(${JSON.stringify(host)})`));
      await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
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
    return createRunning(browser, await bundleFinder());
  },
});

async function createRunning(browser: Browser, finder: string): Promise<Running> {
  const faults: string[] = [];
  const follow = (page: Page): Tab => {
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
