import type { BrowserContext, Page } from '@playwright/test';
import { expect, openApp, test } from './support/fixtures.ts';
import { complete, completeWhile, textOf } from './support/sill.ts';
import type { Site } from './support/site.ts';

const BEGINNING = ', there was a';

test.use({ installed: ['stories15m'], shared: true });

/** An open transaction would keep the database from everybody; browsers suspend no tab that has one. */
const SLEEP_BETWEEN_TRANSACTIONS = `{
  let open = 0;
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...wish) {
    const begun = transaction.apply(this, wish);
    open += 1;
    for (const end of ['complete', 'abort']) begun.addEventListener(end, () => { open -= 1; });
    return begun;
  };
  const sleep = () => (open > 0 ? setTimeout(sleep, 1) : Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  setTimeout(sleep, 200);
}`;

async function openTabs(context: BrowserContext, site: Site, count: number): Promise<Page[]> {
  const tabs = [await openApp(context, site)];
  while (tabs.length < count) {
    const tab = await context.newPage();
    await tab.goto(site.url);
    tabs.push(tab);
  }
  return tabs;
}

const workersOf = (tabs: readonly Page[], name: string) =>
  tabs.flatMap((tab) => (tab.isClosed() ? [] : tab.workers().filter((worker) => worker.url().includes(`/${name}.worker`))));

/** A body that comes then. */
async function* after(then: Promise<void>): AsyncGenerator<Uint8Array> {
  await then;
  yield new Uint8Array(1);
}

/** As long as the context allows. With log-probabilities what was given before is evaluated token by token, as it was the first time: to the last digit. */
const LONG = { temperature: 0.8, seed: 7, max_tokens: 240, logit_bias: { 1: -100, 2: -100 }, logprobs: 0, return_token_ids: true };

const undisturbed = (page: Page) => completeWhile(page, LONG, async () => undefined);

/** Answers that the engine which runs now has brought to their end. */
const endedByLength = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const text = (await globalThis.sill?.metrics()) ?? '';
    return Number(/^sill:request_success_total\{.*finished_reason="length"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  });

const greedy = (page: Page) => complete(page, { temperature: 0, max_tokens: 4 }).then(textOf);

test('three tabs ask at once: one engine and one copy of the model answer them all', async ({ context, site }) => {
  const tabs = await openTabs(context, site, 3);
  expect(await Promise.all(tabs.map(greedy))).toEqual([BEGINNING, BEGINNING, BEGINNING]);
  expect(workersOf(tabs, 'engine')).toHaveLength(1);
  expect(workersOf(tabs, 'inference')).toHaveLength(1);
});

test('the tab that runs the engine is closed: another runs it, and whoever waits gets an answer', async ({ context, site }) => {
  const [host, ...others] = await openTabs(context, site, 3);
  if (!host) throw new Error('no tab was opened');
  expect(workersOf([host], 'engine')).toHaveLength(1);
  const loading = Promise.all(others.map(greedy));
  await host.close();
  expect(await loading).toEqual([BEGINNING, BEGINNING]);
  expect(workersOf(others, 'engine')).toHaveLength(1);
  expect(workersOf(others, 'inference')).toHaveLength(1);
});

test('the device view says in which tab the engine runs, and a hand-over changes it', async ({ context, site }) => {
  const [host, other] = await openTabs(context, site, 2);
  if (!host || !other) throw new Error('a tab is missing');
  for (const tab of [host, other]) await tab.goto(`${site.url}#/device`);
  const engine = (tab: Page) => tab.getByRole('region', { name: 'Engine' });
  await expect(engine(host)).toContainText('in this tab, since');
  await expect(engine(other)).toContainText('in another tab, since');
  const before = await other.evaluate(() => globalThis.sill?.engine.place());
  expect(before).toEqual({ here: false, sinceMs: (await host.evaluate(() => globalThis.sill?.engine.place()))?.sinceMs });
  await host.close();
  await expect(engine(other)).toContainText('in this tab, since');
  const after = await other.evaluate(() => globalThis.sill?.engine.place());
  expect(after?.sinceMs).toBeGreaterThan(before?.sinceMs ?? Number.NaN);
});

test('the tab that runs the engine is reloaded: nobody notices', async ({ context, site }) => {
  const [host, other] = await openTabs(context, site, 2);
  if (!host || !other) throw new Error('a tab is missing');
  await host.reload();
  expect(await Promise.all([host, other].map(greedy))).toEqual([BEGINNING, BEGINNING]);
  expect(workersOf([host, other], 'engine')).toHaveLength(1);
});

test('the tab that runs the engine is closed in the middle of an answer: its reader in another tab sees a pause', async ({
  context,
  site,
}) => {
  const [host, reader] = await openTabs(context, site, 2);
  if (!host || !reader) throw new Error('a tab is missing');
  const whole = await undisturbed(reader);
  expect(whole.tokenIds).toHaveLength(240);
  const { text, tokenIds, usage } = await completeWhile(reader, LONG, () => host.close());
  expect(usage?.completion_tokens).toBe(240);
  // No token is missing, none comes twice, and none is another; where it was cut is the test's luck.
  expect(tokenIds).toEqual(whole.tokenIds);
  expect(text).toBe(whole.text);
  expect(workersOf([reader], 'engine')).toHaveLength(1);
  expect(await endedByLength(reader)).toBe(1);
});

test('the process of the tab that runs the engine crashes in the middle of an answer: another tab takes over and the answer goes on', async ({
  context,
  site,
}) => {
  const [host, reader] = await openTabs(context, site, 2);
  if (!host || !reader) throw new Error('a tab is missing');
  const whole = await undisturbed(reader);
  const { text, tokenIds } = await completeWhile(reader, LONG, async () => {
    const crashed = host.waitForEvent('crash');
    const devtools = await context.newCDPSession(host);
    // Nobody lives to answer this.
    void devtools.send('Page.crash').catch(() => undefined);
    await crashed;
  });
  expect(tokenIds).toEqual(whole.tokenIds);
  expect(text).toBe(whole.text);
  expect(workersOf([reader], 'engine')).toHaveLength(1);
  expect(await endedByLength(reader)).toBe(1);
});

/** Ways in which the engine's own worker goes while its tab lives on. */
const ENDS = {
  'ends without a word': 'self.close()',
  'dies of an error': `setTimeout(() => { throw new Error('out of its mind'); })`,
  'does not answer any more': SLEEP_BETWEEN_TRANSACTIONS,
} as const;

/** What it answers to this nobody hears. */
const endEngine = (tab: Page, how: string) =>
  workersOf([tab], 'engine')[0]
    ?.evaluate(how)
    .catch(() => undefined);

for (const [what, how] of Object.entries(ENDS)) {
  test(`the engine of the only tab ${what} in the middle of an answer: another is started, and the reader sees a pause`, async ({
    context,
    site,
  }) => {
    const [tab] = await openTabs(context, site, 1);
    if (!tab) throw new Error('no tab was opened');
    const whole = await undisturbed(tab);
    const engine = workersOf([tab], 'engine')[0];
    const { text, tokenIds } = await completeWhile(tab, LONG, async () => void endEngine(tab, how));
    expect(tokenIds).toEqual(whole.tokenIds);
    expect(text).toBe(whole.text);
    await expect.poll(() => workersOf([tab], 'engine').length).toBe(1);
    expect(workersOf([tab], 'engine')[0]).not.toBe(engine);
    expect(await endedByLength(tab)).toBe(1);
  });
}

test('an engine that ends again and again is given up, with words that say what to do', async ({ context, site }) => {
  const [tab] = await openTabs(context, site, 1);
  if (!tab) throw new Error('no tab was opened');
  for (let times = 1; times <= 3; times++) {
    // It answers: before that nobody could miss it.
    await tab.evaluate(() => globalThis.sill?.health().then(({ status }) => status));
    const engine = workersOf([tab], 'engine')[0];
    void endEngine(tab, 'self.close()');
    await expect.poll(() => workersOf([tab], 'engine')[0] === engine).toBe(false);
  }
  // The page says it, and so does the view that asked.
  await expect(tab.getByText('The part of this page that runs the models could not be started').first()).toBeVisible();
  await expect(tab.getByText('Reload this page. If it happens again').first()).toBeVisible();
});

test.describe('on a device that is another afterwards', () => {
  test.use({ shared: false });

  test('a suspended tab that keeps the engine loses it to one that is awake, with all that it had in hand, and comes back as a guest', async ({
    context,
    site,
  }) => {
    const [host, other] = await openTabs(context, site, 2);
    if (!host || !other) throw new Error('a tab is missing');
    site.holdModelsAfter(2_000_000);
    await host.evaluate(() => void globalThis.sill?.models.install('all-minilm-l6-v2').catch(() => undefined));
    await expect.poll(async () => (await other.evaluate(() => globalThis.sill?.downloads.list()))?.[0]?.state).toBe('running');

    // As a system suspends a tab: neither the page nor its engine does anything, and their locks are held. Chromium's own freezing spares workers.
    const [engine] = workersOf([host], 'engine');
    await engine?.evaluate(SLEEP_BETWEEN_TRANSACTIONS);
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    site.answer(({ path }) => (path === 'asleep' ? { body: after(asleep) } : undefined));
    const suspended = host.evaluate(() => {
      const request = new XMLHttpRequest();
      // Nothing in the page runs until it is answered.
      request.open('GET', 'asleep', false);
      request.send();
    });

    // Three questions without an answer, five seconds apart.
    expect(await greedy(other)).toBe(BEGINNING);
    await expect.poll(() => workersOf([other], 'engine').length).toBe(1);
    site.release();
    expect(await other.evaluate(async () => (await globalThis.sill?.models.install('all-minilm-l6-v2'))?.state)).toBe('installed');

    wake();
    await suspended;
    await expect.poll(() => workersOf([host, other], 'engine').length).toBe(1);
    expect(await greedy(host)).toBe(BEGINNING);

    await test.step('what changes in one tab shows in the other, also after the engine has moved', async () => {
      await host.goto(`${site.url}#/models`);
      await expect(host.getByRole('button', { name: 'Remove Stories 15M' })).toBeVisible();
      await other.evaluate(() => globalThis.sill?.models.remove('stories15m'));
      await expect(host.getByRole('button', { name: 'Install Stories 15M' })).toBeVisible();
    });
  });
});
