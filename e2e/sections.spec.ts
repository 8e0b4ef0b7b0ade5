import { routeHref } from '../src/ui/routes.ts';
import { sectionHref, standingSections } from '../src/ui/view-sections.ts';
import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m'] });

test('an address leads to each section of a long view, each time that it is asked for, and is that of a link that means one', async ({
  page,
}) => {
  // On a phone the bar lies over what is scrolled.
  await page.setViewportSize({ width: 390, height: 844 });
  const go = (href: string) => page.evaluate((to) => location.assign(to), href);
  /** The name of what has the focus, where a person sees it: below the bar at the head of the page. */
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const bar = document.querySelector('sill-app')?.shadowRoot?.querySelector('sill-app-header')?.getBoundingClientRect().bottom ?? 0;
      const { top = 0 } = element?.getBoundingClientRect() ?? {};
      const isSection = element?.matches('h2, section') && top >= bar && top < innerHeight;
      return isSection ? (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim() : '';
    });
  const names = new Set<string>();
  const sections = (['device', 'storage', 'embedding', 'settings'] as const).map(
    (route) => [route, standingSections(route, false)] as const,
  );
  for (const [route, standing] of sections) {
    for (const section of standing) {
      await go(routeHref('help'));
      await expect(page.getByRole('heading', { name: 'Help', level: 1 })).toBeVisible();
      expect(await focused()).toBe('');
      await go(routeHref(route, { section }));
      await expect.poll(focused, `${route}, ${section}`).not.toBe('');
      names.add(`${route}: ${await focused()}`);
    }
  }
  expect(names).toContain('device: Requests');
  expect(names).toContain('storage: Persistence');
  expect(names.size).toBe(sections.flatMap(([, standing]) => standing).length);
  expect(names.size).toBeGreaterThan(20);

  await test.step('at a start as well, and from a link of another view', async () => {
    await go(sectionHref('device', 'kiosk'));
    await page.reload();
    await expect.poll(focused).toBe('Kiosk');
    await go(routeHref('settings'));
    await page.getByRole('link', { name: 'On which processor models run' }).click();
    await expect.poll(focused).toBe('Where models run');
  });

  await test.step('and an address that names none, or one that is not there, is that of the view', async () => {
    await go(routeHref('help'));
    await go(routeHref('device', { section: 'nothing' }));
    await expect(page.getByRole('heading', { name: 'Device', level: 1 })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Versions', level: 2 })).toBeVisible();
    expect(await focused()).toBe('');
  });

  await test.step('a view that was seen before begins at its head, and on the way back the one before is where it was', async () => {
    const top = () => page.evaluate(() => Math.round(scrollY));
    await go(routeHref('storage'));
    await expect(page.getByRole('heading', { name: 'Storage', level: 1 })).toBeVisible();
    // Before what is stored is known, there is nothing to scroll.
    await expect(page.getByRole('heading', { name: 'Erase everything on this device' })).toBeAttached();
    // The browser notes how far it was scrolled once that is over, as it is when a person follows a link.
    await page.evaluate(
      () =>
        new Promise((over) => {
          document.addEventListener('scrollend', () => setTimeout(over, 500), { once: true });
          scrollTo(0, 300);
        }),
    );
    await go(routeHref('device'));
    await expect(page.getByRole('heading', { name: 'Device', level: 1 })).toBeInViewport();
    expect(await top()).toBe(0);
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Storage', level: 1 })).toBeAttached();
    await expect.poll(top).toBe(300);
  });
});
