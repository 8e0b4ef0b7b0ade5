import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m'] });

test('what is installed is listed under v1/models', async ({ page }) => {
  const answer = await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const response = await fetch('v1/models');
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  });
  expect(answer).toMatchObject({
    status: 200,
    type: 'application/json',
    body: { object: 'list', data: [{ id: 'stories15m', object: 'model' }] },
  });
});
