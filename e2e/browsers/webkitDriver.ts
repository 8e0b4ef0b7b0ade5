import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Builder, Capabilities, type WebDriver, type WebElement } from 'selenium-webdriver';
import { freePort } from '../support/site.ts';
import {
  DESK,
  type Driver,
  described,
  expressionOf,
  PATIENCE_MS,
  type Running,
  resultOf,
  type Size,
  type Tab,
  until,
  wanted,
} from './driver.ts';
import { bundleFinder } from './finderBundle.ts';

const WINDOW = join(import.meta.dirname, 'webkitWindow.gjs');
const LOOK_AGAIN_MS = 100;

export interface WebKitPrograms {
  /** WebKitGTK's own server of the WebDriver protocol. */
  readonly driver: string;
  /** An X server without a screen: `Xvfb`. */
  readonly display: string | undefined;
}

/** Runs in the tab of that handle: WebDriver has one tab in hand at a time, and these are used one after the other. */
function createTab(driver: WebDriver, handle: string, finder: string): Tab {
  const use = <T>(work: () => Promise<T>): Promise<T> => driver.switchTo().window(handle).then(work);
  const inPage = <T>(name: keyof typeof import('./finder.ts'), argument: unknown): Promise<T> =>
    driver.executeScript<T>(`${finder}; return finder.${name}(arguments[0]) ?? null;`, argument);
  // WebKitWebDriver 2.50 presses nothing inside of a shadow ("element not interactable"), and its pointer did not tick a box in a dialog.
  const press = async (name: 'press' | 'fill', what: object): Promise<true | undefined> => (await inPage<boolean>(name, what)) || undefined;

  return {
    goto: (url) => use(() => driver.get(url)),
    reload: () => use(() => driver.navigate().refresh()),
    run: (schema, work, ...args) =>
      use(async () =>
        resultOf(
          schema,
          await driver.executeAsyncScript(`const done = arguments[arguments.length - 1]; ${expressionOf(work, args)}.then(done);`),
        ),
      ),
    see: (what, pattern = /^/) =>
      use(() =>
        until(`${described(what)} with ${pattern}`, async () => {
          const text = await inPage<string | null>('textFound', wanted(what));
          return (text !== null && pattern.test(text)) || undefined;
        }).then(() => undefined),
      ),
    click: (what) => use(() => until(described(what), () => press('press', wanted(what))).then(() => undefined)),
    fill: (what, text) => use(() => until(described(what), () => press('fill', { ...wanted(what), text })).then(() => undefined)),
    choose: (host, path) =>
      use(async () => {
        const input = await until(`file input of ${host}`, async () => (await inPage<WebElement | null>('findInput', host)) ?? undefined);
        await input.sendKeys(path);
      }),
    resize: (size) => use(() => resize(driver, size)),
    picture: () => use(async () => Buffer.from(await driver.takeScreenshot(), 'base64')),
    close: () => use(() => driver.close()),
  };
}

const resize = async (driver: WebDriver, size: Size): Promise<void> => {
  await driver
    .manage()
    .window()
    .setRect({ x: 0, y: 0, ...size });
};

export const webkitDriver = (programs: WebKitPrograms): Driver => ({
  name: 'WebKit',
  async launch(profile) {
    const display = programs.display === undefined ? undefined : await startDisplay(programs.display);
    const port = await freePort();
    const server = spawn(programs.driver, [`--port=${port}`, '--host=127.0.0.1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...(display ? { DISPLAY: display.name } : {}),
        GDK_BACKEND: 'x11',
        LIBGL_ALWAYS_SOFTWARE: '1',
        NO_AT_BRIDGE: '1',
      },
    });
    const faults: string[] = [];
    for (const stream of [server.stdout, server.stderr]) readLines(stream, (line) => isFault(line) && faults.push(line));
    const end = async () => {
      await stop(server);
      if (display) await stop(display.process);
    };
    try {
      await listening(port);
      const driver = await new Builder()
        .usingServer(`http://127.0.0.1:${port}`)
        .withCapabilities(
          new Capabilities({
            browserName: 'Sill',
            'webkitgtk:browserOptions': { binary: WINDOW, args: profile === undefined ? [] : [profile] },
          }),
        )
        .build();
      await driver.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: PATIENCE_MS });
      return await createRunning(driver, faults, end);
    } catch (reason) {
      await end();
      throw reason;
    }
  },
});

async function createRunning(driver: WebDriver, faults: string[], end: () => Promise<void>): Promise<Running> {
  const finder = await bundleFinder();
  const capabilities = await driver.getCapabilities();
  const first = await driver.getWindowHandle();
  await resize(driver, DESK);
  return {
    version: capabilities.getBrowserVersion() ?? 'unknown',
    faults,
    first: async () => createTab(driver, first, finder),
    async open() {
      await driver.switchTo().newWindow('window');
      await resize(driver, DESK);
      return createTab(driver, await driver.getWindowHandle(), finder);
    },
    async close() {
      await driver.quit();
      await end();
    },
  };
}

/** As WebKit writes what a console is told: `CONSOLE JS ERROR ...`. */
const isFault = (line: string): boolean => /^CONSOLE \S+ (?:WARN|ERROR)/.test(line);

function readLines(stream: NodeJS.ReadableStream | null, hear: (line: string) => void): void {
  let text = '';
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    if (process.env.SILL_BROWSER_OUTPUT) for (const line of lines) console.log(`  | ${line}`);
    for (const line of lines) hear(line);
  });
}

interface Display {
  readonly name: string;
  readonly process: ChildProcess;
}

/** It writes the number that it chose to the fourth stream. */
async function startDisplay(program: string): Promise<Display> {
  const child = spawn(program, ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const stream = child.stdio[3];
  if (!stream || !('setEncoding' in stream)) throw new Error('Xvfb has no fourth stream');
  const [number] = await once(stream.setEncoding('utf8'), 'data');
  return { name: `:${String(number).trim()}`, process: child };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}

async function listening(port: number): Promise<void> {
  for (let look = 0; look < 100; look++) {
    const isThere = await fetch(`http://127.0.0.1:${port}/status`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error('WebKitWebDriver does not listen');
}
