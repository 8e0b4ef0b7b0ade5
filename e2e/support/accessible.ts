import { expect, type Frame, type Page } from '@playwright/test';
import axe from 'axe-core';
import * as v from 'valibot';
import { paleWords } from './contrast.ts';

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const ON_PHONE: Look = { colorScheme: 'dark', viewport: PHONE };
const AT_DESK: Look = { colorScheme: 'light', viewport: DESK };
/** Both schemes and both widths. */
const LOOKS: readonly Look[] = [AT_DESK, ON_PHONE];
/** For what differs from a view that is looked at in other looks by little. */
export const ONCE: readonly Look[] = [ON_PHONE];
export const ONCE_AT_DESK: readonly Look[] = [AT_DESK];

/** What of a page can be right in one scheme and width and wrong in another. Roles, names and order are the same in all. */
const OF_LOOKS = ['color-contrast', 'scrollable-region-focusable'];

/** What is asked of a page as a whole, not of a frame in it. */
const OF_PAGES = ['page-has-heading-one'];

const FindingsSchema = v.array(v.object({ id: v.string(), impact: v.nullish(v.string()), target: v.string(), html: v.string() }));

/**
 * Fails on every finding, whatever its impact, and when something has to be scrolled sideways. The first look has all rules of axe with what
 * WCAG 2.2 added, each further one those that depend on how the page looks.
 */
export async function expectAccessible(page: Page, state: string, looks = LOOKS): Promise<void> {
  for (const [index, { colorScheme, viewport }] of looks.entries()) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    // A page hears of another scheme with its next frame, and is drawn in it with the one after.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await untilStill(page);
    expect.soft(await findings(page, index > 0), `${state}, ${colorScheme}, ${viewport.width} px`).toEqual([]);
    expect.soft(await sideways(page), `${state}, ${viewport.width} px: wider than the screen`).toBeLessThanOrEqual(0);
  }
}

/** Its script is sent once for each page: it is half a megabyte. */
async function findings(page: Page | Frame, lookOnly: boolean, without: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(
    async ([rules, only, off]) => {
      const { violations } = await Reflect.get(globalThis, 'axe').run(document, {
        resultTypes: ['violations'],
        // Its size only in the first: a bar that lies over half of a button, where the page happens to be scrolled, makes it no smaller.
        ...(only
          ? { runOnly: { type: 'rule', values: rules } }
          : { rules: { 'target-size': { enabled: true }, ...Object.fromEntries(off.map((rule) => [rule, { enabled: false }])) } }),
      });
      return violations.flatMap(({ id, impact, nodes }: { id: string; impact?: string; nodes: { target: string[]; html: string }[] }) =>
        nodes.map(({ target, html }) => ({ id, impact, target: target.join(' '), html })),
      );
    },
    [OF_LOOKS, lookOnly, without] as const,
  );
  return [
    ...v.parse(FindingsSchema, found).map(({ id, impact, target, html }) => `${id} (${impact}): ${target} ${html}`),
    ...(await paleWords(page)),
  ];
}

export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/**
 * WCAG 2.2, 1.4.10 and 1.4.12: at 320 CSS px, which is a screen of 1280 at 400 %, with the distances between letters, words and lines that a
 * person may set, nothing has to be scrolled sideways. 2.4.7 and 2.4.11: whatever is focused there shows it, and no bar lies over it.
 */
export async function expectReflow(page: Page, state: string): Promise<void> {
  // A ring that is on its way to its width is none yet.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => {
    const { style } = document.documentElement;
    for (const [name, value] of Object.entries({ 'letter-spacing': '0.12em', 'word-spacing': '0.16em', 'line-height': '1.5' }))
      style.setProperty(name, value);
  });
  await untilStill(page);
  expect.soft(await sideways(page), `${state}, 320 px with wider text`).toBeLessThanOrEqual(0);
  expect.soft(v.parse(v.array(v.string()), await page.evaluate(faultsOfFocus)), `${state}: focus`).toEqual([]);
  await page.evaluate(() => document.documentElement.removeAttribute('style'));
}

/** In the page: each thing that takes the focus, told of where nothing shows that it has it, or where something else is drawn over it. */
function faultsOfFocus(): string[] {
  const reach = (root: Document | ShadowRoot): HTMLElement[] =>
    [...root.querySelectorAll<HTMLElement>('*')].flatMap((element) => [
      ...(element.matches('a[href], button, input:not([type=file]), select, textarea, summary, [tabindex="0"]') ? [element] : []),
      ...(element.shadowRoot ? reach(element.shadowRoot) : []),
    ]);
  const drawn = (element: HTMLElement): string => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
    return [outlineStyle === 'none' ? '0px' : `${outlineWidth} ${outlineColor}`, boxShadow, borderColor, backgroundColor].join();
  };
  /** The focused element and those around it within its component: a component may draw the ring on a part that holds it. */
  const around = (element: HTMLElement): HTMLElement[] => {
    const chain = [element];
    for (let at = element.parentElement; at && chain.length < 4; at = at.parentElement) chain.push(at);
    const root = element.getRootNode();
    if (root instanceof ShadowRoot && root.host instanceof HTMLElement) chain.push(root.host);
    // A radio or a switch is drawn by what follows it.
    for (const near of element.parentElement?.children ?? []) if (near instanceof HTMLElement && near !== element) chain.push(near);
    return chain;
  };
  const isUnderBar = (element: HTMLElement, x: number, y: number): boolean => {
    let over = document.elementFromPoint(x, y);
    for (;;) {
      const inner = over?.shadowRoot?.elementFromPoint(x, y);
      if (!inner || inner === over) break;
      over = inner;
    }
    for (let at = over; at; ) {
      if (at === element) return false;
      if (at.matches('header, nav.main')) return !at.contains(element);
      const root: Node = at.getRootNode();
      at = at.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    }
    return false;
  };
  const faults: string[] = [];
  for (const element of reach(document)) {
    const { disabled } = element as HTMLButtonElement;
    if (disabled || !element.checkVisibility({ visibilityProperty: true })) continue;
    const chain = around(element);
    const before = chain.map(drawn);
    element.focus({ focusVisible: true } as FocusOptions);
    if (!element.matches(':focus')) continue;
    const name = `${element.tagName.toLowerCase()} ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}`;
    if (chain.every((part, i) => drawn(part) === before[i])) faults.push(`nothing shows the focus: ${name}`);
    const { left, top, width, height } = element.getBoundingClientRect();
    const points = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => top + height * part).filter((y) => y >= 0 && y < innerHeight);
    if (points.every((y) => isUnderBar(element, left + width / 2, y))) faults.push(`hidden by a bar: ${name}`);
    element.blur();
  }
  return faults;
}

/** Of what the frames of a page show. `axe` in the page would give a frame up that does not answer at once, as one on a busy machine. */
export async function expectFramesAccessible(page: Page, state: string): Promise<void> {
  const frames = page.frames().filter((frame) => frame !== page.mainFrame());
  expect(frames.length, `${state}: there is a frame`).toBeGreaterThan(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const frame of frames) {
      await untilStill(frame);
      expect.soft(await findings(frame, colorScheme === 'dark', OF_PAGES), `${state}, ${colorScheme}`).toEqual([]);
    }
  }
}

/** Colours that are on their way from one scheme to the other have no contrast that anybody chose. What never ends, as a spinner, is not waited for. */
async function untilStill(page: Page | Frame): Promise<void> {
  await page.waitForFunction(() => {
    const moving = (root: Document | ShadowRoot): boolean =>
      root
        .getAnimations()
        .some(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().iterations !== Infinity) ||
      [...root.querySelectorAll('*')].some(({ shadowRoot }) => shadowRoot !== null && moving(shadowRoot));
    return !moving(document);
  });
}
