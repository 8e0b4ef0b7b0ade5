import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const ON_PHONE: Look = { colorScheme: 'dark', viewport: PHONE };
/** Both schemes and both widths; the other two combinations are looked at once in each view. */
const LOOKS: readonly Look[] = [{ colorScheme: 'light', viewport: DESK }, ON_PHONE];
/** For what differs from a view that is looked at in other looks by little. */
export const ONCE: readonly Look[] = [ON_PHONE];
export const CROSSED: readonly Look[] = [
  { colorScheme: 'light', viewport: PHONE },
  { colorScheme: 'dark', viewport: DESK },
];

/** Fails on every finding, whatever its impact, in each look, and when something has to be scrolled sideways. */
export async function expectAccessible(page: Page, state: string, looks = LOOKS): Promise<void> {
  for (const { colorScheme, viewport } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await untilStill(page);
    // Without frames there is nothing for which axe would need a page of its own.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    const findings = violations.flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => `${id} (${impact}): ${node.target.join(' ')} ${node.html}`),
    );
    expect.soft(findings, `${state}, ${colorScheme}, ${viewport.width} px`).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(sideways, `${state}, ${viewport.width} px: wider than the screen`).toBeLessThanOrEqual(0);
  }
}

/** As `expectAccessible`, of what the frames of a page show. */
export async function expectFrameAccessible(page: Page, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    // A path through a frame has a step for it.
    const inFrames = (results: typeof violations) =>
      results.flatMap(({ id, nodes }) => nodes.filter(({ target }) => target.length > 1).map(({ html }) => `${id}: ${html}`));
    expect.soft(inFrames(violations), `${state}, ${colorScheme}`).toEqual([]);
    expect(inFrames(passes).length, `${state}: axe saw what is in the frame`).toBeGreaterThan(0);
  }
}

/** Colours that are on their way from one scheme to the other have no contrast that anybody chose. What never ends, as a spinner, is not waited for. */
async function untilStill(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const moving = (root: Document | ShadowRoot): boolean =>
      root
        .getAnimations()
        .some(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().iterations !== Infinity) ||
      [...root.querySelectorAll('*')].some(({ shadowRoot }) => shadowRoot !== null && moving(shadowRoot));
    return !moving(document);
  });
}
