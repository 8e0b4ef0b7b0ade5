import { expect, test } from './support/fixtures.ts';

test.use({ chromiumArgs: ['--host-resolver-rules=MAP sill.test 127.0.0.1'] });

test('over plain http from another machine the page says why nothing can run and what the operator can do', async ({ context, site }) => {
  const page = context.pages()[0] ?? (await context.newPage());
  const url = new URL(site.url);
  url.hostname = 'sill.test';
  await page.goto(url.href);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('the connection is not secure');
  await expect(page.getByRole('main')).toContainText(`opened over plain http from ${url.host}`);
  await expect(page.getByRole('main')).toContainText('Serve it over https');
  await expect(page.getByRole('main')).toContainText(`http://localhost:${url.port}/`);
  expect(await page.evaluate(() => [isSecureContext, typeof globalThis.sill])).toEqual([false, 'undefined']);
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await page.goto(`${url.href}#/models`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('the connection is not secure');
});
