import { expectAccessible } from './support/accessible.ts';
import { expect, openApp } from './support/fixtures.ts';
import { codeOf, connect, connected, guestTest as test, write } from './support/guests.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });

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
    await card.getByRole('button', { name: `Shut ${guests.near.origin} out on this device` }).click();
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
