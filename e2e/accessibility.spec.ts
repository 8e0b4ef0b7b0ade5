import { expectAccessible, expectReflow, ONCE, ONCE_AT_DESK } from './support/accessible.ts';
import { fill } from './support/filled.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { expectOutline } from './support/outline.ts';
import { card, open, openDialog, settled, VIEWS } from './support/views.ts';

test('each empty view has its landmarks, headings and named controls, and axe finds nothing in it, nor in the question before an install', async ({
  page,
}) => {
  test.slow();
  for (const view of VIEWS) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, view);
    // What a site offers, and in which order, is its publisher's.
    if (view === 'Models') await page.evaluate(() => location.assign('#/models?words=stories'));
    await settled(page);
    if (view === VIEWS[0]) await expectOutline(page.getByRole('banner'), 'frame');
    // Where more was fetched than a site begins with, Chat proposes that.
    const another = view === 'Chat' && (await page.getByRole('button', { name: /^Install (?!Stories)/ }).count()) > 0;
    if (!another) await expectOutline(page.getByRole('main'), view);
    await expectAccessible(page, `${view}, empty`, ONCE);
  }
  await open(page, 'Models');
  await card(page, 'Stories 15M').getByRole('button', { name: 'Install Stories 15M' }).click();
  await openDialog(page).getByText('Read the licence').click();
  await openDialog(page).getByText('Advanced: choose a variant').click();
  await expectAccessible(page, 'the question before an install', ONCE);
});

test('a button of any kind can be read in both schemes, also of a kind that no view shows at rest', async ({ page }) => {
  await open(page, 'Models');
  await settled(page);
  await page.evaluate(() => {
    const all = document.createElement('main');
    for (const variant of ['neutral', 'brand', 'success', 'warning', 'danger'])
      for (const appearance of ['accent', 'filled', 'filled-outlined', 'outlined', 'plain']) {
        const button = document.createElement('wa-button');
        for (const [name, value] of Object.entries({ variant, appearance })) button.setAttribute(name, value);
        button.textContent = `${variant}, ${appearance}`;
        all.append(button);
      }
    all.prepend(Object.assign(document.createElement('h1'), { textContent: 'Buttons' }));
    document.querySelector('sill-app')?.replaceWith(all);
  });
  await expectAccessible(page, 'Buttons');
});

test.describe('with models installed', () => {
  test.use({ installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'] });

  test('axe finds nothing in any view, with results, errors and questions', async ({ page }) => {
    test.slow();
    await open(page, 'Write');
    await settled(page);
    await expectAccessible(page, 'Write, ready', ONCE);
    await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('Once upon a time');
    await page.getByRole('button', { name: 'Write on' }).click();
    await expect(page.getByRole('button', { name: 'Continue from here' })).toBeVisible({ timeout: 60_000 });
    await expectAccessible(page, 'Write, done', ONCE);
    await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('word '.repeat(400));
    await page.getByRole('button', { name: 'Write on' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await expectAccessible(page, 'Write, refused', ONCE);

    await open(page, 'Search');
    await page.locator('sill-search-view input[type=file]').setInputFiles([
      { name: 'bread.txt', mimeType: 'text/plain', buffer: Buffer.from('Knead flour, water, salt and yeast into a dough.') },
      { name: 'picture.txt', mimeType: 'text/plain', buffer: Buffer.from([0, 1, 2]) },
    ]);
    await expect(page.getByRole('list', { name: 'Documents' }).getByRole('listitem')).toHaveCount(1);
    await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill('baking');
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    await expect(page.getByRole('list', { name: 'Passages found' })).toBeVisible();
    await expectAccessible(page, 'Search, found', ONCE);

    await open(page, 'Transcribe');
    await page
      .locator('sill-transcribe-view input[type=file]')
      .setInputFiles({ name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('no sound') });
    await expect(page.locator('sill-transcribe-view').getByRole('alert')).toBeVisible();
    await expectAccessible(page, 'Transcribe, refused', ONCE);

    await open(page, 'Models');
    await card(page, 'Stories 15M').getByRole('button', { name: 'Verify Stories 15M' }).click();
    await expect(card(page, 'Stories 15M')).toContainText('Intact', { timeout: 60_000 });
    await expectAccessible(page, 'Models, installed', ONCE);
    await card(page, 'Stories 15M').getByRole('button', { name: 'Remove Stories 15M' }).click();
    await expect(page.getByRole('dialog', { name: 'Remove Stories 15M?' })).toBeVisible();
    await expectAccessible(page, 'Models, asked before removing', ONCE);
    await openDialog(page).getByRole('button', { name: 'Cancel' }).click();

    await open(page, 'Storage');
    await expect(page.getByRole('table', { name: 'Disk use by model' })).toBeVisible();
    await page.getByRole('button', { name: 'Show what could go' }).click();
    await expect(page.getByRole('group', { name: 'What could go' })).toBeVisible();
    await expectAccessible(page, 'Storage, with a proposal', ONCE);
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await expect(page.getByRole('dialog', { name: 'Erase everything on this device?' })).toBeVisible();
    await expectAccessible(page, 'Storage, asked before erasing', ONCE);
    await openDialog(page).getByRole('button', { name: 'Cancel' }).click();

    await open(page, 'Device');
    await settled(page);
    await expectAccessible(page, 'Device', ONCE);

    await fill(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const view of VIEWS) {
      await open(page, view);
      await settled(page);
      await expectOutline(page.getByRole('main'), `${view}-filled`);
      await expectAccessible(page, view, ONCE_AT_DESK);
      // With all that is drawn for whoever wants nothing to move.
      await expectReflow(page, view);
      expect.soft(await page.evaluate(movesIn), `${view}: moves all the same`).toEqual([]);
      await page.setViewportSize({ width: 1280, height: 800 });
    }

    // Who asks for more contrast gets it in quiet texts, too: WCAG's 7 to 1.
    await open(page, 'Device');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, contrast: 'more' });
      const contrasts = () => page.locator('sill-device-view .quiet').evaluateAll(contrastsOf);
      expect((await contrasts()).length).toBeGreaterThan(3);
      await expect.poll(async () => Math.min(...(await contrasts())), `quiet texts, ${colorScheme}`).toBeGreaterThan(7);
    }
    await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference' });

    // What a person chose for the whole system: colours of their own, in which only what is drawn as such is told apart.
    await page.emulateMedia({ forcedColors: 'active' });
    for (const [view, selector] of [
      ['Storage', 'sill-disk-use .bar span, sill-app-header a[aria-current=page]'],
      ['Device', 'sill-memory-use .bar span'],
      ['Chat', 'sill-chat-list a[aria-current=true], sill-chat-message .user .said, sill-context-meter .track span'],
      ['Log', 'sill-log-view tbody .level .mark'],
      ['Benchmarks', 'sill-results-table .mark'],
      ['Evaluations', 'sill-runs-table .mark, sill-suites-section .mark'],
      ['Search', 'sill-hit-list .track span'],
    ] as const) {
      await open(page, view);
      const fills = await page.locator(selector).evaluateAll((drawn) =>
        drawn.map((element) => {
          const { backgroundColor, backgroundImage, outlineStyle } = getComputedStyle(element);
          const canvas = getComputedStyle(document.body).backgroundColor;
          return backgroundColor !== canvas || backgroundImage !== 'none' || outlineStyle !== 'none';
        }),
      );
      expect.soft(fills.length, `${view}: ${selector}`).toBeGreaterThan(view === 'Storage' ? 2 : 0);
      expect.soft(fills, `${view}, in colours of one's own`).not.toContain(false);
    }
  });
});

/** In the page: what would move, of all that is drawn. A spinner says that something goes on, and turns. */
function movesIn(): string[] {
  const MOVING = /transform|translate|rotate|scale|width|height|margin|inset|top|left|all/;
  const reach = (root: Document | ShadowRoot): Element[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? reach(element.shadowRoot) : [])]);
  const longest = (times: string): number =>
    Math.max(...times.split(',').map((time) => Number.parseFloat(time) * (time.includes('ms') ? 1 : 1000)));
  return reach(document).flatMap((element) => {
    if (element.closest('wa-spinner') || !element.checkVisibility()) return [];
    const { animationName, animationDuration, transitionProperty, transitionDuration } = getComputedStyle(element);
    const isAnimated = animationName !== 'none' && longest(animationDuration) > 1;
    const isMoved = MOVING.test(transitionProperty) && longest(transitionDuration) > 1;
    return isAnimated || isMoved
      ? [`${element.tagName} ${element.className} ${animationName} ${transitionProperty} ${transitionDuration}`]
      : [];
  });
}

/** In the page: of each text with what it stands on. */
function contrastsOf(elements: readonly Element[]): number[] {
  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = channels(colour).map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: Element): string => {
    for (let at: Element | undefined = element; at; ) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] !== 0) return backgroundColor;
      const root: Node = at.getRootNode();
      at = at.parentElement ?? (root instanceof ShadowRoot ? root.host : undefined);
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  };
  return elements
    .filter((element) => element.checkVisibility() && element.textContent?.trim())
    .map((element) => {
      const [one, other] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))];
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    });
}

test.describe('with the keyboard alone', () => {
  test('a person skips the navigation, goes to a view, and installs a model', async ({ context, site }) => {
    const page = await openApp(context, site);
    await card(page, 'Stories 15M').waitFor();
    /** What is focused, by its text; of a component's inner button that of the component. */
    const focused = () =>
      page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        if (element?.tagName === 'MAIN') return 'MAIN';
        const root = element?.getRootNode();
        const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent;
        return (label?.trim() || (root instanceof ShadowRoot ? root.host.textContent : '') || '').trim();
      });
    const tabTo = async (name: string | RegExp) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        const text = await focused();
        if (typeof name === 'string' ? text.includes(name) : name.test(text)) return;
      }
      throw new Error(`Tab does not reach ${name}; the focus is on ${await focused()}`);
    };

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('MAIN');
    await page.reload();
    await card(page, 'Stories 15M').waitFor();
    await tabTo('Write');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Write', level: 1 })).toBeVisible();
    expect(await focused()).toBe('MAIN');
    await tabTo('Install Stories 15M');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Install Stories 15M?' })).toBeVisible();
    await tabTo('I accept the licence');
    await page.keyboard.press('Space');
    await tabTo(/^Install \d/);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Beginning of the text' })).toBeVisible();
  });
});
