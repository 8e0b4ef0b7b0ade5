import { expect } from './support/fixtures.ts';
import { guestTest as test } from './support/guests.ts';

test.use({ installed: ['stories15m'] });

test('a page of another origin streams an answer through the frame', async ({ context, guests }) => {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (m) => console.log('console', m.type(), m.text()));
  await page.goto(`${guests.near.origin}/`);
  await expect(page.getByRole('status').first()).toHaveText('ready');
  await page.getByRole('button', { name: 'Go on with it' }).click();
  await expect(page.locator('#story')).toContainText(/third floor\. \w+/);
});
