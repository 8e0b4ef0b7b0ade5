import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expectFramesAccessible } from './support/accessible.ts';
import { clientsBundle } from './support/clients.ts';
import { DIST, expect } from './support/fixtures.ts';
import { PARTITIONED, guestTest as test } from './support/guests.ts';

test.use({ installed: ['stories15m'], chromiumArgs: PARTITIONED, shared: true });

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
    await expectFramesAccessible(page, 'the chat view, empty');
    await plain.getByRole('button', { name: 'Send' }).click();
    await expect(plain.getByRole('button', { name: 'Clear' })).toBeVisible();
    await expect(plain.getByRole('log').getByRole('listitem').nth(1)).toContainText(/Answer:[\s\S]*\w+ \w+ \w+/);
    await expectFramesAccessible(page, 'the chat view, answered');
  });

  await page.goto(`${site.url}embed.html`);
  await expect(page.getByRole('link')).toHaveAttribute('href', './');
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
