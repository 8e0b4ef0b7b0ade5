import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expectAccessible, expectFrameAccessible } from './support/accessible.ts';
import { clientsBundle } from './support/clients.ts';
import { DIST, expect, openApp } from './support/fixtures.ts';
import { codeOf, connect, connected, connectRefusal, guestTest as test, write } from './support/guests.ts';
import { complete } from './support/sill.ts';
import { open } from './support/views.ts';

test.use({
  installed: ['stories15m'],
  // Debian's Chromium blocks third-party cookies, and with them all storage of a frame of another site; most browsers give it a partition.
  chromiumArgs: ['--disable-features=ThirdPartyCookieBlocking,TrackingProtection3pcd'],
});

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
      const request = { prompt: 'Once upon a time', max_tokens: 240, n: 4, temperature: 0, stream: true } as const;
      const chunks = await globalThis.guest?.completions.create({ ...request, stream_options: { include_usage: true } });
      const items = chunks?.[Symbol.asyncIterator]();
      const first = await items?.next();
      const rest = async () => {
        const texts = ['', '', '', ''];
        let usage = 0;
        for (let next = first; next && !next.done; next = await items?.next()) {
          for (const { index, text } of next.value.choices) texts[index] += text;
          usage = next.value.usage?.completion_tokens ?? usage;
        }
        return { texts, usage };
      };
      Object.assign(globalThis, { sillTest: { rest } });
    });
    // Turns go by tokens: it would be through by then as well.
    for (const seed of [1, 2]) await complete(app, { max_tokens: 240, temperature: 1, seed });
    expect(await underWay()).toBe(1);
    const { texts, usage } = await near.evaluate<{ texts: string[]; usage: number }>('sillTest.rest()');
    expect(new Set(texts).size).toBe(1);
    expect(usage).toBeGreaterThan(400);
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

test('a guest is held to its tokens of a day, also by many requests at once, and others are not', async ({ context, guests, site }) => {
  const beside = await connected(context, guests.beside, site);
  const spent = await beside.evaluate(async () => {
    const ask = async () => globalThis.guest?.completions.create({ prompt: 'Once upon a time', max_tokens: 12, temperature: 0 });
    const answers = await Promise.allSettled(Array.from({ length: 12 }, ask));
    return answers.map((answer) => (answer.status === 'fulfilled' ? (answer.value?.usage?.total_tokens ?? 0) : answer.reason.code));
  });
  const tokens = spent.filter((each): each is number => typeof each === 'number').reduce((sum, each) => sum + each, 0);
  expect(tokens).toBeGreaterThan(0);
  expect(tokens).toBeLessThanOrEqual(60);
  expect(spent).toContain('busy');
  // Kept: a frame that is loaded anew has no new ones.
  await beside.reload();
  await connect(beside, site);
  expect(await codeOf(beside, (guest) => guest.completions.create({ prompt: 'x'.repeat(200), max_tokens: 50 }))).toBe('busy');
  const near = await connected(context, guests.near, site);
  expect((await write(near)).text).not.toBe('');

  await test.step('Manage shows who may what and what they used, and takes from one what it is not to have here', async () => {
    const app = await openApp(context, site);
    await open(app, 'Embedding');
    const guest = ({ origin }: typeof guests.near) => app.getByRole('article', { name: origin });
    await expect(guest(guests.beside)).toContainText(/60 a day\s*Used today\s*Requests: 1\d\. Tokens: [1-6]?\d\./);
    await expect(guest(guests.far)).toContainText('ask models and put models onto the device');
    await expect(app.getByText('Any other page is refused.')).toBeVisible();
    await expect(app.getByRole('group', { name: 'A conversation in the page' })).toContainText(`src="${site.url}sdk/sill.js"`);

    const card = guest(guests.near);
    await card.getByRole('button', { name: `Narrow what ${guests.near.origin} may` }).click();
    await expectAccessible(app, 'Embedding, while a grant is narrowed');
    await card.getByRole('spinbutton', { name: 'Requests a minute, at most' }).fill('1');
    await card.getByRole('button', { name: 'Save' }).click();
    await expect(card).toContainText('1 a minute (of: 600 a minute)');
    expect([
      await codeOf(near, (own) => own.completions.create({ prompt: 'x', max_tokens: 1 })),
      await codeOf(near, (own) => own.completions.create({ prompt: 'x', max_tokens: 1 })),
    ]).toContain('busy');
    const shutOut = card.getByRole('button', { name: `Shut ${guests.near.origin} out on this device` });
    await shutOut.click();
    await expect(card).toContainText('Shut out on this device');
    // It comes back with what was taken from it before, and no more; also for whoever looks later.
    await app.getByRole('button', { name: 'Undo' }).last().click();
    await expect(card).toContainText('1 a minute (of: 600 a minute)');
    await app.reload();
    await expect(card).toContainText('1 a minute (of: 600 a minute)');
    await shutOut.click();
    await expect(card).toContainText('Shut out on this device');
    expect(await codeOf(near, (own) => own.models.list())).toBe('forbidden');
    const told = await near.evaluate(async () => {
      const { guest } = globalThis;
      const failed = new Promise<string>((resolve) => guest?.on('error', ({ code }) => resolve(code)));
      const refused = new Promise<string>((resolve) => guest?.on('state', (state) => state === 'refused' && resolve(state)));
      // What was connected is gone with the frame before: the next call greets the one that comes.
      guest?.on('state', (state) => state === 'connecting' && void guest.health().catch(() => undefined));
      if (guest) guest.frame.src = String(guest.frame.src);
      return Promise.all([failed, refused]);
    });
    expect(told).toEqual(['forbidden', 'refused']);
    // At once, and not after the time that a frame may take: nobody will greet.
    expect(await codeOf(near, (own) => own.health())).toBe('forbidden');
    await card.getByRole('button', { name: `Let ${guests.near.origin} in again` }).click();
    await expect(card).toContainText('Let in by the operator');
    await near.reload();
    await connect(near, site);
    expect((await write(near)).text).not.toBe('');
    // Whoever is embedded has no part in that, whatever its rights.
    expect(await codeOf(near, (own) => own.fetch(`${own.baseURL}/models`))).toBe('done');
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
  test.use({ siteSettings: async ({ siteSettings }, use) => use({ ...siteSettings, headers: false }), installed: [] });

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

test('docs/embed.md works as it is written, from an empty folder', async ({ context, guests, site }) => {
  const guide = await readFile('docs/embed.md', 'utf8');
  const [chat, story] = [...guide.matchAll(/```html\n([\s\S]*?)```/g)].map(([, block = '']) =>
    block.replace(/^ {3}/gm, '').replaceAll('http://localhost:4173/', site.url),
  );
  guests.far.files.set('/index.html', chat ?? '');
  const page = await context.newPage();
  await page.goto(`${guests.far.origin}/`);
  const frame = page.frameLocator('sill-chat iframe');
  await frame.getByRole('button', { name: 'Fetch it' }).click();
  const field = frame.getByRole('textbox', { name: 'Your message' });
  await field.fill('Once upon a time');
  await field.press('Enter');
  await expect(frame.getByRole('log').getByRole('listitem').nth(1)).toContainText(/\w+ \w+ \w+/);

  guests.far.files.set('/index.html', story ?? '');
  await page.reload();
  await expect(page.locator('#story')).toContainText(/^Once upon a time, \w+ \w+ \w+/);

  await test.step('and its lines for the official client', async () => {
    guests.far.files.set('/clients.js', await clientsBundle());
    const lines = guide.match(/```js\n\s*import OpenAI from 'openai';\n([\s\S]*?)```/)?.[1] ?? '';
    const text = await page.evaluate(
      async ([url, code]) => {
        await import(`${location.origin}/clients.js`);
        const { connect }: typeof import('../src/sdk/embed.ts') = await import(`${url}sdk/sill.js`);
        const sill = await connect(document.body, { model: 'stories15m' });
        const run: (...given: unknown[]) => Promise<AsyncIterable<{ choices: { text: string }[] }>> = Object.getPrototypeOf(
          async () => undefined,
        ).constructor('OpenAI', 'sill', `${code}; return stream`);
        let written = '';
        for await (const { choices } of await run(clients.OpenAI, sill)) written += choices[0]?.text ?? '';
        return written;
      },
      [site.url, lines] as const,
    );
    expect(text).toMatch(/\w+ \w+/);
  });
});

test('the types beside the module serve a stranger’s TypeScript as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sill-types-'));
  await cp(join(DIST, 'sdk'), join(folder, 'sdk'), { recursive: true });
  await writeFile(
    join(folder, 'page.ts'),
    `import { connect, SillError, type ErrorCode, type GuestSill } from './sdk/sill.js';
    const sill: GuestSill = await connect(document.body, { src: 'https://sill.example.org/', model: 'stories15m', view: 'chat' });
    const stop: () => void = sill.on('state', (state) => state === 'ready' && console.log(state));
    const stream = await sill.chat.completions.create({ messages: [{ role: 'user', content: 'Hi' }], stream: true }, { signal: AbortSignal.timeout(9) });
    for await (const { choices } of stream) choices[0]?.delta.content?.trim();
    const whole = await sill.completions.create({ prompt: 'Once', max_tokens: 3 });
    const text: string | undefined = whole.choices[0]?.text;
    const vector: readonly number[] | undefined = (await sill.embeddings.create({ model: 'm', input: ['a'] })).data[0]?.embedding;
    await sill.models.install('stories15m', { onProgress: ({ phase }) => console.log(phase) });
    await sill.health({ signal: new AbortController().signal });
    const answer: Response = await sill.fetch(\`\${sill.baseURL}/models\`);
    document.querySelector('sill-chat')?.addEventListener('sill-ready', ({ detail }) => detail.granted.rights.includes('install'));
    // @ts-expect-error a prompt is text
    await sill.completions.create({ prompt: 5 });
    // @ts-expect-error there is no such event
    sill.on('nothing', stop);
    try { sill.destroy(); } catch (reason) { if (reason instanceof SillError) { const code: ErrorCode = reason.code; console.log(code); } }
    console.log(text, vector, answer);`,
  );
  const options = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--types', '', '--lib', 'es2022,dom,dom.iterable'];
  const run = (...resolution: string[]) =>
    spawnSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), 'page.ts', '--target', 'es2022', ...options, ...resolution], {
      cwd: folder,
      encoding: 'utf8',
    });
  expect(run('--module', 'esnext', '--moduleResolution', 'bundler')).toMatchObject({ stdout: '', status: 0 });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  expect(run('--module', 'nodenext', '--moduleResolution', 'nodenext')).toMatchObject({ stdout: '', status: 0 });
  await rm(folder, { recursive: true });
});

test('<sill-chat> is one line: a conversation in the page’s colours and language, as high as what is in it', async ({
  context,
  guests,
  site,
}) => {
  guests.near.files.set(
    '/chat.html',
    `<!doctype html><html lang="en"><title>Chat</title>
      <style>sill-chat { --sill-embed-accent: rgb(10, 20, 200); --sill-embed-text: red; --sill-embed-surface: url(https://example.org/x) }</style>
      <script type="module" src="${site.url}sdk/sill.js"></script>
      <sill-chat model="stories15m" language="de" title="Assistent" color-scheme="light"></sill-chat></html>`,
  );
  const page = await context.newPage();
  await page.goto(`${guests.near.origin}/chat.html`);
  const frame = page.frameLocator('sill-chat iframe');
  const field = frame.getByRole('textbox', { name: 'Ihre Nachricht' });
  await expect(field).toBeVisible();
  await expect(page.locator('iframe')).toHaveAttribute('title', 'Assistent');

  const height = () => page.locator('iframe').evaluate((element) => element.getBoundingClientRect().height);
  const before = await height();
  await field.fill('Once upon a time there was a cat');
  await field.press('Enter');
  await expect(frame.getByRole('log').getByRole('listitem')).toHaveCount(2);
  await expect(frame.getByRole('button', { name: 'Leeren' })).toBeVisible();
  await expect.poll(height).toBeGreaterThan(before + 20);

  const style = await frame.locator('html').evaluate((root) => {
    const { style } = root instanceof HTMLElement ? root : document.body;
    return ['accent', 'text', 'surface'].map((name) => style.getPropertyValue(`--sill-embed-${name}`));
  });
  // What is no colour is left out.
  expect(style).toEqual(['rgb(10, 20, 200)', 'red', '']);
  await test.step('also in those that it has later, and in another language', async () => {
    await page.evaluate(() => {
      const chat = document.querySelector('sill-chat');
      chat?.setAttribute('language', 'el');
      chat?.style.setProperty('--sill-embed-accent', 'rgb(200, 20, 10)');
    });
    await expect(frame.getByRole('textbox', { name: 'Το μήνυμά σας' })).toBeVisible();
    await expect
      .poll(() => frame.locator('html').evaluate((root) => getComputedStyle(root).getPropertyValue('--sill-embed-accent')))
      .toBe('rgb(200, 20, 10)');
    // Loaded anew, as by an update of Sill, it is greeted anew and looks the same.
    await page.locator('iframe').evaluate((element: HTMLIFrameElement) => {
      element.src = String(element.src);
    });
    await expect(frame.getByRole('log')).toHaveCount(0);
    await frame.getByRole('textbox', { name: 'Το μήνυμά σας' }).fill('Once upon a time there was a dog');
    await frame.getByRole('button', { name: 'Αποστολή' }).click();
    await expect(frame.getByRole('button', { name: 'Εκκαθάριση' })).toBeVisible();
    const tall = await height();
    await frame.getByRole('button', { name: 'Εκκαθάριση' }).click();
    await expect.poll(height).toBeLessThan(tall - 20);
  });
  await page.evaluate(() => document.querySelector('sill-chat')?.sill?.show({ theme: {} }));
  await expect
    .poll(() => frame.locator('html').evaluate((root) => getComputedStyle(root).getPropertyValue('--sill-embed-accent')))
    .not.toBe('rgb(200, 20, 10)');

  await test.step('the example of docs/embed.md has both: an assistant, and a story that goes on in its own text', async () => {
    await page.goto(`${guests.near.origin}/`);
    await expect(page.getByRole('status')).toHaveText('ready');
    const story = page.locator('#story');
    const before = (await story.textContent())?.length ?? 0;
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await expect.poll(async () => (await story.textContent())?.length).toBeGreaterThan(before + 20);
    await expect(page.frameLocator('sill-chat iframe').getByRole('textbox')).toBeVisible();
  });

  await test.step('an iframe without any script of the page is the same, and axe finds nothing in it', async () => {
    guests.near.files.set(
      '/plain.html',
      `<!doctype html><html lang="en"><title>Plain</title><h1>Plain</h1>
        <iframe title="Assistant" width="600" height="400" src="${site.url}embed.html?view=chat&model=stories15m&language=en" allow="cross-origin-isolated; microphone"></iframe></html>`,
    );
    await page.goto(`${guests.near.origin}/plain.html`);
    const plain = page.frameLocator('iframe');
    await plain.getByRole('textbox', { name: 'Your message' }).fill('Once upon a time');
    await expectFrameAccessible(page, 'the chat view, empty');
    await plain.getByRole('button', { name: 'Send' }).click();
    await expect(plain.getByRole('button', { name: 'Clear' })).toBeVisible();
    await expect(plain.getByRole('log').getByRole('listitem').nth(1)).toContainText(/Answer:[\s\S]*\w+ \w+ \w+/);
    await expectFrameAccessible(page, 'the chat view, answered');
  });

  await page.goto(`${site.url}embed.html`);
  await expect(page.getByRole('link')).toHaveAttribute('href', './');
});
