import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { ROUTES, type RouteId, routeHref } from '../../src/ui/routes.ts';
import type { Site } from '../support/site.ts';
import * as calls from './calls.ts';
import { DESK, type Driver, PHONE, type Running, type Tab, until } from './driver.ts';

/**
 * Of the golden values of stories15M: the fourteen tokens before its first choice that 8 bits may turn (by a margin below 0.3).
 * `e2e/golden.spec.ts` holds the rest in Chromium.
 */
const GOLDEN = ', there was a little girl named Lily. She loved to play';
const GOLDEN_TOKENS = 14;
/** One word is heard otherwise in WebKit, on its one thread. */
const SPOKEN = /Please open the window and \w+ some fresh air into the room\./;

/** Where a picture goes of what a step stumbled over. */
const FAILURES = resolve('.cache/browsers');

export interface Walk {
  readonly driver: Driver;
  readonly site: Site;
  /** A folder for what the browser keeps. */
  readonly profile: string;
  /** A GGUF file of stories15M. */
  readonly gguf: string;
  /** Where pictures of the views go; none are made where it is not given. */
  readonly pictures: string | undefined;
  /** Told of each step when it has passed, and of what was found where it has not. The next one is tried all the same. */
  readonly passed: (step: string) => void;
  readonly failed: (what: string) => void;
}

/** What a browser says that is no fault of the app. */
const KNOWN: Readonly<Record<Driver['name'], readonly RegExp[]>> = {
  Chromium: [],
  // Of every stream of a service worker that its reader gives up, whatever that worker does then.
  Firefox: [/Failed to load ‘’\. A ServiceWorker intercepted the request and encountered an unexpected error/],
  WebKit: [],
};

const heading = (route: RouteId) => ({ role: 'heading', name: new RegExp(`^${route}$`, 'i') });

export async function walk({ driver, site, profile, gguf, pictures, passed, failed }: Walk): Promise<string> {
  let browser = await driver.launch(profile);
  let tab = await browser.first();
  const { version } = browser;
  let pictured = 0;
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      expectNoFaults(driver, browser);
    } catch (cause) {
      pictured += 1;
      const file = await picture(tab, FAILURES, `${driver.name.toLowerCase()}-${pictured}`).catch(() => 'no picture');
      return failed(`${name}: ${cause instanceof Error ? cause.message : cause} (${file})`);
    }
    passed(name);
  };
  const golden = async (tab: Tab, model = 'stories15m', expected = GOLDEN): Promise<void> =>
    equal(await tab.run(v.string(), calls.write, model, GOLDEN_TOKENS), expected);
  try {
    await step('a first visit shows the models', async () => {
      await tab.goto(`${site.url}#/models`);
      await tab.see(heading('models'));
      await tab.run(v.undefined(), calls.shellStored);
    });
    await step('a model is installed by hand', async () => {
      await tab.click({ role: 'button', name: 'Install Stories 15M' });
      await tab.click({ role: 'checkbox', name: /^I accept the licence/ });
      await tab.click({ role: 'button', name: /^Install \d/ });
      await tab.see({ role: 'button', name: 'Remove Stories 15M' });
    });
    await step('it goes on with a text that a person typed', async () => {
      await tab.goto(`${site.url}#/write`);
      await tab.fill({ role: 'textbox', name: 'Beginning of the text' }, 'Once upon a time');
      await tab.click({ role: 'button', name: 'Write on' });
      await tab.see({ role: 'button', name: 'Continue from here' });
      await tab.see({ role: 'region', name: 'Text' }, /Once upon a time.{40}/s);
    });
    await step('asked for its likeliest words it gives those of the original, on several threads, also after a reload', async () => {
      await golden(tab);
      await tab.reload();
      await golden(tab);
      const device = await tab.run(v.looseObject({ crossOriginIsolated: v.boolean() }), calls.device);
      equal(device.crossOriginIsolated, true);
    });
    await step('a second tab has the same engine', async () => {
      const other = await browser.open();
      await other.goto(`${site.url}#/device`);
      await other.see(heading('device'));
      await golden(other);
      equal(await other.run(v.boolean(), calls.hostsEngine), false);
      equal(await tab.run(v.boolean(), calls.hostsEngine), true);
      await tab.close();
      tab = other;
    });
    await step('its first tab closed, the second one runs the engine', async () => {
      await golden(tab);
      equal(await tab.run(v.boolean(), calls.hostsEngine), true);
    });
    await step('the service worker answers like OpenAI, whole and in a stream that can be given up', () => door(tab));
    await step('texts are found by meaning, and speech becomes text', async () => {
      equal((await tab.run(v.string(), calls.search)).split(' ', 1).join(), 'Jupiter');
      const file = `data:audio/wav;base64,${await speech()}`;
      const text = await tab.run(v.string(), calls.transcribe, file);
      if (!SPOKEN.test(text)) throw new Error(`it heard "${text}"`);
    });
    await step('the server gone, the page opens again and answers, also over the service worker', async () => {
      await tab.run(v.undefined(), calls.offlineReady);
      await site.stop();
      await tab.reload();
      await golden(tab);
      await door(tab);
    });
    await step('the browser started anew without a server, all is still there', async () => {
      await browser.close();
      browser = await driver.launch(profile);
      tab = await browser.first();
      await tab.goto(`${site.url}#/write`);
      await tab.see(heading('write'));
      await golden(tab);
      await site.start();
    });
    await step('a GGUF file is imported by hand, and writes what it wrote before', async () => {
      await tab.goto(`${site.url}#/import`);
      await tab.see(heading('import'));
      await tab.choose('sill-import-view', gguf);
      await tab.click({ role: 'checkbox', name: /^I may use this model/ });
      await tab.click({ role: 'button', name: 'Import' });
      await tab.run(v.undefined(), calls.imported, 'file:stories-Q8_0');
      await golden(tab, 'file:stories-Q8_0');
    });
    await step('every view opens, at a desk and on a phone, and is no wider than that', async () => {
      for (const [place, size] of Object.entries({ desk: DESK, phone: PHONE })) {
        await tab.resize(size);
        for (const route of ROUTES) {
          await tab.goto(`${site.url}${routeHref(route)}`);
          await tab.see(heading(route));
          await tab.run(v.undefined(), calls.settled);
          const { width, wantsWidth } = await tab.run(v.object({ width: v.number(), wantsWidth: v.number() }), calls.widths);
          if (place === 'phone') equal(width, PHONE.width);
          if (wantsWidth > width) throw new Error(`${route} needs ${wantsWidth} of ${width} px`);
          for (const theme of pictures === undefined ? [] : (['light', 'dark'] as const)) {
            await tab.run(v.undefined(), calls.theme, theme);
            await picture(tab, pictures ?? '', `${driver.name.toLowerCase()}-${route}-${place}-${theme}`);
          }
        }
      }
      await tab.resize(DESK);
    });
    await step('a model is removed by hand', async () => {
      await tab.goto(`${site.url}#/models`);
      await tab.click({ role: 'button', name: 'Remove Stories 15M' });
      await tab.click({ role: 'button', name: /^Remove, frees/ });
      await tab.see({ role: 'button', name: 'Install Stories 15M' });
    });
    await step('everything is erased by hand, and the page begins as new', async () => {
      await tab.goto(`${site.url}#/storage`);
      await tab.click({ role: 'button', name: 'Erase everything' });
      await tab.fill({ role: 'textbox', name: /^Type “erase” to agree/ }, 'erase');
      await tab.run(v.undefined(), calls.mark);
      await tab.click({ role: 'button', name: /^Erase everything$/ });
      // The page that is asked may be the one that goes.
      await until('page that begins as new', async () => {
        await tab.run(v.undefined(), calls.begunAnew);
        return true;
      });
    });
    return version;
  } finally {
    await browser.close();
    await site.start();
  }
}

/** A window whose storage ends with it: what a person has who reads in private. */
export async function walkPrivately({ driver, site, passed }: Pick<Walk, 'driver' | 'site' | 'passed'>): Promise<void> {
  const browser = await driver.launch(undefined);
  try {
    const tab = await browser.first();
    await tab.goto(`${site.url}#/models`);
    await tab.see(heading('models'));
    await tab.run(v.undefined(), calls.install, 'stories15m');
    equal(await tab.run(v.string(), calls.write, 'stories15m', GOLDEN_TOKENS), GOLDEN);
    await tab.reload();
    equal(await tab.run(v.string(), calls.write, 'stories15m', GOLDEN_TOKENS), GOLDEN);
    expectNoFaults(driver, browser);
    passed('in a private window a model is installed, answers, and is there after a reload');
  } finally {
    await browser.close();
  }
}

async function door(tab: Tab): Promise<void> {
  const seen = await tab.run(
    v.object({ models: v.array(v.string()), whole: v.string(), streamed: v.string(), pieces: v.number(), isWorking: v.boolean() }),
    calls.askByHttp,
    GOLDEN_TOKENS,
  );
  equal(seen.models.includes('stories15m'), true);
  equal(seen.whole, GOLDEN);
  equal(seen.streamed, GOLDEN);
  if (seen.pieces < 3) throw new Error(`the stream came in ${seen.pieces} pieces`);
  equal(seen.isWorking, false);
}

function equal<T extends string | boolean | number>(found: T, expected: T): void {
  if (found !== expected) throw new Error(`found ${JSON.stringify(found)} in place of ${JSON.stringify(expected)}`);
}

function expectNoFaults({ name }: Driver, { faults }: Running): void {
  const found = faults.splice(0).filter((fault) => !KNOWN[name].some((known) => known.test(fault)));
  if (found.length > 0) throw new Error(`the console said:\n    ${found.join('\n    ')}`);
}

async function picture(tab: Tab, folder: string, name: string): Promise<string> {
  const file = join(folder, `${name}.png`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, await tab.picture());
  return file;
}

async function speech(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(join(import.meta.dirname, '../fixtures/speech.wav'))).toString('base64');
}
