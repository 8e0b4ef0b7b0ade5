import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import type { KioskRules } from '../src/core/kiosk/rules.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { attract, everythingKept, KIOSK_LOOKS, PIN, PIN_HASH, serveKiosk } from './support/kiosk.ts';
import { evictDatabase } from './support/storage.ts';
import { open, openDialog } from './support/views.ts';

test.use({ installed: ['stories15m'] });

const INSTRUCTIONS =
  'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
  'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite, and Lily was very happy. She ran to the park ' +
  'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong. Tom said that they could wait under the ' +
  'big tree until the wind came back.';
/** Not a word that the model would write by itself. */
const SECRET = 'Zerberus Quagmire';
/** For the tests alone: a base model has no template of its own. */
const MODELFILE = 'FROM stories15m\nTEMPLATE """{{ .System }} {{ .Prompt }}"""\nPARAMETER num_predict 12\n';

const RULES: KioskRules = {
  ...{ task: 'chat', instructions: INSTRUCTIONS, title: 'Ask the lighthouse', idleSeconds: 60 },
  pin: PIN_HASH,
};

/** Tokens of a prompt that the model remembered. */
const remembered = (page: Page, prompt: string): Promise<number | undefined> =>
  page.evaluate(async (text) => {
    const request = { model: 'stories15m', prompt: text, max_tokens: 1, temperature: 0, stream: false } as const;
    return (await globalThis.sill?.completions.create(request))?.usage?.prompt_tokens_details.cached_tokens;
  }, prompt);

const refused = (page: Page) =>
  page.evaluate(async () => {
    const { sill } = globalThis;
    if (!sill) throw new Error('globalThis.sill is missing');
    const code = (work: Promise<unknown>) => work.then(String, ({ code: why }) => why);
    const file = new Blob(['x']);
    return Promise.all([
      code(sill.models.remove('stories15m')),
      code(sill.models.install('stories15m')),
      code(sill.models.import(file)),
      code(sill.models.export('stories15m')),
      code(sill.storage.erase()),
      code(sill.data.export()),
      code(sill.updates.setPolicy({ mode: 'off' })),
      fetch('api/delete', { method: 'DELETE', body: '{"model":"stories15m"}' }).then(({ status }) => String(status)),
    ]);
  });

async function unlock(page: Page, pin: string): Promise<void> {
  await page.getByRole('button', { name: 'For staff' }).click();
  await expect(page.getByLabel('PIN', { exact: true })).toBeFocused();
  await page.getByLabel('PIN', { exact: true }).fill(pin);
  await page.getByRole('button', { name: 'Unlock' }).click();
}

/** The model as a bundle, and another one made of it that holds conversations. */
async function exported(page: Page): Promise<Buffer> {
  await page.evaluate((modelfile) => globalThis.sill?.models.create({ name: 'guide', modelfile }), MODELFILE);
  const download = page.waitForEvent('download');
  await page.evaluate(async () => {
    const blob = await globalThis.sill?.models.export('stories15m');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob ?? new Blob());
    link.download = 'stories15m.tar';
    link.click();
  });
  return readFile(await (await download).path());
}

const say = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Write a question and get an answer.' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2);
  await expect(page.getByRole('log')).toHaveAttribute('aria-busy', 'false');
};

test('a kiosk serves one person after the other, and nothing of the last one is found', async ({ openBrowser, site }) => {
  const context: BrowserContext = await openBrowser();
  const page = await openApp(context, site);
  const bundle = await exported(page);

  const release = serveKiosk(site, { ...RULES, model: 'guide' });
  await page.clock.install();
  await page.reload();

  await test.step('it becomes one when its operator says so, and shows one task', async () => {
    await expect(page.getByRole('heading', { name: 'Ask the lighthouse' })).toBeVisible();
    await expect(attract(page)).toBeVisible();
    await expect(page.getByRole('navigation')).toHaveCount(0);
    await expect(page.getByRole('link')).toHaveCount(0);
  });

  await test.step('a person asks', async () => {
    await attract(page).click();
    await say(page, SECRET);
    // What begins every prompt is nobody's.
    expect(await remembered(page, SECRET)).toBeLessThan(2);
    expect(await remembered(page, SECRET)).toBeGreaterThan(2);
  });

  await test.step('is warned when they do nothing, and stays', async () => {
    await page.clock.fastForward(41_000);
    await expect(page.getByRole('alertdialog', { name: 'Are you still there?' })).toBeVisible();
    await page.getByRole('button', { name: 'I am still here' }).click();
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
    await expect(page.getByRole('textbox')).toBeFocused();
    await expect(page.getByRole('log')).toContainText(SECRET);
  });

  await test.step('and when they are gone, so is everything that they left', async () => {
    await page.clock.fastForward(41_000);
    await expect(page.getByRole('alertdialog')).toBeVisible();
    await page.clock.fastForward(20_000);
    await expect(attract(page)).toBeVisible();
    expect(await everythingKept(page)).not.toMatch(/Zerberus|Quagmire/);
    await expect(page.getByText(SECRET)).toHaveCount(0);
    expect(await remembered(page, SECRET)).toBe(0);
  });

  await test.step('what the operator lets every chat begin with is remembered all the same', async () => {
    await attract(page).click();
    await say(page, 'Tom said');
    await expect.poll(() => everythingKept(page)).toContain('prompt-beginning');
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect(attract(page)).toBeVisible();
    const begun = await page.evaluate(async (instructions) => {
      const request = {
        model: 'guide',
        messages: [
          { role: 'system' as const, content: instructions },
          { role: 'user' as const, content: 'The bird sang' },
        ],
        ...{ max_tokens: 1, cache_prompt: 'persist' as const },
        stream: false as const,
      };
      return (await globalThis.sill?.chat.completions.create(request))?.usage.prompt_tokens_details.cached_tokens;
    }, INSTRUCTIONS);
    expect(begun).toBeGreaterThan(30);
  });

  await test.step('nothing on it can be changed, whatever is asked and whatever address is typed', async () => {
    expect(await refused(page)).toEqual([...Array(7).fill('forbidden'), '403']);
    await page.goto(`${site.url}?kiosk=write&idle=15#/models`);
    await expect(page.getByRole('heading', { name: 'Ask the lighthouse' })).toBeVisible();
    await expect(attract(page)).toBeVisible();
  });

  await test.step('the PIN leads out, a wrong one does not, and the staff leads back in', async () => {
    await unlock(page, '0000');
    await expect(page.getByRole('alert')).toContainText('The PIN is not right.');
    await page.getByRole('button', { name: 'Back' }).click();
    await unlock(page, PIN);
    await open(page, 'Models');
    await expect(page.getByRole('button', { name: 'Remove Stories 15M' })).toBeVisible();
    await page.getByRole('region', { name: 'For staff' }).getByRole('button', { name: 'Lock again' }).click();
    await expect(attract(page)).toBeVisible();
  });
  const again = await context.newPage();
  await page.close();

  await test.step('without its database and without a network it says so, is a kiosk still, and is mended from a stick', async () => {
    release();
    await evictDatabase(context, site, 'database');
    await site.stop();
    await again.goto(site.url);
    await expect(again.getByRole('heading', { name: 'This device is being set up again' })).toBeVisible();
    await expect(again.getByText('For staff: code S2.')).toBeVisible();
    expect((await refused(again))[2]).toBe('forbidden');
    await unlock(again, PIN);
    const file = { name: 'stories15m.tar', mimeType: 'application/x-tar', buffer: bundle };
    await again.locator('sill-bundle-import input[type=file]').setInputFiles(file);
    await openDialog(again).getByRole('checkbox').click();
    await again.getByRole('button', { name: /^Import \d/ }).click();
    await expect(again.getByRole('list', { name: 'What was imported' })).toContainText('is installed', { timeout: 90_000 });
  });
});

test('a device is locked to one task in its own view, looks after everybody, and is opened with the PIN of its operator', async ({
  page,
  site,
}) => {
  await open(page, 'Device');
  const form = page.getByRole('region', { name: 'Kiosk' });
  await form.getByRole('combobox', { name: 'Task' }).selectOption('write');
  await form.getByLabel('PIN', { exact: true }).fill('2580');
  await form.getByLabel('PIN again').fill('2581');
  await form.getByRole('button', { name: 'Lock this device' }).click();
  await expect(form).toBeVisible();
  await form.getByLabel('PIN again').fill('2580');
  await form.getByRole('button', { name: 'Lock this device' }).click();
  await expect(attract(page)).toBeVisible();
  await expectAccessible(page, 'attract', KIOSK_LOOKS);
  serveKiosk(site, { pin: RULES.pin });
  // A device that is well is never thought to be otherwise, not even while its page begins.
  await page.addInitScript(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, value) {
      if (key === 'sill-kiosk-tries') document.documentElement.dataset.tries = value;
      setItem.call(this, key, value);
    };
  });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.reload();
  await attract(page).click();
  const field = page.getByRole('textbox', { name: 'Begin a text and let it be gone on with.' });
  await field.fill('Once upon a time');
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2);
  expect(await page.locator('html').getAttribute('data-tries')).toBeNull();
  await expectAccessible(page, 'answering', KIOSK_LOOKS);
  await page.getByRole('button', { name: 'For staff' }).click();
  await expectAccessible(page, 'asking for the PIN', KIOSK_LOOKS);
  // The PIN of the device is forgotten: the operator's goes before it.
  await expect.poll(() => page.evaluate(async () => (await globalThis.sill?.kiosk.status())?.by)).toBe('policy');
  await test.step('wrong PINs cost time that is counted down before whoever waits, wherever they go meanwhile', async () => {
    for (let wrong = 1; wrong <= 3; wrong++) {
      await page.getByLabel('PIN', { exact: true }).fill('0000');
      await page.getByRole('button', { name: 'Unlock' }).click();
      await expect(page.getByRole('alert')).toContainText('The PIN is not right.');
    }
    await expect(page.getByRole('button', { name: /^Wait \d+ s/ })).toBeDisabled();
    await page.getByText('PIN forgotten?').click();
    await expect(page.getByText('a new PIN under “kiosk” in sill.policy.json goes before this one')).toBeVisible();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'For staff' }).click();
    await expect(page.getByRole('button', { name: /^Wait \d+ s/ })).toBeDisabled();
    await expect(page.getByRole('button', { name: 'Unlock' })).toBeVisible();
  });
  for (const key of ['2', '5', '8', '0']) await page.getByRole('button', { name: key, exact: true }).click();
  await page.getByLabel('PIN', { exact: true }).press('End');
  await page.getByLabel('PIN', { exact: true }).pressSequentially(PIN.slice(4));
  await page.getByRole('button', { name: 'Unlock' }).click();
  const end = page.getByRole('region', { name: 'For staff' }).getByRole('button', { name: 'End the kiosk' });
  await end.click();
  // The views are there already, for the staff.
  await expect(end).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
});
