import { clientsBundle } from './support/clients.ts';
import { expect, openApp } from './support/fixtures.ts';
import { codeOf, connected, connectRefusal, PARTITIONED, guestTest as test, write } from './support/guests.ts';
import { complete } from './support/sill.ts';

test.use({ installed: ['stories15m'], chromiumArgs: PARTITIONED, shared: true });

/** A beginning of several blocks, so that there is something to cache. */
const LONG = `Once upon a time there was a small house by the sea. ${'The waves came and went, and the wind sang to the stones. '.repeat(12)}`;

test('two pages of other origins embed Sill at once: each streams, has threads, and has what it was granted', async ({
  context,
  guests,
  site,
}) => {
  const near = await connected(context, guests.near, site);
  const far = await connected(context, guests.far, site);

  await test.step('the frame is isolated although the page around it sends no headers, and knows whose storage it has', async () => {
    const report = (page: typeof near) => page.evaluate(() => [globalThis.guest?.report, crossOriginIsolated]);
    expect(await report(near)).toEqual([{ isolated: true, storage: 'own' }, false]);
    expect(await report(far)).toEqual([{ isolated: true, storage: 'partitioned' }, false]);
  });

  await test.step('one may install, and hears how far it is; the other may not', async () => {
    expect(await codeOf(near, (guest) => guest.models.install('stories15m'))).toBe('forbidden');
    const heard = await far.evaluate(async () => {
      const phases = new Set<string>();
      globalThis.guest?.on('progress', ({ method, progress }) => phases.add(`${method} ${JSON.stringify(progress)}`.slice(0, 40)));
      await globalThis.guest?.models.install('stories15m');
      return phases.size;
    });
    expect(heard).toBeGreaterThan(0);
  });

  await test.step('both stream at once, with two threads', async () => {
    const stream = (page: typeof near) =>
      page.evaluate(async () => {
        const chunks = await globalThis.guest?.completions.create({
          prompt: 'Once upon a time',
          max_tokens: 24,
          temperature: 0,
          stream: true,
        });
        let text = '';
        let threads = 0;
        let count = 0;
        for await (const chunk of chunks ?? []) {
          text += chunk.choices[0]?.text ?? '';
          threads = chunk.sill?.threads ?? threads;
          count += 1;
        }
        return { text, threads, count };
      });
    const answers = await Promise.all([stream(near), stream(far)]);
    expect(answers[0]?.text).toContain(', there was a little girl');
    expect(answers[1]?.text).toBe(answers[0]?.text);
    for (const { threads, count } of answers) {
      expect(threads).toBeGreaterThan(1);
      expect(count).toBeGreaterThan(3);
    }
  });

  await test.step('a guest sees the models that it was granted, and nothing of the app around them', async () => {
    expect(await near.evaluate(async () => (await globalThis.guest?.models.list())?.map(({ id }) => id))).toEqual(['stories15m']);
    expect(await codeOf(near, (guest) => guest.embeddings.create({ model: 'all-minilm-l6-v2', input: 'x' }))).toBe('forbidden');
    expect(await codeOf(near, (guest) => guest.manage())).toBe('forbidden');
  });

  await test.step('one that asks thirty times at once keeps neither another nor the person waiting', async () => {
    const app = await openApp(context, site);
    const beside = await connected(context, guests.beside, site);
    await near.evaluate(() => {
      const done = { count: 0 };
      const ask = async () => {
        await globalThis.guest?.completions.create({ prompt: 'Once upon a time', max_tokens: 24, temperature: 0 });
        done.count += 1;
      };
      Object.assign(globalThis, { sillTest: { done, all: Promise.all(Array.from({ length: 30 }, ask)) } });
    });
    const line = () => app.evaluate(async () => (await globalThis.sill?.memory())?.models.find(({ id }) => id === 'stories15m')?.waiting);
    await expect.poll(line).toBeGreaterThan(20);
    await Promise.all([write(beside), complete(app, { max_tokens: 8 })]);
    // Four were under way and had to end first, and as many may have begun beside these two.
    expect(await near.evaluate('sillTest.done.count')).toBeLessThanOrEqual(12);
    await near.evaluate('sillTest.all');
    await beside.close();
  });

  await test.step('one that reads slowly holds its own answer up, and loses nothing of it', async () => {
    const app = await openApp(context, site);
    const underWay = () =>
      app.evaluate(async () => (await globalThis.sill?.memory())?.models.find(({ id }) => id === 'stories15m')?.under_way);
    await near.evaluate(async () => {
      const request = { prompt: 'Once upon a time', max_tokens: 200, n: 12, temperature: 0, stream: true } as const;
      const chunks = await globalThis.guest?.completions.create({ ...request, stream_options: { include_usage: true } });
      const items = chunks?.[Symbol.asyncIterator]();
      const first = await items?.next();
      const rest = async () => {
        const texts = Array.from({ length: 12 }, () => '');
        let usage = 0;
        for (let next = first; next && !next.done; next = await items?.next()) {
          for (const { index, text } of next.value.choices) texts[index] += text;
          usage = next.value.usage?.completion_tokens ?? usage;
        }
        return { texts, usage };
      };
      Object.assign(globalThis, { sillTest: { rest } });
    });
    // Turns go by tokens: it would be through by then as well. It has more pieces than may be on their way, also where many tokens go into one.
    for (const seed of [1, 2]) await complete(app, { max_tokens: 120, temperature: 1, seed });
    expect(await underWay()).toBe(1);
    const { texts, usage } = await near.evaluate<{ texts: string[]; usage: number }>('sillTest.rest()');
    expect(new Set(texts).size).toBe(1);
    expect(usage).toBeGreaterThan(1000);
    await expect.poll(underWay).toBe(0);
    // And one that reads no further, by either way over the frame, ends what it asked for.
    await near.evaluate(async () => {
      const { guest } = globalThis;
      const request = { model: 'stories15m', prompt: 'Once upon a time', max_tokens: 1e6, context_shift: true } as const;
      const endless = { ...request, logit_bias: { 1: -100, 2: -100 }, stream: true } as const;
      const response = await guest?.fetch(`${guest.baseURL}/completions`, { method: 'POST', body: JSON.stringify(endless) });
      const reader = response?.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      for await (const _ of (await guest?.completions.create(endless)) ?? []) break;
    });
    await expect.poll(underWay).toBe(0);
  });

  await test.step('what the whole prompt of another took is not to be seen in what is cached', async () => {
    // The token before every text is a block of its own, and of this guest's earlier request.
    expect((await write(near, { prompt: LONG })).cached).toBeLessThanOrEqual(1);
    expect((await write(near, { prompt: LONG })).cached).toBeGreaterThan(20);
    const app = await openApp(context, site);
    const cachedFor = async (salt?: string) =>
      (await complete(app, { prompt: LONG, max_tokens: 2, ...(salt === undefined ? {} : { cache_salt: salt }) })).usage
        ?.prompt_tokens_details.cached_tokens;
    expect(await cachedFor()).toBeLessThanOrEqual(1);
    // Nor the other way round, whatever salt a guest names.
    const fresh = `A different day. ${LONG}`;
    await complete(app, { prompt: fresh, max_tokens: 2 });
    for (const cache_salt of [undefined, 'x']) expect((await write(near, { prompt: fresh, cache_salt })).cached).toBeLessThanOrEqual(1);
    await app.close();
  });
});

test('a stream goes on when the frame is loaded anew, and calls end by signal, time limit and destroy', async ({
  context,
  guests,
  site,
}) => {
  const page = await connected(context, guests.near, site);

  const told = await page.evaluate(async () => {
    const { guest } = globalThis;
    if (!guest) throw new Error('not connected');
    const states: string[] = [];
    guest.on('state', (state) => states.push(state));
    const ask = { prompt: 'Once upon a time', max_tokens: 60, temperature: 0 } as const;
    const whole = await guest.completions.create(ask);
    const chunks = await guest.completions.create({ ...ask, stream: true });
    let text = '';
    let reloads = 0;
    for await (const { choices } of chunks) {
      text += choices[0]?.text ?? '';
      if (text !== '' && reloads === 0) {
        reloads += 1;
        guest.frame.src = String(guest.frame.src);
      }
    }
    return { text, whole: whole.choices[0]?.text, states };
  });
  expect(told.states).toEqual(['connecting', 'ready']);
  // Int8 reads what was written in one piece, where it wrote it token by token: far on, where two words are equally likely, the other may come.
  expect(told.text.slice(0, 60)).toBe(told.whole?.slice(0, 60));
  expect(told.text.length).toBeGreaterThan(100);

  const ends = await page.evaluate(async () => {
    const { guest } = globalThis;
    if (!guest) throw new Error('not connected');
    const long = (signal: AbortSignal) =>
      guest.completions.create({ prompt: 'Once upon a time', max_tokens: 200 }, { signal }).then(
        () => 'done',
        ({ code }) => code,
      );
    const stop = new AbortController();
    const stopped = long(stop.signal);
    stop.abort();
    const limited = long(AbortSignal.timeout(1));
    const open = long(new AbortController().signal);
    const codes = [await stopped, await limited];
    guest.destroy();
    return [...codes, await open, guest.state, document.querySelectorAll('iframe').length, await long(new AbortController().signal)];
  });
  expect(ends).toEqual(['aborted', 'timed_out', 'aborted', 'closed', 0, 'aborted']);
});

test('what a guest asks by fetch goes on when the tab that runs the engine is closed, and when the frame is loaded anew', async ({
  context,
  guests,
  site,
}) => {
  const app = await openApp(context, site);
  const page = await connected(context, guests.near, site);
  await page.evaluate(() => {
    const { guest } = globalThis;
    // With log-probabilities what was given before is evaluated token by token, as it was the first time.
    const drawn = { model: 'stories15m', prompt: 'Once upon a time', max_tokens: 200, temperature: 0.8, seed: 7, logprobs: 0 };
    const request = { ...drawn, logit_bias: { 1: -100, 2: -100 }, stream: true };
    /** Reads until the first piece; the rest is what its client puts together. */
    const begin = async () => {
      const response = await guest?.fetch(`${guest.baseURL}/completions`, { method: 'POST', body: JSON.stringify(request) });
      const reader = response?.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes('data: ')) text += (await reader?.read())?.value ?? 'data: ';
      return async () => {
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) text += next.value;
        const events = text.split('\n\n').filter((event) => event.startsWith('data: {') || event.startsWith('event: '));
        const chunks = events.map((event) => JSON.parse(event.slice(event.indexOf('{'))));
        return {
          text: chunks.map(({ choices }) => choices?.[0]?.text).join(''),
          ids: new Set(chunks.map(({ id }) => id)).size,
          isWhole: text.endsWith('data: [DONE]\n\n'),
        };
      };
    };
    Object.assign(globalThis, { sillTest: { begin } });
  });
  const undisturbed = await page.evaluate<{ text: string }>('sillTest.begin().then((rest) => rest())');
  expect(undisturbed).toMatchObject({ ids: 1, isWhole: true });
  expect(undisturbed.text.length).toBeGreaterThan(400);

  const begun = await page.evaluateHandle<() => Promise<object>>('sillTest.begin()');
  const whole = page.evaluate(async () => {
    const request = { model: 'stories15m', prompt: 'Once upon a time', max_tokens: 200, n: 4 };
    const response = await globalThis.guest?.fetch(`${globalThis.guest.baseURL}/completions`, {
      method: 'POST',
      body: JSON.stringify(request),
    });
    return [response?.status, JSON.parse((await response?.text()) ?? '').choices.length];
  });
  await app.close();
  expect(await begun.evaluate((rest) => rest())).toEqual(undisturbed);
  expect(await whole).toEqual([200, 4]);

  const anew = await page.evaluateHandle<() => Promise<object>>('sillTest.begin()');
  await page.evaluate(() => {
    const { guest } = globalThis;
    if (guest) guest.frame.src = String(guest.frame.src);
  });
  expect(await anew.evaluate((rest) => rest())).toEqual(undisturbed);
});

test('a page that the policy does not name is not let in', async ({ context, guests, site }) => {
  const page = await context.newPage();
  await page.goto(`${guests.stranger.origin}/empty.html`);
  const refusal = await connectRefusal(page, site, { connectTimeoutMs: 1500 });
  expect(refusal?.code).toBe('frame_unreachable');
  expect(refusal?.message).toContain(guests.stranger.origin);

  await test.step('nor does a page that it names get the app itself into a frame', async () => {
    const near = await connected(context, guests.near, site);
    const framed = near.waitForEvent('console', (message) => /"frame-ancestors 'self'"/.test(message.text()));
    await near.evaluate((url) => document.body.append(Object.assign(document.createElement('iframe'), { src: url })), site.url);
    await framed;
    expect(near.frames().map((frame) => frame.url())).not.toContain(site.url);
  });
});

test.describe('where the host sends no headers', () => {
  test.use({ siteSettings: async ({ siteSettings }, use) => use({ ...siteSettings, headers: false }), firstVisit: true, shared: false });

  test('an app that another page frames gives way to the page that is made for it', async ({ context, guests, site }) => {
    const page = await context.newPage();
    await page.goto(`${guests.near.origin}/empty.html`);
    await page.evaluate(
      (url) => document.body.append(Object.assign(document.createElement('iframe'), { src: `${url}#/storage` })),
      site.url,
    );
    await expect.poll(() => page.frames().map((frame) => frame.url())).toContain(`${site.url}embed.html?view=chat`);
  });
});

test('the official OpenAI client streams over the frame, and leaves management alone', async ({ context, guests, site }) => {
  guests.near.files.set('/clients.js', await clientsBundle());
  const page = await connected(context, guests.near, site);
  const told = await page.evaluate(async () => {
    await import(`${location.origin}/clients.js`);
    const { guest, clients } = globalThis;
    if (!guest) throw new Error('not connected');
    const openai = clients.openai({ baseURL: guest.baseURL, fetch: guest.fetch });
    const stream = await openai.completions.create({
      model: 'stories15m',
      prompt: 'Once upon a time',
      max_tokens: 12,
      temperature: 0,
      stream: true,
    });
    let text = '';
    let pieces = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      pieces += 1;
    }
    const models = (await openai.models.list()).data.map(({ id }) => id);
    const removed = await guest.fetch(new URL('../api/delete', `${guest.baseURL}/`), { method: 'DELETE', body: '{"model":"stories15m"}' });
    const elsewhere = await guest.fetch('https://example.org/v1/models').then(
      () => 'answered',
      ({ code }) => code,
    );
    return { text, isStreamed: pieces > 3, models, removed: removed.status, elsewhere };
  });
  expect(told).toEqual({
    text: expect.stringContaining(', there was a little girl'),
    isStreamed: true,
    models: ['stories15m'],
    removed: 403,
    elsewhere: 'invalid_request',
  });
});
