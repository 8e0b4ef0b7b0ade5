import type { Page } from '@playwright/test';
import { isForStaff, ROUTES, routeHref } from '../src/ui/routes.ts';
import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { attract, everythingKept, openKiosk, PIN, serveKiosk } from './support/kiosk.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

/** A base model has no template of its own. */
const GUIDE =
  'FROM stories15m\nTEMPLATE """{{ range .Messages }}{{ .Content }} {{ end }}"""\nPARAMETER num_predict 8\nPARAMETER temperature 0\n';
const DOCUMENT = 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.';

/** What whoever owns the device had on it before it was locked. */
const ownThings = (page: Page): Promise<void> =>
  page.evaluate(
    async ([guide, text]) => {
      const { sill } = globalThis;
      await sill?.models.create({ name: 'guide', modelfile: guide });
      await sill?.documents.add({ model: 'all-minilm-l6-v2', name: 'Night sky.md', text });
      const head = { id: 'own', title: 'Letter to the bank', createdAtMs: 1, updatedAtMs: 1, model: 'guide', system: '' };
      await sill?.conversations.write({ heads: [{ id: 'own', version: 0, body: JSON.stringify(head) }] });
    },
    [GUIDE, DOCUMENT] as const,
  );

const conversations = (page: Page) => page.getByRole('list', { name: 'Conversations' });

test('no view of a device that is locked without a task is a dead one, and Chat keeps nothing of whoever stands before it', async ({
  page,
  site,
}) => {
  await ownThings(page);
  const pin = await test.step('whoever runs the site makes the PIN of its file in the app', async () => {
    await open(page, 'Device');
    await page.getByText('A PIN for sill.policy.json').click();
    await page.getByLabel('PIN of the staff').fill(PIN);
    await page.getByLabel('PIN of the staff').press('Enter');
    const line = page.getByText(/^"pin": "pbkdf2-sha256:/);
    await expect(page.getByText('It is short: whoever downloads the file')).toBeVisible();
    await expectAccessible(page, 'a PIN for the file', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    return JSON.parse(`{${await line.textContent()}}`).pin as string;
  });
  serveKiosk(site, { pin, idleSeconds: 60 });
  await page.clock.install();
  await page.reload();
  await expect.poll(() => page.evaluate(async () => (await globalThis.sill?.kiosk.status())?.locked)).toBe(true);

  await test.step('each view works, or says whom it is for and asks them for their PIN', async () => {
    const staff = page.locator('sill-staff-view');
    for (const route of ROUTES) {
      await page.goto(`${site.url}${routeHref(route)}`);
      const main = page.locator('main');
      await expect(main, route).toHaveAttribute('aria-busy', 'false');
      await expect(main.getByRole('heading', { level: 1 }), route).toBeVisible();
      await expect(main.locator('.ghost:visible'), route).toHaveCount(0);
      await expect(main.getByRole('alert'), route).toHaveCount(0);
      await expect(main.getByText('This device is locked. This is for its staff.'), route).toBeVisible({ visible: isForStaff(route) });
      if (isForStaff(route)) await expect(staff.getByLabel('PIN', { exact: true }), route).toBeVisible();
      await expect(page.getByRole('navigation').locator(`a[href="${routeHref(route)}"]`), route).toHaveCount(isForStaff(route) ? 0 : 1);
    }
  });

  await test.step('documents are searched, and neither added nor removed', async () => {
    await open(page, 'Search');
    await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill('moons after dark');
    await page.getByRole('searchbox', { name: 'What are you looking for?' }).press('Enter');
    await expect(page.getByRole('list', { name: 'Passages found' })).toContainText('four brightest moons');
    await expect(page.getByRole('button', { name: /Remove Night sky|Choose text files/ })).toHaveCount(0);
  });

  await test.step('a person talks, reads nothing of the owner, and leaves nothing', async () => {
    await page.goto(`${site.url}${routeHref('chat', { model: 'guide' })}`);
    await expect(page.getByText('What is said here is not stored')).toBeVisible();
    await expect(conversations(page).getByRole('listitem')).toHaveCount(0);
    const field = page.getByRole('textbox', { name: 'Your message', exact: true });
    // Neither the files of the device nor the documents of its owner are to be asked about.
    await expect(page.getByRole('button', { name: 'Attach' })).toHaveCount(0);
    await field.fill('Zerberus Quagmire went out');
    await field.press('Enter');
    await expect(page.getByRole('article', { name: /^Answer of/ })).toContainText('tokens/s', { timeout: 60_000 });
    await expect(conversations(page)).toContainText('Zerberus');
    await expectAccessible(page, 'locked chat', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await everythingKept(page)).not.toMatch(/"text":"Zerberus/);
    await page.getByRole('button', { name: 'Delete all that was said' }).click();
    await expect(page.getByText('Zerberus')).toHaveCount(0);
    expect(await everythingKept(page)).not.toMatch(/Zerberus|Quagmire/);
    await expect(page.getByRole('heading', { name: 'What is on your mind?' })).toBeVisible();
  });

  await test.step('one that just goes away leaves nothing either: after a warning the device begins anew', async () => {
    const field = page.getByRole('textbox', { name: 'Your message', exact: true });
    await field.fill('Zerberus Quagmire came back');
    await field.press('Enter');
    await expect(page.getByRole('article', { name: /^Answer of/ })).toContainText('tokens/s', { timeout: 60_000 });
    await open(page, 'Write');
    const prompt = page.getByRole('textbox', { name: 'Beginning of the text' });
    await prompt.fill('Once Zerberus Quagmire');
    // It is found by who comes to this page after a reload, too.
    expect(await everythingKept(page)).toMatch(/Once Zerberus/);
    const warning = page.getByRole('alertdialog', { name: 'Are you still there?' });
    await page.clock.fastForward(41_000);
    await expect(warning).toBeVisible();
    await expectAccessible(page, 'locked, nobody there', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: 'I am still here' }).click();
    await expect(warning).toHaveCount(0);
    await expect(prompt).toHaveValue('Once Zerberus Quagmire');
    await expect(prompt).toBeFocused();

    await open(page, 'Help');
    await page.clock.fastForward(41_000);
    await expect(warning).toBeVisible();
    await page.clock.fastForward(20_000);
    // Where this tab was opened.
    await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
    await open(page, 'Write');
    await expect(prompt).toHaveValue('');
    expect(await everythingKept(page)).not.toMatch(/Zerberus|Quagmire/);
    await open(page, 'Chat');
    await expect(page.getByText('What is said here is not stored')).toBeVisible();
    await expect(conversations(page).getByRole('listitem')).toHaveCount(0);
  });

  await test.step('a page that is loaded anew under somebody begins without what they wrote', async () => {
    await open(page, 'Write');
    const prompt = page.getByRole('textbox', { name: 'Beginning of the text' });
    await prompt.fill('Once Zerberus Quagmire');
    await page.reload();
    await expect(prompt).toHaveValue('');
    expect(await everythingKept(page)).not.toMatch(/Zerberus|Quagmire/);
  });

  await test.step('the staff finds what is theirs, and takes it out of sight again, with what the person before them wrote', async () => {
    await open(page, 'Write');
    const prompt = page.getByRole('textbox', { name: 'Beginning of the text' });
    await prompt.fill('Once Zerberus Quagmire');
    await page.goto(`${site.url}#/log`);
    await expectAccessible(page, 'for staff', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.locator('sill-staff-view').getByLabel('PIN', { exact: true }).fill(`${PIN}0`);
    await page.locator('sill-staff-view').getByRole('button', { name: 'Unlock' }).click();
    await expect(page.locator('sill-staff-view').getByRole('alert')).toHaveText('The PIN is not right.');
    await page.locator('sill-staff-view').getByLabel('PIN', { exact: true }).fill(PIN);
    await page.locator('sill-staff-view').getByRole('button', { name: 'Unlock' }).click();
    await expect(page.locator('sill-log-view')).toBeVisible();
    await open(page, 'Chat');
    await expect(conversations(page)).toContainText('Letter to the bank');
    await page.getByRole('region', { name: 'For staff' }).getByRole('button', { name: 'Lock again' }).click();
    // Where this tab was opened.
    await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
    await open(page, 'Write');
    await expect(prompt).toHaveValue('');
    expect(await everythingKept(page)).not.toMatch(/Zerberus|Quagmire/);
    await open(page, 'Chat');
    await expect(page.getByText('What is said here is not stored')).toBeVisible();
    await expect(page.getByText('Letter to the bank')).toHaveCount(0);
  });

  await test.step('and the guide for them opens where no server is', async () => {
    await site.stop();
    await page.reload();
    await open(page, 'Help');
    await page.getByRole('link', { name: 'docs/operate.md' }).click();
    await expect(page.getByRole('heading', { name: 'Operating Sill' })).toBeVisible();
    await expect(page.getByRole('cell', { name: 'M4', exact: true })).toBeVisible();
    await expectAccessible(page, 'a guide', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('article').getByRole('link', { name: 'publish.md' }).first().click();
    await expect(page.getByRole('heading', { name: 'Publishing models' })).toBeVisible();
    await page.getByRole('link', { name: 'All of Help' }).click();
    await expect(page.getByRole('heading', { name: 'Keyboard shortcuts' })).toBeVisible();
  });
});

test('an address asks before it makes a kiosk of a device that is in use; then it fills the screen, keeps it on, and gives both back', async ({
  page,
  site,
}) => {
  const address = `${site.url}?kiosk=write&title=Once+upon+a+time`;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write', 'screen-wake-lock']);
  // Both are the browser's own: what it was asked for is looked at, and what it said.
  await page.addInitScript(() => {
    const locks: WakeLockSentinel[] = [];
    Object.assign(globalThis, { locks });
    const { request } = navigator.wakeLock;
    navigator.wakeLock.request = async (type) => {
      const lock = await request.call(navigator.wakeLock, type);
      locks.push(lock);
      return lock;
    };
  });
  /** Locks that hold the screen on now. */
  const awake = () => page.evaluate(() => Reflect.get(globalThis, 'locks').filter((lock: WakeLockSentinel) => !lock.released).length);
  const become = (state: DocumentVisibilityState) =>
    page.evaluate((visibilityState) => {
      Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await test.step('no is the end of it', async () => {
    await page.goto(address);
    await expect(page.getByRole('heading', { name: 'Make this device a kiosk?' })).toBeVisible();
    await expectAccessible(page, 'asked by an address', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate(() => navigator.clipboard.writeText('my own'));
    expect(await page.evaluate(async () => (await globalThis.sill?.kiosk.status())?.by)).toBeUndefined();
    await page.getByRole('button', { name: 'Not now' }).click();
    await open(page, 'Models');
    expect(page.url()).not.toContain('kiosk');
  });

  await test.step('with yes it is one, and nothing is taken from whoever said so', async () => {
    await openKiosk(page, address);
    expect(await clipboard()).toBe('my own');
    await expect.poll(awake).toBe(1);
  });

  await test.step('the first touch fills the screen, and it stays on whenever it is looked at', async () => {
    expect(await isFull()).toBe(false);
    await attract(page).click();
    await expect.poll(isFull).toBe(true);
    // As a browser does with a page that nobody sees.
    await become('hidden');
    await page.evaluate(() => Reflect.get(globalThis, 'locks').at(-1).release());
    expect(await awake()).toBe(0);
    await become('visible');
    await expect.poll(awake).toBe(1);
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect(attract(page)).toBeVisible();
    expect(await clipboard()).toBe('');
  });

  await test.step('where no PIN is set the lock in the corner leads out, and gives the screen back', async () => {
    await page.getByRole('button', { name: 'For staff' }).click();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await expect.poll(isFull).toBe(false);
    await expect.poll(awake).toBe(0);
    await page.getByRole('region', { name: 'For staff' }).getByRole('button', { name: 'End the kiosk' }).click();
    await expect(page.getByRole('region', { name: 'For staff' })).toHaveCount(0);
    expect(page.url()).not.toContain('kiosk');
  });
});
