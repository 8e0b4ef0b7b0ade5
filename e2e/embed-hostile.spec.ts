import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { DIST } from './support/fixtures.ts';
import { connect, connected, connectRefusal, openEmpty, guestTest as test } from './support/guests.ts';

test.use({ installed: ['stories15m'], chromiumArgs: ['--host-resolver-rules=MAP intranet.test 127.0.0.1'], shared: true });

test('a page cannot make more of the handshake than one greeting gives, and nobody but the parent can answer it', async ({
  context,
  guests,
  site,
}) => {
  const page = await openEmpty(context, guests.near);
  const told = await page.evaluate(async (url) => {
    const frame = document.createElement('iframe');
    const ready = () =>
      new Promise<string>((resolve) => {
        addEventListener('message', function listener({ data, source }) {
          if (source !== frame.contentWindow || data.type !== 'sill-ready') return;
          removeEventListener('message', listener);
          resolve(data.greeting);
        });
      });
    /** What the frame says to a hello, or `silence`; it says anything within a message to it and back. */
    const hello = async (message: object, from: Window = window) => {
      const { port1, port2 } = new MessageChannel();
      const said = new Promise<string>((resolve) => {
        port1.onmessage = ({ data }) => resolve(`${data.type} ${data.error?.code ?? ''}`);
      });
      // A function of the realm that sends: the browser names that one as the source.
      const send = Reflect.get(from, 'sendHello') ?? ((to: Window, m: object, p: MessagePort) => to.postMessage(m, '*', [p]));
      send(frame.contentWindow, message, port2);
      const silent = new Promise<string>((resolve) => setTimeout(() => resolve('silence'), 1000));
      return Promise.race([said, silent]);
    };
    const first = ready();
    frame.src = `${url}embed.html`;
    document.body.append(frame);
    const greeting = await first;

    const sibling = document.createElement('iframe');
    sibling.srcdoc = '<script>sendHello = (to, m, p) => to.postMessage(m, "*", [p])</script>';
    const loaded = new Promise((resolve) => sibling.addEventListener('load', resolve));
    document.body.append(sibling);
    await loaded;
    const { contentWindow } = sibling;
    if (!contentWindow) throw new Error('no sibling');
    const good = { type: 'sill-hello', version: 1, greeting };
    return {
      sibling: await hello(good, contentWindow),
      guessed: await hello({ ...good, greeting: crypto.randomUUID() }),
      good: await hello(good),
      replayed: await hello(good),
      noVersion: await (async () => {
        const next = ready();
        frame.contentWindow?.postMessage({ type: 'sill-knock' }, '*');
        return hello({ type: 'sill-hello', version: 99, greeting: await next });
      })(),
    };
  }, site.url);
  await test.step('another frame of the page is not heard, nor is a guess', () => {
    expect([told.sibling, told.guessed]).toEqual(['silence', 'sill-refused forbidden']);
  });
  await test.step('a greeting is good for one answer', () => {
    expect([told.good, told.replayed]).toEqual(['sill-welcome ', 'sill-refused forbidden']);
  });
  await test.step('a version that nobody speaks is told', () => {
    expect(told.noVersion).toBe('sill-refused app_outdated');
  });

  await test.step('and so is a frame that speaks none of the page’s, or refuses by a code that the page does not know', async () => {
    const frameOf = (versions: string, more = '') =>
      `<!doctype html><title>Another time</title><script>
        addEventListener('message', ({ ports: [port] }) => { ${more} });
        parent.postMessage({ type: 'sill-ready', versions: ${versions}, greeting: 'hello' }, '*');
      </script>`;
    guests.near.files.set('/newer/embed.html', frameOf('[98, 99]'));
    guests.near.files.set(
      '/later/embed.html',
      frameOf('[1, 99]', "port.postMessage({ type: 'sill-refused', error: { code: 'of_next_year', message: 'Not today.' } });"),
    );
    const connecting = (folder: string) =>
      page.evaluate(
        async ([url, src]) => {
          const sdk: typeof import('../src/sdk/embed.ts') = await import(`${url}sdk/sill.js`);
          return sdk.connect(document.body, { src }).then(
            () => undefined,
            ({ code, message }) => `${code}: ${message}`,
          );
        },
        [site.url, `${guests.near.origin}/${folder}/`] as const,
      );
    expect(await connecting('newer')).toMatch(/^app_outdated: This SDK speaks version 1 .* the frame 98, 99\. Take the SDK from/);
    expect(await connecting('later')).toBe('of_next_year: Not today.');
  });
});

test('forged, oversized, and far too many messages reach nobody, and others are served on', async ({ context, guests, site }) => {
  const other = await connected(context, guests.beside, site);
  const page = await openEmpty(context, guests.near);
  const told = await page.evaluate(async (url) => {
    const frame = document.createElement('iframe');
    const open = async () => {
      const greeting = new Promise<string>((resolve) => {
        addEventListener(
          'message',
          ({ data, source }) => source === frame.contentWindow && data.type === 'sill-ready' && resolve(data.greeting),
        );
      });
      frame.src = `${url}embed.html?${Math.random()}`;
      if (!frame.isConnected) document.body.append(frame);
      const { port1: port, port2 } = new MessageChannel();
      const heard: Array<Record<string, unknown>> = [];
      const until = (is: (message: Record<string, unknown>) => boolean) =>
        new Promise<Record<string, unknown>>((resolve) => {
          const before = heard.find(is);
          if (before) resolve(before);
          port.addEventListener('message', ({ data }) => is(data) && resolve(data));
        });
      port.addEventListener('message', ({ data }) => heard.push(data));
      port.start();
      frame.contentWindow?.postMessage({ type: 'sill-hello', version: 1, greeting: await greeting }, url, [port2]);
      await until(({ type }) => type === 'sill-welcome');
      return { port, until };
    };
    const codeOf = ({ kind, error }: Record<string, unknown>) =>
      typeof error === 'object' && error !== null ? `${kind} ${Reflect.get(error, 'code')}` : String(kind);

    const { port, until } = await open();
    const answer = (id: number) => until((message) => message.id === id && message.kind !== 'item');
    const call = (id: number, method: string, params: unknown) => {
      port.postMessage({ kind: 'call', id, method, params, credits: 64 });
      return answer(id).then(codeOf);
    };
    const nonsense = [
      await call(1, '__proto__', {}),
      await call(2, 'constructor', {}),
      await call(8, 'completions.create', { model: 'stories15m', prompt: 'x', n: 1e9 }),
    ];
    const never = [
      await call(3, 'guests.narrow', { origin: location.origin, narrowing: {} }),
      await call(4, 'storage.erase', {}),
      await call(5, 'data.export', { preferences: {}, deviceId: true }),
      await call(6, 'documents.list', { model: 'all-minilm-l6-v2' }),
      await call(7, 'models.remove', { id: 'stories15m' }),
      await call(9, 'http', { method: 'POST', path: 'api/delete', body: new TextEncoder().encode('{"model":"stories15m"}') }),
    ];
    const large = await call(10, 'completions.create', {
      model: 'stories15m',
      prompt: 'x',
      logit_bias: Object.fromEntries(Array.from({ length: 250_000 }, (_, i) => [i, 1])),
    });
    for (const message of ['x', 5, null, { kind: 'credit', id: 999, credits: 1e9 }, { kind: 'abort', id: 999 }]) port.postMessage(message);
    const many = Array.from({ length: 60 }, (_, i) =>
      call(100 + i, 'completions.create', { model: 'stories15m', prompt: 'x', max_tokens: 4 }),
    );
    const busy = (await Promise.all(many)).filter((each) => each === 'failed busy').length;
    const alive = await call(500, 'health', {});

    for (let i = 0; i < 40_000; i += 1) port.postMessage({ kind: 'abort', id: 1 });
    const { error } = await until(({ type }) => type === 'sill-refused');
    return { nonsense, never, large, busy: busy > 0, alive, flooded: Reflect.get(error ?? {}, 'code') };
  }, site.url);
  const refused = (code: string, count: number) => Array.from({ length: count }, () => `failed ${code}`);
  await test.step('a method that there is not, or parameters that make no sense, are refused by name', () => {
    expect(told.nonsense).toEqual(refused('invalid_request', 3));
  });
  await test.step('what is the app’s alone is refused by the port, and by HTTP over it', () => {
    expect(told.never).toEqual([...refused('forbidden', 5), 'done']);
  });
  await test.step('a message that is too large is not read', () => {
    expect(told.large).toBe('failed invalid_request');
  });
  await test.step('too many calls at once are told to come again, and who floods is put out', () => {
    expect(told).toMatchObject({ busy: true, alive: 'done', flooded: 'forbidden' });
  });
  expect(await other.evaluate(async () => (await globalThis.guest?.models.list())?.find(({ id }) => id === 'stories15m')?.state)).toBe(
    'installed',
  );
  // One that was put out may begin anew, by loading the frame anew.
  await page.reload();
  await connect(page, site);
});

test('sandboxed frames, pages over plain http, and frames that may store nothing are told why', async ({ context, guests, site }) => {
  const near = await openEmpty(context, guests.near);
  await test.step('a frame in a sandbox', async () => {
    const told = await near.evaluate(async (url) => {
      const sdk = await import(`${url}sdk/sill.js`);
      const frame = document.createElement('iframe');
      frame.sandbox.add('allow-scripts');
      frame.src = `${url}embed.html`;
      document.body.append(frame);
      return sdk.connect(frame, { connectTimeoutMs: 2000 }).then(
        () => 'connected',
        ({ code, message }: { code: string; message: string }) => `${code} ${message.includes('allow-same-origin')}`,
      );
    }, site.url);
    expect(told).toBe('forbidden true');
  });

  await test.step('a page over plain http from another machine', async () => {
    const page = await context.newPage();
    const origin = guests.near.origin.replace('localhost', 'intranet.test');
    // The module is on its own server, as pages over http have to have it.
    guests.near.files.set('/sill.js', await readFile(join(DIST, 'sdk/sill.js'), 'utf8'));
    await page.goto(`${origin}/empty.html`);
    const code = await page.evaluate(async (url) => {
      const sdk: typeof import('../src/sdk/embed.ts') = await import(`${location.origin}/sill.js`);
      const frame = document.createElement('iframe');
      frame.src = `${url}embed.html?view=chat`;
      document.body.append(frame);
      return sdk.connect(frame, { connectTimeoutMs: 2000 }).catch(({ code }) => code);
    }, site.url);
    expect(code).toBe('insecure_context');
    const frame = page.frameLocator('iframe');
    await expect(frame.getByRole('alert')).toContainText('the page around is not secure');
    await expect(frame.getByRole('link', { name: 'Open Sill in a window of its own' })).toHaveAttribute('target', '_blank');
    await page.close();
  });

  // Debian's Chromium as it is: a frame of another site gets no storage at all.
  const far = await openEmpty(context, guests.far);
  const refusal = await connectRefusal(far, site);
  expect(refusal?.code).toBe('storage_unavailable');
  expect(refusal?.message).toContain('window of its own');
  await test.step('also by the element, in its own place, where nobody listens for errors', async () => {
    guests.far.files.set(
      '/chat.html',
      `<!doctype html><html lang="en"><title>Chat</title><script type="module" src="${site.url}sdk/sill.js"></script><sill-chat></sill-chat></html>`,
    );
    await far.goto(`${guests.far.origin}/chat.html`);
    const frame = far.frameLocator('sill-chat iframe');
    await expect(frame.getByRole('alert')).toContainText('third-party cookies');
    await expect(frame.getByRole('link', { name: 'Open Sill in a window of its own' })).toBeVisible();
    // Told to a page that listens as well, and gone with the element.
    const code = await far.evaluate(async () => {
      const chat = document.querySelector('sill-chat');
      const told = new Promise<string>((resolve) => chat?.addEventListener('sill-error', ({ detail }) => resolve(detail.code)));
      chat?.setAttribute('src', String(chat.querySelector('iframe')?.src));
      return told;
    });
    expect(code).toBe('storage_unavailable');
    await expect(far.locator('iframe')).toHaveCount(1);
    await far.evaluate(() => document.querySelector('sill-chat')?.remove());
    await expect(far.locator('iframe')).toHaveCount(0);
  });
});
