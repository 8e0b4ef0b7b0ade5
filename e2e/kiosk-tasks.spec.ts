import type { Page } from '@playwright/test';
import type { KioskWish } from '../src/core/kiosk/rules.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { attract, everythingKept } from './support/kiosk.ts';
import { speakInto } from './support/microphone.ts';
import { open } from './support/views.ts';

test.use({
  installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'],
  permissions: ['microphone'],
  chromiumArgs: ['--use-fake-device-for-media-stream'],
});

/** A portrait screen in a hall, and a phone. */
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1080, height: 1920 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;
const DOCUMENT = 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.';

const lock = (page: Page, screen: KioskWish): Promise<unknown> =>
  page.evaluate((wish) => globalThis.sill?.kiosk.lock({ screen: wish }), screen);

/** Without a PIN anybody may. */
const leave = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    await globalThis.sill?.kiosk.unlock('');
    await globalThis.sill?.kiosk.leave();
  });

/** Is sent away, and looked for. */
async function wipe(page: Page, traces: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(attract(page)).toBeVisible();
  expect(await everythingKept(page)).not.toMatch(traces);
}

test('a person searches, speaks and runs a model at kiosks for that, keeps what they wrote while the staff is asked for, and leaves nothing', async ({
  page,
}) => {
  await open(page, 'Models');
  await lock(page, { task: 'search' });
  // Nobody searches where there is nothing.
  await expect(page.getByText('For staff: code D1.')).toBeVisible();
  await leave(page);
  await page.evaluate((text) => globalThis.sill?.documents.add({ model: 'all-minilm-l6-v2', name: 'Night sky.md', text }), DOCUMENT);

  await test.step('in the documents of the staff', async () => {
    await lock(page, { task: 'search' });
    await attract(page).click();
    const field = page.getByRole('searchbox', { name: 'What are you looking for?' });
    await field.fill('Quagmire moons after dark');
    await page.getByRole('button', { name: 'For staff' }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(field).toHaveValue('Quagmire moons after dark');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.getByRole('list', { name: 'Passages found' })).toContainText('four brightest moons');
    await expectAccessible(page, 'searching', LOOKS);
    await wipe(page, /Quagmire/);
    await attract(page).click();
    await expect(field).toHaveValue('');
    await expect(page.getByRole('list', { name: 'Passages found' })).toHaveCount(0);
    await leave(page);
  });

  await test.step('into the microphone, which is let go with whoever spoke', async () => {
    const speaker = await speakInto(page);
    await lock(page, { task: 'transcribe' });
    await attract(page).click();
    await page.getByRole('button', { name: 'Record' }).click();
    await expect(page.getByRole('timer')).toHaveText(/^0:0[1-9]$/);
    await wipe(page, /window/i);
    expect(await speaker.isLetGo()).toBe(true);
    await attract(page).click();
    await page.getByRole('button', { name: 'Record' }).click();
    await expect(page.getByRole('timer')).toBeVisible();
    await speaker.spoken();
    await page.getByRole('button', { name: 'Stop recording' }).click();
    await expect(page.getByRole('region', { name: 'Transcript' })).toContainText(/window|fresh air/i, { timeout: 60_000 });
    await expectAccessible(page, 'transcribing', LOOKS);
    await wipe(page, /open the window|fresh air/i);
    await leave(page);
  });

  await test.step('with the form that a task has', async () => {
    await lock(page, { task: 'run', model: 'stories15m' });
    await attract(page).click();
    await page.getByRole('textbox', { name: 'Text' }).fill('Zerberus went to the sea');
    await page.getByRole('button', { name: 'Run' }).click();
    await expect(page.locator('sill-run-result')).toBeVisible();
    await expectAccessible(page, 'running', LOOKS);
    await wipe(page, /Zerberus/);
  });
});
