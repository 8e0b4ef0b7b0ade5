import type { Locator, Page } from '@playwright/test';
import { hexOf, type RevisionId } from '../src/core/ids.ts';
import { cohortFraction, cohortText } from '../src/core/rollout.ts';
import { sha256 } from '../tools/digests.ts';
import { expectAccessible, ONCE_AT_DESK } from './support/accessible.ts';
import { expect } from './support/fixtures.ts';
import { type Release, scrambled, short } from './support/publisher.ts';
import { test } from './support/publishing.ts';
import { complete, refusalOf } from './support/sill.ts';
import { card, open } from './support/views.ts';

test.use({ installed: ['stories15m'] });
// Near the end of a run: one place would still work on them for a minute when the other has nothing left.
test.describe.configure({ mode: 'parallel' });

const ID = 'stories15m';
const NAME = 'Stories 15M';
/** For what waits for a model: a trial on a machine that does much else. */
const TRIAL = { timeout: 90_000 };

const withSpace = (before: Uint8Array) => `${new TextDecoder().decode(before)} `;
/** Fewer words than the starter's own suite asks for: most of these tests are about what follows a trial. */
const SHORT_SUITE = `${JSON.stringify({ id: 'begins', prompt: 'Once upon a time', max_tokens: 6, assert: [{ type: 'starts-with', value: ', there was' }] })}\n`;
const BOTH_SUITE = `${SHORT_SUITE}${JSON.stringify({
  id: 'foretells',
  prompt: 'Once upon a time, there was a little girl who lived in a small house.',
  assert: [{ type: 'perplexity', threshold: 10 }, { type: 'bits-per-byte', threshold: 2 }, { type: 'token-agreement' }],
})}\n`;
const good = (words: string, options: Release['options'] = {}): Release => ({
  about: { description: words },
  files: { 'evaluation.jsonl': () => SHORT_SUITE },
  options: { notes: words, ...options },
});
const broken: Release = { files: { 'onnx/model_int8.onnx_data': scrambled }, options: { notes: 'Trained over night.' } };

const news = (page: Page): Locator => card(page, NAME);
const version = (page: Page, revision: RevisionId): Locator => page.getByRole('article', { name: `Version ${short(revision)}` });
const history = (page: Page): Locator => page.getByRole('list', { name: 'History' });
const answering = async (page: Page) => (await complete(page, { max_tokens: 4 })).sill?.revision;

async function check(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check now' }).click();
}

/** By the public surface: the quick way for tests that are about what follows. */
async function apply(page: Page, revision: RevisionId): Promise<void> {
  const outcomes = await page.evaluate(() => globalThis.sill?.updates.apply());
  expect(outcomes).toMatchObject([{ revision, result: 'activated' }]);
}

test('a version on offer is fetched, tested, and in use between two requests, without cutting an answer; a broken one after it is refused', async ({
  page,
  publisher,
}) => {
  test.slow();
  const first = await publisher.first(ID);
  const modelfile = 'FROM stories15m\nPARAMETER num_predict 5\nPARAMETER temperature 0\n';
  await page.evaluate((source) => globalThis.sill?.models.create({ name: 'teller', modelfile: source }), modelfile);
  const told = () => complete(page, { model: 'teller' });
  expect((await told()).sill).toMatchObject({ model: 'teller', base: ID, revision: first });
  const second = await publisher.release(ID, {
    about: { description: 'Calmer.' },
    files: { 'tokenizer_config.json': withSpace },
    options: { notes: 'Calmer, with fewer dragons.' },
  });
  await open(page, 'Updates');
  await check(page);
  await expect(news(page)).toContainText('Calmer, with fewer dragons.');
  // One small file differs, and nothing else has to be fetched.
  await expect(news(page)).toContainText(/\d+ bytes to download; 17\.\d MB are on this device/);
  await expect(page.getByRole('navigation', { name: 'Manage' }).getByRole('link', { name: 'Updates (1 to look at)' })).toBeVisible();

  const answers = page.evaluate(async () => {
    const all: Array<readonly [revision: string | undefined, finished: string | null | undefined, tokens: number | undefined]> = [];
    for (let i = 0; i < 2000 && all.at(-1)?.[0] === all[0]?.[0]; i++) {
      const answer = await globalThis.sill?.completions.create({
        model: 'stories15m',
        prompt: 'Once upon a time',
        max_tokens: 24,
        stream: false,
      });
      all.push([answer?.sill?.revision, answer?.choices[0]?.finish_reason, answer?.usage?.completion_tokens]);
    }
    return all;
  });
  await news(page)
    .getByRole('button', { name: `Update ${NAME}` })
    .click();
  await expect(news(page)).toContainText(/Testing: /, TRIAL);
  await expect(news(page)).toContainText(`Version ${short(second)} is in use now.`, TRIAL);
  const all = await answers;
  expect(all.map(([, finished, tokens]) => [finished, tokens])).toEqual(all.map(() => ['length', 24]));
  expect(all.map(([revision]) => revision)).toEqual([...all.slice(1).map(() => first), second]);

  await open(page, 'Versions');
  await expect(version(page, second)).toContainText('In use');
  await expect(version(page, first)).toContainText('Before');
  await expect(history(page).getByRole('listitem').first()).toContainText(`In use from then on ${short(second)}`);
  await expect(history(page).getByRole('table', { name: 'What the test showed' })).toContainText('Score');
  const compared = page.getByRole('region', { name: 'Compare' });
  await expect(compared.getByRole('table', { name: 'Files that differ' })).toContainText('tokenizer_config.json');

  await test.step('and what was made of it went along, as it was written', async () => {
    expect(await told()).toMatchObject({ sill: { model: 'teller', base: ID, revision: second }, usage: { completion_tokens: 5 } });
    expect(await page.evaluate(() => globalThis.sill?.models.modelfile('teller'))).toBe(modelfile);
  });

  // Asked the same, both stand side by side.
  await page.evaluate(
    async ([text, ...revisions]) => {
      await globalThis.sill?.evaluations.save({ name: 'both', text });
      for (const revision of revisions) await globalThis.sill?.evaluations.run({ model: 'stories15m', suite: 'both', revision });
    },
    [BOTH_SUITE, first, second] as const,
  );
  await open(page, 'Evaluations');
  const runs = page.getByRole('table', { name: 'Runs of suites' });
  for (const number of [1, 2]) await runs.getByRole('checkbox', { name: `Compare run ${number}` }).check();
  const beside = page.getByRole('region', { name: 'Run 2 against run 1' });
  await expect(beside).toContainText('Kept 2 of 2 (100%), lost 0, gained 0.');
  await expect(beside).toContainText(/likeliest next token is the same at 100% of \d+ places/);
  for (const revision of [first, second]) {
    await expect(beside.getByRole('columnheader', { name: short(revision) })).toBeVisible();
  }
  for (const figure of ['Perplexity', 'Bits per byte']) {
    await expect(beside.getByRole('row', { name: new RegExp(`^${figure} \\d`) })).toBeVisible();
  }

  await test.step('a broken version is refused and quarantined with the reason, and the one before goes on', async () => {
    const third = await publisher.release(ID, broken);
    await open(page, 'Updates');
    await check(page);
    await news(page)
      .getByRole('button', { name: `Update ${NAME}` })
      .click();
    await expect(news(page)).toContainText('failed its test and was refused; the version in use stays', TRIAL);
    expect(await answering(page)).toBe(second);

    await check(page);
    await expect(news(page)).toContainText(/It failed its test on this device: It failed \d of 4 cases/);
    await expect(news(page).getByRole('button', { name: `Update ${NAME}` })).toHaveCount(0);
    await open(page, 'Versions');
    await expect(version(page, third)).toContainText('Quarantined');
    await expect(version(page, third).getByRole('button')).toHaveCount(0);
    await expect(history(page)).toContainText(`Failed its test, quarantined ${short(third)}`);
    await history(page).getByText('Cases that failed').click();
    await expect(history(page)).toContainText('begins-a-story');
    const again = await refusalOf(page, (sill, revision) => sill.models.activate('stories15m', revision ?? ''), third);
    expect(again.code).toBe('revision_refused');
  });
});

test('a person goes back with no network, pins, and changes their mind, until the publisher takes the version back', async ({
  page,
  publisher,
  site,
}) => {
  test.slow();
  const first = await publisher.first(ID);
  const second = await publisher.release(ID, good('Calmer.'));
  await apply(page, second);
  await site.stop();
  await page.reload();
  await open(page, 'Versions');
  await version(page, first)
    .getByRole('button', { name: `Roll back to ${short(first)}` })
    .click();
  const offer = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' });
  await expect(version(page, first)).toContainText('In use');
  await offer.click();
  await expect(version(page, second)).toContainText('In use');
  await version(page, first)
    .getByRole('button', { name: `Roll back to ${short(first)}` })
    .click();
  await expect(version(page, first)).toContainText('In use');
  expect(await answering(page)).toBe(first);
  await expect(history(page)).toContainText(`Rolled back to ${short(first)}`);

  await site.start();
  await open(page, 'Updates');
  await check(page);
  await expect(news(page)).toContainText('Somebody went back from it on this device.');
  await expectAccessible(page, 'Updates', ONCE_AT_DESK);
  await open(page, 'Versions');
  await version(page, first)
    .getByRole('button', { name: `Pin ${short(first)}` })
    .click();
  await expect(version(page, first)).toContainText('Pinned');
  await expect(version(page, second)).toContainText(`This model is pinned to ${short(first)}.`);
  await expectAccessible(page, 'Updates', ONCE_AT_DESK);
  await version(page, first)
    .getByRole('button', { name: `Unpin ${short(first)}` })
    .click();
  await version(page, second)
    .getByRole('button', { name: `Use ${short(second)} again` })
    .click();
  await expect(version(page, second)).toContainText('In use');
  expect(await answering(page)).toBe(second);

  await test.step('a version that was taken back warns where it is in use, and the sound one is offered', async () => {
    await publisher.withdraw(ID, second, 'It repeats itself.');
    await open(page, 'Updates');
    await check(page);
    await expect(news(page)).toContainText(`took back the version that is in use here (${short(second)}): It repeats itself.`);
    await news(page)
      .getByRole('button', { name: `Update ${NAME}` })
      .click();
    await expect(news(page)).toContainText(`In use: version ${short(first)}`);
    await expect(news(page)).toContainText('Nothing newer is on offer.');
    expect(await answering(page)).toBe(first);
    await open(page, 'Versions');
    await expect(version(page, second)).toContainText('Its publisher took it back: It repeats itself.');
    await expect(version(page, second).getByRole('button', { name: /again/ })).toHaveCount(0);
  });
});

test('a rollout reaches this device by its share and in time; a person who asks, and a critical version, are not held back', async ({
  page,
  publisher,
}) => {
  const DEVICE = 'kiosk-7';
  await page.evaluate((id) => globalThis.sill?.updates.setDeviceId(id), DEVICE);
  await open(page, 'Updates');
  const update = news(page).getByRole('button', { name: `Update ${NAME}` });

  const second = await publisher.release(ID, good('Calmer.', { percentage: '0' }));
  const fraction = cohortFraction(sha256(cohortText(`${ID}:${hexOf(second).slice(0, 16)}`, DEVICE)));
  const below = Math.floor(fraction * 100);
  const say = async (options: Readonly<Record<string, string | true>>) => {
    await publisher.rollout(ID, second, options);
    await page.reload();
  };
  await say({ percentage: String(below) });
  await expect(news(page)).toContainText(`It goes to ${below}% of all devices so far; this one is not among them yet.`);
  await expect(update).toHaveCount(0);
  await say({ phases: `2020-01-01=${below},${new Date(Date.now() + 86_400_000).toISOString()}=${below + 1}` });
  await expect(news(page)).toContainText('it is planned for this one for');
  await say({ phases: `2020-01-01=${below},2020-01-02=${below + 1}` });
  await expect(update).toBeVisible();
  await expect(news(page)).not.toContainText('Early');
  await say({ pause: true });
  await expect(news(page)).toContainText('Its publisher has paused the rollout.');
  await expect(update).toHaveCount(0);
  await check(page);
  await expect(news(page)).toContainText('Early');
  await expect(update).toBeVisible();

  const third = await publisher.release(ID, good('Mends a fault.', { percentage: '0', critical: true }));
  await page.reload();
  await expect(news(page)).toContainText(`Version ${short(third)}`);
  await expect(news(page)).toContainText('Critical');
  await expect(update).toBeVisible();
});

test('a page that is closed three times at the same question of a test is not made to test a fourth time', async ({ page, publisher }) => {
  test.slow();
  const first = await publisher.first(ID);
  // Long enough to be in the middle of it on any machine: elsewhere in a long suite it would be somebody who switches the device off.
  const endless = {
    ...{ id: 'endless', prompt: 'Once upon a time' },
    assert: Array.from({ length: 50 }, (_, i) => ({
      type: 'perplexity',
      value: `${i} little dogs went to the park. ${'They played with a red ball and were very happy. '.repeat(15)}`,
      threshold: 1e6,
    })),
  };
  const files = { 'evaluation.jsonl': () => JSON.stringify(endless) };
  const second = await publisher.release(ID, { ...good('With a long test.'), files });
  await open(page, 'Updates');
  await check(page);
  await news(page)
    .getByRole('button', { name: `Update ${NAME}` })
    .click();
  for (let tries = 1; tries <= 3; tries++) {
    // After the first time the device goes on by itself: it was wanted.
    await expect(news(page)).toContainText(/Testing: case 1 of 1/, TRIAL);
    await page.reload();
  }
  await expect(news(page)).toContainText(`${short(second)}: It failed its test on this device: The page ended 3 times`, TRIAL);
  expect(await answering(page)).toBe(first);
});

test('a kiosk left alone over a good, a broken and a good version ends on the third, and can tell the story', async ({
  page,
  publisher,
}) => {
  test.slow();
  await open(page, 'Updates');
  await page.getByRole('radio', { name: 'Update when nobody is here' }).check();
  await page.getByRole('spinbutton', { name: 'Minutes without a request' }).fill('0');
  await page.getByRole('spinbutton', { name: 'Minutes without a request' }).blur();
  await expect(page.getByText('What is offered may be put in place now.')).toBeVisible();

  const second = await publisher.release(ID, good('Calmer.'));
  // Switched off and on: it looks once in an hour otherwise.
  await page.reload();
  await expect(news(page)).toContainText(`In use: version ${short(second)}`, TRIAL);
  const third = await publisher.release(ID, broken);
  await page.reload();
  await expect(news(page)).toContainText(`${short(third)}: It failed its test on this device`, TRIAL);
  const fourth = await publisher.release(ID, good('Calmer still.'));
  await page.reload();
  await expect(news(page)).toContainText(`In use: version ${short(fourth)}`, TRIAL);

  expect(await answering(page)).toBe(fourth);
  await open(page, 'Versions');
  const story = history(page)
    .getByRole('listitem')
    .getByRole('paragraph')
    .filter({ has: page.locator('strong') });
  await expect(story).toContainText([
    `In use from then on ${short(fourth)} after ${short(second)}`,
    `Downloaded for its test ${short(fourth)}`,
    `Failed its test, quarantined ${short(third)}`,
    `Downloaded for its test ${short(third)}`,
    `In use from then on ${short(second)}`,
    `Downloaded for its test ${short(second)}`,
    'Installed',
  ]);
});

test.describe('a model that writes no text', () => {
  test.use({ installed: ['all-minilm-l6-v2'] });

  test('is held against the one in use before its update is taken', async ({ page, publisher }) => {
    test.slow();
    const second = await publisher.release('all-minilm-l6-v2', { about: { description: 'The same, described anew.' } });
    await apply(page, second);
    await open(page, 'Versions');
    await expect(version(page, second)).toContainText('In use');
    const showed = history(page).getByRole('table', { name: 'What the test showed' });
    await expect(showed.getByRole('row', { name: 'Score' })).toContainText('1.00');
    await expect(showed.getByRole('row', { name: 'Time for the same' })).toBeVisible();
  });
});
