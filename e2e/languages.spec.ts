import { ROUTES, routeHref } from '../src/ui/routes.ts';
import { expectAccessible, expectReflow, ONCE } from './support/accessible.ts';
import { crowded } from './support/crowded.ts';
import { fill } from './support/filled.ts';
import { expect, test } from './support/fixtures.ts';
import { settled } from './support/views.ts';

test.use({ installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'] });

test('words that are longer than those of English find their place on a phone: none is cut off, lies over another or has to be scrolled sideways', async ({
  page,
}) => {
  test.slow();
  await fill(page);
  /** As when it is chosen in another tab. */
  const speak = async (locale: string): Promise<void> => {
    await page.evaluate((value) => {
      localStorage.setItem('sill.locale', JSON.stringify(value));
      dispatchEvent(new StorageEvent('storage', { key: 'sill.locale' }));
    }, locale);
    await expect(page.locator('html')).toHaveAttribute('lang', locale);
  };
  const main = page.locator('main');
  for (const route of ROUTES) {
    await speak('en');
    await page.evaluate((href) => location.assign(href), routeHref(route));
    await expect(main, route).toHaveAttribute('aria-busy', 'false');
    await expect(main.locator('.ghost:visible'), route).toHaveCount(0);
    await settled(page);
    for (const locale of ['de', 'el']) {
      await speak(locale);
      const state = `${route}, ${locale}`;
      // Names too, which two things may share in one language alone.
      await expectAccessible(page, state, ONCE);
      expect.soft(await crowded(page), `${state}, 390 px`).toEqual([]);
      await expectReflow(page, state);
      expect.soft(await crowded(page), `${state}, 320 px`).toEqual([]);
    }
  }
});
