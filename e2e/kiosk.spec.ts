import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { attract } from './support/kiosk.ts';
import { damageLargestChunk } from './support/storage.ts';
import { card, open } from './support/views.ts';

const POLICY = {
  schema: 1,
  kiosk: true,
  devices: {
    install: ['stories15m'],
    updates: { mode: 'window', days: [0, 6], from: '02:00', to: '04:00' },
    downloads: { bytesPerSecond: 50_000_000, metered: 'allow' },
    memory: { keepAlive: '1h', preload: ['stories15m'] },
  },
};

test.use({ firstVisit: true });

test('a kiosk gives itself the models and settings that its operator wants, and lets nobody change them, with no network either', async ({
  openBrowser,
  site,
}) => {
  const release = site.answer(({ path }) => (path === 'sill.policy.json' ? { body: JSON.stringify(POLICY) } : undefined));
  const context = await openBrowser();
  const page = await openApp(context, site);
  await open(page, 'Models');

  await test.step('the model comes without a question', async () => {
    await expect(card(page, 'Stories 15M').getByRole('button', { name: 'Verify Stories 15M' })).toBeVisible({ timeout: 60_000 });
  });

  await test.step('nothing is offered that takes it away, and nobody can', async () => {
    // HTTP is answered by the service worker alone.
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await expect(page.getByRole('button', { name: /Remove|Install|Export|Import/ })).toHaveCount(0);
    const codes = await page.evaluate(async () => {
      const code = (work: Promise<unknown> | undefined) => work?.then(String, ({ code: why }) => why);
      const { models, storage, data } = globalThis.sill ?? {};
      const deleted = await fetch('api/delete', { method: 'DELETE', body: '{"model":"stories15m"}' });
      return [
        await code(models?.remove('stories15m')),
        await code(models?.import(new Blob(['x']))),
        await code(models?.export('stories15m')),
        await code(storage?.erase()),
        await code(data?.export()),
        deleted.status,
      ];
    });
    expect(codes).toEqual([...Array(5).fill('forbidden'), 403]);
  });

  await test.step('and is in memory before anybody asks', async () => {
    await expect
      .poll(() => page.evaluate(async () => (await globalThis.sill?.memory())?.models.map(({ id, state }) => `${id} ${state}`)))
      .toEqual(['stories15m loaded']);
    expect(await page.evaluate(() => globalThis.sill?.memory.setSettings({}).catch((error) => error.code))).toBe('forbidden');
  });

  await test.step('the forms say who decides, and so does the interface', async () => {
    await page.goto(`${site.url}#/updates`);
    await expect(page.getByRole('radio', { name: 'Update at certain hours' })).toBeChecked();
    await expect(page.getByRole('radio', { name: 'Nothing' })).toBeDisabled();
    await expect(page.getByRole('note')).toContainText('The operator of this site decides this');
    await page.goto(`${site.url}#/downloads`);
    await expect(page.getByRole('spinbutton', { name: 'At most, all together' })).toHaveValue('50');
    await expect(page.getByRole('spinbutton', { name: 'At most, all together' })).toBeDisabled();
    await page.goto(`${site.url}#/settings`);
    // Of the device, and above each of the three forms.
    await expect(page.getByRole('note')).toHaveCount(4);
    await expect(page.getByRole('combobox', { name: 'Memory for all models together' })).toBeDisabled();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await page.goto(`${site.url}#/log`);
    await expect(page.getByText('This device is locked. This is for its staff.')).toBeVisible();
    const refused = await page.evaluate(() => globalThis.sill?.updates.setPolicy({ mode: 'off' }).catch((error) => error.code));
    expect(refused).toBe('forbidden');
  });

  await test.step('a file that was broken meanwhile, and a server that is gone, change nothing', async () => {
    release();
    const end = site.answer(({ path }) => (path === 'sill.policy.json' ? { body: '{"schema": 1, "kiosk": "no"}' } : undefined));
    await page.reload();
    await expect.poll(() => page.evaluate(async () => (await globalThis.sill?.operator())?.lastError?.code)).toBe('invalid_request');
    end();
    await site.stop();
    await page.reload();
    await page.goto(`${site.url}#/updates`);
    await expect(page.getByRole('radio', { name: 'Update at certain hours' })).toBeChecked();
    await expect(page.getByRole('radio', { name: 'Nothing' })).toBeDisabled();
  });
});

test('a kiosk that cannot do its task says so in words for whoever passes by and a code for whoever is called, until it can', async ({
  context,
  site,
}) => {
  const page = context.pages()[0] ?? (await context.newPage());
  const says = async (code: string, words: string) => {
    await expect(page.getByText(`For staff: code ${code}.`)).toBeVisible();
    await expect(page.getByRole('heading', { name: words })).toBeVisible();
  };
  const policy = (body: string) => site.answer(({ path }) => (path === 'sill.policy.json' ? { body } : undefined));
  const address = `${site.url}?kiosk=write&model=stories15m`;

  const cutOff = site.answer(({ path }) => (/engine\.worker/.test(path) ? { status: 503, body: '' } : undefined));
  await page.goto(address);
  await says('E1', 'This device is being repaired');
  await expectAccessible(page, 'out of order', ONCE);
  cutOff();

  await page.goto(address);
  await says('M2', 'This device is not set up yet');
  const broken = policy('{"schema": 1, "kiosk": "no"}');
  await page.reload();
  await says('P1', 'This device is not set up yet');
  broken();

  policy(JSON.stringify({ schema: 1, kiosk: { task: 'write', model: 'stories15m' } }));
  site.holdModelsAfter(2_000_000);
  await page.reload();
  await says('M1', 'This device is being set up');
  site.release();
  await attract(page).click();
  await expect(page.getByRole('textbox')).toBeVisible();
  await page.getByRole('button', { name: 'Start again' }).click();
  await attract(page).waitFor();

  // A disk that lies, and a server that is away; what is damaged is fetched again as soon as it is there.
  const away = site.answer(({ path }) => (path.startsWith('models/') ? { status: 503, body: '' } : undefined));
  await page.evaluate(damageLargestChunk);
  await page.evaluate(() => globalThis.sill?.models.verify('stories15m').catch(() => undefined));
  await page.reload();
  await says('M3', 'This device is being repaired');
  away();
  await page.evaluate(() => globalThis.sill?.models.repair('stories15m'));
  await attract(page).waitFor();
});
