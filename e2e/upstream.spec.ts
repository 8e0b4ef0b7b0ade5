import type { Page } from '@playwright/test';
import type { ChatRequest } from '../src/protocol/openaiRequests.ts';
import { test as base, expect } from './support/fixtures.ts';
import { buildWithPolicy, removeBuild } from './support/hub.ts';
import { install, refusalOf } from './support/sill.ts';
import { freePort } from './support/site.ts';
import { openUpstream, type UpstreamServer } from './support/upstream.ts';
import { open } from './support/views.ts';

const NAME = 'The big machine';
const ASSISTANT = { alias: 'assistant', model: 'big-70b', fallback: 'teller' };

/** The app built so that three names mean a server on another origin. */
const test = base.extend<{ upstream: UpstreamServer }, { elsewhere: { directory: string; port: number } }>({
  elsewhere: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const port = await freePort();
      const models = [ASSISTANT, { alias: 'lonely' }, { alias: 'talker', requests: ['chat.completions'], fallback: 'stories15m' }];
      const directory = await buildWithPolicy({ upstreams: [{ url: `http://localhost:${port}/v1`, name: NAME, models }] });
      await use({ directory, port });
      await removeBuild(directory);
    },
    { scope: 'worker' },
  ],
  siteSettings: async ({ elsewhere }, use) => use({ base: '/', headers: true, directory: elsewhere.directory }),
  visited: async ({ siteSettings }, use) => use(siteSettings),
  expectedFaults: [/foreign request: http:\/\/localhost:\d+\/v1\//],
  upstream: async ({ elsewhere }, use) => {
    const upstream = await openUpstream(elsewhere.port);
    await use(upstream);
    await upstream.close();
  },
});

/** What a streamed chat gave: its pieces, how it ended, and where it was computed. */
const stream = (page: Page, request: Partial<ChatRequest> & { model: string }) =>
  page.evaluate(async (given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    const messages = [{ role: 'user' as const, content: 'there was a cat' }];
    const pieces: string[] = [];
    // A test may wait for the first of them.
    Reflect.set(globalThis, 'sillTestPieces', pieces);
    let last: unknown;
    let usage: unknown;
    let failure: unknown;
    try {
      const chunks = await globalThis.sill.chat.completions.create({
        ...{ messages, max_tokens: 8, temperature: 0, keep_alive: '5m', stream_options: { include_usage: true } },
        ...given,
        stream: true,
      });
      for await (const chunk of chunks) {
        const text = chunk.choices[0]?.delta.content;
        if (text) pieces.push(text);
        last = chunk.sill ?? last;
        usage = chunk.usage ?? usage;
      }
    } catch (error) {
      failure = { code: Reflect.get(Object(error), 'code') };
    }
    return { pieces, text: pieces.join(''), last, usage, failure };
  }, request);

test('what a request names is computed where the policy says, told with each answer, and on the device where that fails', async ({
  page,
  upstream,
  elsewhere,
}) => {
  test.slow();
  await install(page, 'stories15m');
  await page.evaluate(() =>
    globalThis.sill?.models.create({ name: 'teller', modelfile: 'FROM stories15m\nTEMPLATE "Once upon a time {{ .Prompt }}"' }),
  );

  await test.step('streamed, in its pieces', async () => {
    const answer = await stream(page, { model: 'assistant' });
    expect(answer.text).toBe('You said: there was a cat');
    expect(answer.pieces.length).toBeGreaterThan(1);
    expect(answer.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 5 });
    expect(answer.last).toMatchObject({ computed_by: 'upstream', model: 'assistant', upstream: { name: NAME, model: 'big-70b' } });
    const [asked] = upstream.requests;
    expect(asked).toMatchObject({ path: '/v1/chat/completions', body: { model: 'big-70b', max_tokens: 8, temperature: 0 } });
    // Neither what is of this device alone, nor who asks.
    expect(Object.keys(asked?.body ?? {})).not.toContain('keep_alive');
    expect(asked?.headers.cookie).toBeUndefined();
    expect(asked?.headers.referer).toBeUndefined();
  });

  await test.step('whole, with calls of tools', async () => {
    upstream.behaviour = 'call';
    const whole = await page.evaluate(() =>
      globalThis.sill?.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content: 'Rain in Köln?' }] }),
    );
    expect(whole?.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ id: 'call_1', function: { name: 'weather', arguments: '{"town":"Köln"}' } }] },
    });
  });

  await test.step('in the lists of models of OpenAI’s and Ollama’s clients', async () => {
    await page.evaluate(() => navigator.serviceWorker.ready);
    const lists = await page.evaluate(async () => {
      const json = async (path: string, body?: object) =>
        (await fetch(path, body ? { method: 'POST', body: JSON.stringify(body) } : {})).json();
      return [
        await json('v1/models'),
        await json('v1/models/assistant'),
        await json('api/tags'),
        await json('api/show', { model: 'assistant' }),
      ];
    });
    const alias = {
      id: 'assistant',
      object: 'model',
      owned_by: NAME,
      sill: { computed_by: 'upstream', upstream: { model: 'big-70b' }, fallback: 'teller' },
    };
    expect(lists[0].data.map(({ id, owned_by }: Record<string, string>) => `${id} ${owned_by}`)).toEqual([
      ...['stories15m sill', 'teller sill', `assistant ${NAME}`, `lonely ${NAME}`, `talker ${NAME}`],
    ]);
    expect(lists[1]).toMatchObject(alias);
    const remote = { remote_model: 'big-70b', remote_host: `http://localhost:${elsewhere.port}/v1/` };
    expect(lists[2].models).toContainEqual(expect.objectContaining({ name: 'assistant', ...remote }));
    expect(lists[3]).toMatchObject({ ...remote, capabilities: ['completion', 'tools'] });
  });

  await test.step('in the view, in words', async () => {
    upstream.behaviour = 'answer';
    await open(page, 'Models');
    await expect(page.getByRole('region', { name: 'On another computer' })).toContainText(`assistant Computed by ${NAME}`);
    await open(page, 'Write');
    await page.locator('sill-model-picker').getByRole('combobox').selectOption(`assistant (${NAME})`);
    await expect(page.getByText(`${NAME} computes the answer: what you write is sent there.`)).toBeVisible();
    await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('Hello there');
    await page.getByRole('button', { name: 'Write on' }).click();
    await expect(page.getByText('You said: Hello there', { exact: true })).toBeVisible();
    await expect(page.getByText(`Computed by ${NAME}, not on this device`)).toBeVisible();
  });

  await test.step('on the device, where the server has no room, and says so', async () => {
    upstream.behaviour = 'unavailable';
    const answer = await stream(page, { model: 'assistant' });
    expect(answer.text).not.toBe('');
    expect(answer.last).toMatchObject({
      ...{ computed_by: 'device', model: 'teller', base: 'stories15m' },
      instead_of: { name: NAME, error: { code: 'upstream_failed', message: expect.stringContaining('503 (All workers are busy.)') } },
    });
    expect((await stream(page, { model: 'lonely' })).failure).toEqual({ code: 'upstream_failed' });
  });

  await test.step('not at all, where the request itself is refused', async () => {
    upstream.behaviour = 'refuse';
    const refused = await refusalOf(page, (sill) =>
      sill.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content: 'Hi' }] }),
    );
    expect(refused).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('a context of 16 tokens') });
  });

  await test.step('with an honest end, where it breaks off in the middle', async () => {
    upstream.behaviour = 'hold';
    const reading = stream(page, { model: 'assistant' });
    await page.waitForFunction(() => Reflect.get(globalThis, 'sillTestPieces')?.length === 1);
    upstream.breakOff();
    const answer = await reading;
    expect(answer.text).toBe('You ');
    expect(answer.failure).toEqual({ code: 'network_unavailable' });
  });

  await test.step('until nobody reads it any more', async () => {
    upstream.behaviour = 'hold';
    const before = upstream.abandoned;
    await page.evaluate(async () => {
      if (!globalThis.sill) throw new Error('globalThis.sill is missing');
      const abort = new AbortController();
      const chunks = await globalThis.sill.chat.completions.create(
        { model: 'assistant', messages: [{ role: 'user', content: 'Hi' }], stream: true },
        { signal: abort.signal },
      );
      for await (const _ of chunks) break;
    });
    await expect.poll(() => upstream.abandoned).toBe(before + 1);
  });

  await test.step('only what the policy names', async () => {
    upstream.behaviour = 'answer';
    const asked = upstream.requests.length;
    const own = await page.evaluate(() => globalThis.sill?.completions.create({ model: 'talker', prompt: 'Once', max_tokens: 2 }));
    expect(own?.sill).toMatchObject({ computed_by: 'device', model: 'stories15m', instead_of: { error: { code: 'invalid_request' } } });
    // A model of the same name on this device goes before.
    await page.evaluate(() => globalThis.sill?.models.copy('teller', 'lonely'));
    expect((await stream(page, { model: 'lonely' })).last).toMatchObject({ computed_by: 'device', model: 'lonely' });
    expect(upstream.requests).toHaveLength(asked);
  });

  await test.step('on the device, where the server is gone', async () => {
    await upstream.close();
    const answer = await stream(page, { model: 'assistant' });
    expect(answer.text).not.toBe('');
    expect(answer.last).toMatchObject({ computed_by: 'device', instead_of: { error: { code: 'network_unavailable' } } });
  });

  await test.step('at once on the device while it stays gone, seen in the view, and there again once it is back', async () => {
    // How many the steps before left in a row is theirs.
    await expect.poll(async () => (await health(page))?.state, { intervals: [0] }).toBe('rests');
    // While it rests: the server is gone all the same, and what is told is that nobody asked it.
    const rested = await stream(page, { model: 'assistant' });
    expect(rested.last).toMatchObject({
      ...{ computed_by: 'device', model: 'teller' },
      instead_of: {
        error: {
          code: 'upstream_failed',
          message: expect.stringContaining('was not asked'),
          details: { retryAfterSeconds: expect.any(Number) },
        },
      },
    });
    await open(page, 'Models');
    const region = page.getByRole('region', { name: 'On another computer' });
    await expect(region).toContainText(/Did not answer the last 3 requests: [\s\S]* It is left alone until/);
    const back = await openUpstream(elsewhere.port);
    await expect
      .poll(async () => Reflect.get(Object((await stream(page, { model: 'assistant' })).last), 'computed_by'), { timeout: 15_000 })
      .toBe('upstream');
    await expect(region).toContainText('Answered last on');
    await back.close();
  });
});

/** What was seen of the server after one more request. */
const health = async (page: Page) => {
  await stream(page, { model: 'assistant' });
  return page.evaluate(async () => (await globalThis.sill?.upstreams())?.[0]?.health);
};
