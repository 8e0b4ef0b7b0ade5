import type { BrowserContext, Page } from '@playwright/test';
import { openClients } from './clients.ts';
import { openApp } from './fixtures.ts';
import type { Site } from './site.ts';

export const STORY = { model: 'stories15m', prompt: 'Once upon a time', max_tokens: 8, temperature: 0 };

/** Of Ollama's: it may not end before it is as long as it may be, and says so much of each token that a reader who waits holds it up. */
export const ENDLESS = {
  ...{ model: 'stories15m', prompt: 'Once upon a time', logprobs: true, top_logprobs: 20 },
  ...{ format: { type: 'string', minLength: 2000 }, options: { num_predict: 240 } },
};

/** More than what a browser holds for a reader who is not there. */
export const TALKATIVE = { ...STORY, max_tokens: 240, n: 6, temperature: 1, logprobs: 20, logit_bias: { 1: -100, 2: -100 } };

/** The app in a tab, and a page beside it that knows the API alone. */
export async function openBoth(context: BrowserContext, site: Site): Promise<{ readonly app: Page; readonly page: Page }> {
  const app = await openApp(context, site);
  await app.evaluate(() => navigator.serviceWorker.ready);
  return { app, page: await openClients(context, site) };
}

export async function secondTab(context: BrowserContext, site: Site): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(site.url);
  await tab.waitForFunction(() => globalThis.sill !== undefined);
  return tab;
}

export const isStreaming = (page: Page): Promise<boolean> =>
  page.evaluate(async () => ((await navigator.locks.query()).held ?? []).some(({ name }) => name === 'sill-streaming'));

/** Reads a stream until something is in it that is no comment and no white space; `rest` is how it ended. */
export async function beginStream(page: Page, path: string, request: object): Promise<{ readonly rest: () => Promise<string> }> {
  await page.evaluate(
    async ([asked, body]) => {
      const response = await fetch(asked, { method: 'POST', body: JSON.stringify(body) });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (/^(?:: *\n|\s)*$/.test(text)) text += (await reader?.read())?.value ?? '.';
      const read = async (): Promise<string> => {
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) text += next.value;
        return text;
      };
      Object.assign(globalThis, { sillTest: { read, cancel: () => reader?.cancel() } });
    },
    [path, { ...request, stream: true }] as const,
  );
  return { rest: () => page.evaluate('sillTest.read()') };
}
