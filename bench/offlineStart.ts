import { join } from 'node:path';
import * as v from 'valibot';
import type {} from '../src/protocol/sill.ts';
import type { Browser, Page } from './measure/browser.ts';
import { loadAverage } from './measure/machine.ts';
import { sillPeer } from './peers/sill.ts';
import { withBrowser, withFolder } from './rounds.ts';

const MODEL = 'stories15m';
/** Wide enough for the navigation to show all views. */
const FLAGS = ['--window-size=1280,800'];

/** One start of the app while no server answers, in ms since the navigation. */
export interface Start {
  readonly kind: 'new browser' | 'further tab';
  /** The heading of the view in which the app begins is drawn. */
  readonly headingMs: number;
  /** A click into the navigation was answered: the heading of another view is drawn. */
  readonly usableMs: number;
  readonly loadAverage: number;
}

const TimesSchema = v.object({ headingMs: v.number(), usableMs: v.number() });

/**
 * Installs the app and a model, ends the server, and starts: in a new browser, whose processes and code are cold, and in a further tab of it.
 *
 * @param stopServer ends what serves `url`; it is not started again
 */
export const measureStarts = (url: string, runs: number, stopServer: () => Promise<void>): Promise<Start[]> =>
  withFolder(async (folder) => {
    const profile = join(folder, 'profile');
    const peer = sillPeer(url, MODEL);
    await withBrowser(profile, async (browser) => {
      const page = await browser.open(url);
      await peer.settle(page);
      await peer.load(page, 'first');
      await untilOffline(page);
    });
    await stopServer();
    const starts: Start[] = [];
    for (let run = 0; run < runs; run++) {
      await withBrowser(
        profile,
        async (browser) => {
          await browser.version();
          for (const kind of ['new browser', 'further tab'] as const)
            starts.push({ kind, ...(await start(browser, url)), loadAverage: loadAverage() });
        },
        FLAGS,
      );
    }
    return starts;
  });

const untilOffline = (page: Page) =>
  page.run(v.undefined(), async () => {
    while (!(await globalThis.sill?.storage())?.runsOffline) await new Promise((done) => setTimeout(done, 50));
  });

async function start(browser: Browser, url: string): Promise<v.InferOutput<typeof TimesSchema>> {
  const page = await browser.open(url);
  return page.run(TimesSchema, async () => {
    const find = (selector: string, within: Document | ShadowRoot = document): HTMLElement | undefined => {
      for (const element of within.querySelectorAll<HTMLElement>('*')) {
        if (element.matches(selector) && element.checkVisibility()) return element;
        const inside = element.shadowRoot && find(selector, element.shadowRoot);
        if (inside) return inside;
      }
      return undefined;
    };
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    while (!find('h1')) await frame();
    await frame();
    const headingMs = performance.now();
    const first = find('h1')?.textContent;
    // The app begins in the view in which it was left: the one before went there.
    find(`a[href="#/${first === 'Storage' ? 'models' : 'storage'}"]`)?.click();
    while (find('h1')?.textContent === first) await frame();
    await frame();
    return { headingMs, usableMs: performance.now() };
  });
}
