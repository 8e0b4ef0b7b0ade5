import { expect } from '@playwright/test';
import { expectFramesAccessible } from './support/accessible.ts';
import { openApp } from './support/fixtures.ts';
import { codeOf, connect, openEmpty, PARTITIONED, guestTest as test } from './support/guests.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'], policy: { unknownGuests: 'ask' }, chromiumArgs: PARTITIONED });

test('the question is asked in the frame, cannot be answered while it is covered, and gives no more than it says', async ({
  context,
  guests,
  site,
}) => {
  const page = await openEmpty(context, guests.stranger);
  // Over where the frame will be, as a page would that lures a click: it lets clicks through to what it hides.
  await page.evaluate(() => {
    const cover = document.createElement('div');
    cover.id = 'cover';
    cover.style.cssText = 'position:fixed;inset:0;background:white;pointer-events:none;z-index:9;opacity:.99';
    cover.textContent = 'Win a prize: click here';
    document.body.append(cover);
  });
  const connecting = connect(page, site);
  const frame = page.frameLocator('iframe');
  const allow = frame.getByRole('button', { name: 'Allow' });
  await expect(frame.getByText(guests.stranger.origin)).toBeVisible();
  await expect(allow).toBeDisabled();
  await page.evaluate(() => {
    const element = document.querySelector('iframe');
    document.querySelector('#cover')?.remove();
    if (element) element.style.opacity = '0.5';
  });
  await expect(allow).toBeDisabled();
  await page.evaluate(() => {
    const element = document.querySelector('iframe');
    if (element) element.style.opacity = '';
  });
  await expect(allow).toBeEnabled();
  await allow.click();
  await connecting;
  expect(await page.evaluate(() => globalThis.guest?.granted)).toEqual({ requestsPerMinute: 30, tokensPerDay: 50_000, rights: [] });
  expect(await codeOf(page, (guest) => guest.models.install('stories15m'))).toBe('forbidden');
  // Not asked again.
  await page.reload();
  await connect(page, site, { view: 'chat' });
  await test.step('and is taken back in the frame itself, where the browser keeps its storage apart', async () => {
    await page.evaluate(() => document.body.prepend(Object.assign(document.createElement('h1'), { textContent: 'A guest' })));
    await frame.getByText('What this page may here').click();
    await expect(frame.getByText(guests.stranger.origin)).toBeVisible();
    await expect(frame.getByText('30 a minute')).toBeVisible();
    await expectFramesAccessible(page, 'the chat view, what its page may');
    await frame.getByRole('button', { name: 'Withdraw consent' }).click();
    await frame.getByRole('button', { name: 'Refuse' }).click();
    expect(await codeOf(page, (guest) => guest.models.list())).toBe('forbidden');
  });
  await page.close();

  await test.step('and is taken back in Manage, where the page is of the same site', async () => {
    const origin = guests.stranger.origin.replace('127.0.0.1', 'localhost');
    const beside = await context.newPage();
    await beside.goto(`${origin}/empty.html`);
    const asked = connect(beside, site);
    await beside.frameLocator('iframe').getByRole('button', { name: 'Allow' }).click();
    await asked;
    const app = await openApp(context, site);
    await open(app, 'Embedding');
    const card = app.getByRole('article', { name: origin });
    await expect(card).toContainText('Let in by you');
    const withdraw = card.getByRole('button', { name: `Withdraw your consent to ${origin}` });
    await withdraw.click();
    await expect(card).toHaveCount(0);
    await app.getByRole('button', { name: 'Undo' }).click();
    await expect(card).toContainText('Let in by you');
    await app.reload();
    await expect(card).toContainText('Let in by you');
    await withdraw.click();
    await expect(card).toHaveCount(0);
    expect(await codeOf(beside, (guest) => guest.models.list())).toBe('forbidden');
    await beside.reload();
    const again = connect(beside, site).catch(() => 'refused');
    await beside.frameLocator('iframe').getByRole('button', { name: 'Refuse' }).click();
    expect(await again).toBe('refused');
    await expect(card).toContainText('Refused by you');
  });
});
