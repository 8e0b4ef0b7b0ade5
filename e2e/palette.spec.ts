import type { Page } from '@playwright/test';
import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { openDialog } from './support/views.ts';

test.use({ installed: ['stories15m'], permissions: ['notifications'] });

const field = (page: Page) => page.getByRole('combobox', { name: 'Command, view or model' });
const options = (page: Page) => page.getByRole('listbox', { name: 'Commands' }).getByRole('option');
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' });
const view = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

/** Opens the palette, types, and does what is found first. */
async function command(page: Page, words: string, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(words);
  const first = options(page).first();
  await expect(first).toContainText(name);
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeHidden();
}

test('a person goes everywhere, undoes, and is told of ends, with the keyboard alone', async ({ page, context, site }) => {
  await page.getByRole('article', { name: 'Stories 15M' }).waitFor();

  await test.step('the palette finds a model’s benchmark, and knows it the next time', async () => {
    await command(page, 'stories bench', 'Benchmark Stories 15M');
    await view(page, 'Benchmarks');
    await expect(page).toHaveURL(/#\/benchmarks\?model=stories15m$/);
    await page.keyboard.press('Control+k');
    await expect(options(page).first()).toHaveText('Benchmark Stories 15M');
    await page.keyboard.press('ArrowUp');
    await expect(options(page).last()).toHaveAttribute('aria-selected', 'true');
    await expectAccessible(page, 'the palette', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Escape');
    await expect(field(page)).toBeHidden();
    await command(page, 'light', 'Appearance: light');
    await expect(page.locator('html')).toHaveClass(/wa-light/);
    await command(page, 'guide operate', 'Guide: operate');
    await expect(page).toHaveURL(/#\/help\?guide=operate$/);
    await command(page, 'settings memory', 'Settings: Models in memory');
    await view(page, 'Settings');
    await expect(page.getByRole('heading', { name: 'Models in memory' })).toBeFocused();
    await command(page, 'device requests', 'Device: Requests');
    await expect(page).toHaveURL(/#\/device\?section=requests$/);
    await expect(page.getByRole('heading', { name: 'Requests', level: 2 })).toBeFocused();
  });

  await test.step('sequences lead to views, and what is shown there is in the address', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await view(page, 'Log');
    const search = page.getByRole('textbox', { name: 'Search' });
    await search.waitFor();
    await page.keyboard.press('/');
    await expect(search).toBeFocused();
    // In a field they are letters.
    await page.keyboard.type('g? model');
    await expect(search).toHaveValue('g? model');
    await search.fill('installed');
    await page.getByRole('button', { name: 'A version was installed.' }).press('Enter');
    await expect(page.getByRole('article', { name: /^Line/ })).toBeVisible();
    await page.reload();
    await expect(search).toHaveValue('installed');
    await expect(page.getByRole('article', { name: /^Line/ })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('article', { name: /^Line/ })).toBeHidden();
    await expect(search).toHaveValue('installed');
  });

  await test.step('what is deleted comes back by Control+Z', async () => {
    const now = Date.now();
    await page.evaluate(async (atMs) => {
      const head = { id: 'c1', title: 'Sewing', createdAtMs: atMs, updatedAtMs: atMs, model: 'stories15m', system: '' };
      const message = { id: 'm1', createdAtMs: atMs, role: 'user', text: 'How is a button sewn on?' };
      await globalThis.sill?.conversations.write({
        heads: [
          { id: 'c1', version: 0, body: JSON.stringify(head) },
          // As many newer ones as the palette lists by itself: what is older is found by its title all the same.
          ...Array.from({ length: 25 }, (_, i) => ({
            ...{ id: `n${i}`, version: 0 },
            body: JSON.stringify({ ...head, id: `n${i}`, title: `Newer ${i}`, updatedAtMs: atMs + 1 + i }),
          })),
        ],
        messages: [{ conversation: 'c1', id: 'm1', body: JSON.stringify(message) }],
      });
    }, now);
    await command(page, 'sewing', 'Sewing');
    await view(page, 'Chat');
    await expect(page).toHaveURL(/#\/chat\?conversation=c1$/);
    await page.getByRole('button', { name: 'More for this conversation' }).press('Enter');
    await expect(page.getByRole('menuitem', { name: 'Pin above all others' })).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(page.getByRole('menuitem', { name: 'Delete this conversation' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(notices(page)).toContainText('Deleted: Sewing');
    await expectAccessible(page, 'a notice', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
    // The focus went on to the next message: in an empty field there is nothing else to undo.
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('heading', { name: 'Sewing' })).toBeVisible();
    await expect(notices(page)).not.toContainText('Sewing');
    await page.getByRole('main').press('n');
    await expect(page.getByRole('textbox', { name: 'Your message' })).toBeFocused();
    await expect(page.getByRole('heading', { name: 'Sewing' })).toBeHidden();
  });

  await test.step('the end of long work is told, by the system where nobody looks, and a click leads to it', async () => {
    await command(page, 'notifications', 'Notifications when long work has ended');
    const choice = page.getByRole('checkbox', { name: /^Notify me/ });
    await expect(choice).not.toBeChecked();
    await choice.press('Space');
    await expect(choice).toBeChecked();
    await command(page, 'install minilm', 'Install all-MiniLM-L6-v2…');
    await page.reload();
    await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).press('Space');
    await hide(page, true);
    await openDialog(page)
      .getByRole('button', { name: /^Install \d/ })
      .press('Enter');
    const told = () =>
      page.evaluate(async () => {
        const shown = await (await navigator.serviceWorker.getRegistration())?.getNotifications();
        return shown?.map(({ title, tag }) => [title, tag]);
      });
    await expect.poll(told).toEqual([['all-MiniLM-L6-v2 is installed.', 'install:all-minilm-l6-v2']]);
    await page.evaluate(() => {
      location.hash = '#/help';
    });
    // In the page it waits until somebody can see it.
    await expect(notices(page).getByRole('link', { name: 'all-MiniLM-L6-v2 is installed.' })).toBeVisible();
    // A tab that was looked at since, and has no views.
    const file = await context.newPage();
    await file.goto(`${site.url}sill.policy.json`);
    const [worker] = context.serviceWorkers();
    expect(await worker?.evaluate(clickNotification)).toEqual([site.url]);
    await file.close();
    await view(page, 'Models');
    await expect(page).toHaveURL(/#\/models\?words=all-minilm-l6-v2$/);
    await expect.poll(told).toEqual([]);
    await hide(page, false);
    await expect(notices(page).getByRole('link')).toHaveCount(0);
  });

  await test.step('all keys are listed, and single ones can be turned off', async () => {
    await page.getByRole('main').press('?');
    const sheet = openDialog(page);
    await expect(sheet.getByText('Open the command palette')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toHaveCount(0);
    await command(page, 'turn off', 'Turn off shortcuts of single characters');
    await page.keyboard.press('?');
    await page.keyboard.press('Control+k');
    await expect(field(page)).toBeFocused();
    await expect(sheet).toHaveCount(0);
    await page.keyboard.press('Escape');
    await command(page, 'help', 'Help');
    await expect(page.getByText('Shortcuts of single characters are turned off')).toBeVisible();
  });
});

/** As if another tab were in front, for the page and for its service worker: a browser without a window never hides one. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  for (const worker of page.context().serviceWorkers())
    await worker.evaluate((hidden) => {
      const { prototype } = Reflect.get(globalThis, 'WindowClient');
      if (hidden) Object.defineProperty(prototype, 'visibilityState', { get: () => 'hidden', configurable: true });
    }, isHidden);
  await page.evaluate((hidden) => {
    if (hidden) {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    } else {
      Reflect.deleteProperty(document, 'hidden');
      Reflect.deleteProperty(document, 'visibilityState');
    }
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

/**
 * In the service worker: what the system does when a person clicks. Gives the addresses of the tabs that are brought to the front, which the browser
 * itself does for a hand alone.
 */
async function clickNotification(): Promise<string[]> {
  const scope: unknown = globalThis;
  const registration: ServiceWorkerRegistration = Reflect.get(Object(scope), 'registration');
  const [notification] = await registration.getNotifications();
  const Click = Reflect.get(Object(scope), 'NotificationEvent');
  const focused: string[] = [];
  Reflect.get(Object(scope), 'WindowClient').prototype.focus = async function focus(this: { readonly url: string }) {
    focused.push(this.url.replace(/#.*/, ''));
  };
  // The browser waits for its own events alone.
  const ended = new Promise<unknown>((resolve) => {
    const event = Object.defineProperty(new Click('notificationclick', { notification }), 'waitUntil', { value: resolve });
    globalThis.dispatchEvent(event);
  });
  await ended;
  return focused;
}
