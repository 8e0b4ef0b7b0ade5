import { expect, openApp, test } from './support/fixtures.ts';
import { complete, install, textOf } from './support/sill.ts';

test.use({ shared: true });

test('the page forbids what is not its own, by header and in itself, and is isolated', async ({ page, site }) => {
  const headers = (await page.request.get(site.url)).headers();
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/'unsafe-|\*|https?:/);
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp');

  const meta = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  expect(meta).toContain("default-src 'self'");
  expect(policy.startsWith(meta ?? '-')).toBe(true);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test.describe('a policy that is violated', () => {
  test.use({ expectedFaults: [/./] });

  test('stops inline script and foreign requests', async ({ page, site }) => {
    const outcome = await page.evaluate(
      async (url) => {
        const violated = new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        });
        const script = document.createElement('script');
        script.textContent = 'document.title = "inline script ran"';
        document.head.append(script);
        const foreign = await fetch(url).then(
          () => 'allowed',
          () => 'refused',
        );
        return { directive: await violated, foreign, title: document.title };
      },
      site.url.replace('localhost', '127.0.0.1'),
    );
    expect(outcome).toMatchObject({ directive: 'script-src-elem', foreign: 'refused' });
    expect(outcome.title).not.toContain('inline script');
  });
});

test.describe('a host that cannot set headers', () => {
  test.use({ siteSettings: async ({ siteSettings }, use) => use({ ...siteSettings, headers: false }), firstVisit: true, shared: false });

  test('is isolated all the same once the service worker has taken over, and models use threads', async ({ context, site }) => {
    const page = await openApp(context, site);
    await page.waitForFunction(() => crossOriginIsolated && globalThis.sill !== undefined);
    const response = await page.reload();
    expect(response?.fromServiceWorker()).toBe(true);
    expect(response?.headers()['content-security-policy']).toContain("default-src 'self'");
    expect((await page.evaluate(() => globalThis.sill?.device()))?.wasm.threads).toBe(true);
    await install(page, 'stories15m');
    const answer = await complete(page, { temperature: 0, max_tokens: 4 });
    expect(answer.sill?.threads).toBeGreaterThan(1);
    expect(textOf(answer)).toBe(', there was a');
  });
});
