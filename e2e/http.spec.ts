import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openClients } from './support/clients.ts';
import { DIST, expect, test } from './support/fixtures.ts';
import { beginStream, ENDLESS, isStreaming, openBoth, STORY, secondTab, TALKATIVE } from './support/httpStreams.ts';
import { complete } from './support/sill.ts';

test.use({ installed: ['stories15m'], shared: true });

/** Long enough that a test can do something meanwhile. */
const LONG = { ...STORY, max_tokens: 240, n: 6, temperature: 1 };
/** Its ends are forbidden (tokens 1 and 2), and what falls out of the context makes room. */
const NEVER_ENDING = { ...STORY, max_tokens: 1e6, context_shift: true, logit_bias: { 1: -100, 2: -100 } };
const underWay = (app: Page): Promise<number> =>
  app.evaluate(async () => ((await globalThis.sill?.memory())?.models ?? []).reduce((sum, model) => sum + model.under_way, 0));
const statusOf = (page: Page, path: string): Promise<number> => page.evaluate(async (asked) => (await fetch(asked)).status, path);

test('with no tab of the app open the answer is 503 with what to do, and right once there is one', async ({ context, site }) => {
  const { app, page } = await openBoth(context, site);
  await app.close();
  const refusals = await page.evaluate(async (story) => {
    const openai = await fetch('v1/completions', { method: 'POST', body: JSON.stringify(story) });
    const ollama = await fetch('api/tags');
    return [openai, ollama]
      .map(({ status, headers }) => ({ status, retry: headers.get('retry-after') }))
      .concat(await Promise.all([openai, ollama].map((response) => response.json())));
  }, STORY);
  expect(refusals).toEqual([
    { status: 503, retry: '1' },
    { status: 503, retry: '1' },
    { error: { message: expect.stringMatching(/Open the app in a tab/), type: 'server_error', code: 'worker_lost', param: null } },
    { error: expect.stringMatching(/Open the app in a tab/) },
  ]);
  await secondTab(context, site);
  await expect.poll(() => statusOf(page, 'v1/models')).toBe(200);
});

test('who reads slowly holds the model up for themselves and nobody else, and a whole answer that nobody wants any more is not written', async ({
  context,
  site,
}) => {
  const { app, page } = await openBoth(context, site);
  const whole = page.evaluateHandle(async (request) => {
    const given = new AbortController();
    const response = await fetch('v1/completions', { method: 'POST', body: JSON.stringify(request), signal: given.signal });
    return { status: response.status, body: response.json(), giveUp: () => given.abort() };
  }, NEVER_ENDING);
  await expect.poll(() => underWay(app)).toBe(1);
  const slow = await beginStream(page, 'v1/completions', TALKATIVE);
  // Two answers are written from beginning to end beside the one that is held up: turns go by tokens, so that it would be through as well.
  for (const seed of [1, 2]) await complete(app, { max_tokens: 240, temperature: 1, seed });

  await test.step('it is written for some seconds, and says so: from there on its reader is missed', async () => {
    const begun = await whole;
    expect(await begun.evaluate(({ status }) => status)).toBe(200);
    expect(await underWay(app)).toBe(2);
    const told = await begun.evaluate(({ body, giveUp }) => {
      giveUp();
      return body.then(
        () => 'read',
        ({ name }) => name,
      );
    });
    expect(told).toBe('AbortError');
    await expect.poll(() => underWay(app)).toBe(1);
  });

  await test.step('and the slow one is given all of it', async () => {
    // What kept it going while nothing came is a comment.
    const events = (await slow.rest()).split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events.pop()).toBe('data: [DONE]');
    const tokens = events.flatMap((event): unknown[] => JSON.parse(event.slice('data: '.length)).choices[0].logprobs?.tokens ?? []);
    expect(tokens).toHaveLength(TALKATIVE.n * TALKATIVE.max_tokens);
    await expect.poll(() => underWay(app)).toBe(0);
  });
});

test('any page of the site and any tab are answered, a form of another site is not, and what happens is measured', async ({
  context,
  site,
}) => {
  const { app, page } = await openBoth(context, site);
  const second = await secondTab(context, site);
  const completeOver = (tab: Page) =>
    tab.evaluate(
      async (story) => (await (await fetch('v1/completions', { method: 'POST', body: JSON.stringify(story) })).json()).choices[0].text,
      STORY,
    );
  expect(await Promise.all([app, page, second].map(completeOver))).toEqual(Array(3).fill(', there was a little girl named L'));

  await test.step('a form', async () => {
    const form = await context.newPage();
    await form.goto(`${site.url.replace('localhost', '127.0.0.1')}clients.html`);
    const answered = form.waitForResponse((response) => response.url().endsWith('/api/delete'));
    await form.evaluate((action) => {
      const element = Object.assign(document.createElement('form'), { method: 'post', action, enctype: 'text/plain' });
      element.append(Object.assign(document.createElement('input'), { name: '{"model":"stories15m","x":"', value: '"}' }));
      document.body.append(element);
      element.submit();
    }, `${site.url}api/delete`);
    expect((await answered).status()).toBe(403);
  });

  await test.step('metrics and health', async () => {
    const seen = await page.evaluate(async () => {
      const [metrics, health] = await Promise.all([fetch('metrics'), fetch('healthz')]);
      return { type: metrics.headers.get('content-type'), text: await metrics.text(), status: health.status, health: await health.json() };
    });
    expect(seen.type).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(seen.text).toContain('# TYPE sill:time_to_first_token_seconds histogram');
    expect(seen.text).toContain('sill:generation_tokens_total{model_name="stories15m"} 24');
    expect(seen.text).toContain('sill:time_to_first_token_seconds_count{model_name="stories15m"} 3');
    expect(seen.text).toContain('sill:model_state{model_name="stories15m",state="loaded",device="wasm"} 1');
    expect(seen).toMatchObject({ status: 200, health: { status: 'healthy', loaded: [{ id: 'stories15m' }] } });
  });
});

test.describe('where the app becomes another', () => {
  test.use({ shared: false });

  test('a reader that goes away ends the work, and while one reads no update takes hold', async ({ context, site }) => {
    const { app, page } = await openBoth(context, site);
    await beginStream(page, 'v1/completions', LONG);
    expect(await underWay(app)).toBe(1);
    expect(await isStreaming(app)).toBe(true);
    await page.evaluate('sillTest.cancel()');
    await expect.poll(() => underWay(app)).toBe(0);
    await expect.poll(() => isStreaming(app)).toBe(false);

    await test.step('also when its page is closed', async () => {
      await beginStream(page, 'v1/completions', LONG);
      await page.close();
      await expect.poll(() => underWay(app)).toBe(0);
      await expect.poll(() => isStreaming(app)).toBe(false);
    });

    await test.step('and it is counted', async () => {
      const metrics = await app.evaluate(() => globalThis.sill?.metrics());
      expect(metrics).toContain('sill:request_success_total{model_name="stories15m",finished_reason="abort"} 2');
    });

    await test.step('and an update that a person wants comes after the last of a stream', async () => {
      const reader = await openClients(context, site);
      await reader.evaluate(() => {
        const order: string[] = [];
        navigator.serviceWorker.addEventListener('controllerchange', () => order.push('updated'));
        Object.assign(globalThis, { sillTestOrder: order });
      });
      await beginStream(reader, 'api/generate', ENDLESS);
      const worker = await readFile(join(DIST, 'sw.js'), 'utf8');
      site.answer(({ path }) => (path === 'sw.js' ? { type: 'text/javascript', body: `${worker}\n// the next version\n` } : undefined));
      await app.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      await app.getByRole('button', { name: 'Update now' }).click();
      expect(await isStreaming(app)).toBe(true);
      // Told where it is read: word of it would take its time to come here.
      const rest = reader.evaluate<string>('sillTest.read().then((text) => (sillTestOrder.push("ended"), text))');
      expect(await rest).toContain('"done_reason":"length"');
      await expect.poll(() => reader.evaluate('sillTestOrder')).toEqual(['ended', 'updated']);
    });
  });
});

test.describe('under a sub-path', () => {
  test.use({
    siteSettings: async ({ siteSettings }, use) => use({ ...siteSettings, base: '/apps/sill/' }),
    firstVisit: true,
    shared: false,
  });

  test('the endpoints are there as well, and nowhere else', async ({ page: app, context, site }) => {
    await app.evaluate(() => navigator.serviceWorker.ready);
    const page = await openClients(context, site);
    expect(await page.evaluate(async () => (await clients.openai().models.list()).data)).toEqual([]);
    expect(await statusOf(page, 'api/version')).toBe(200);
    expect(await statusOf(page, '/v1/models')).toBe(404);
  });
});
