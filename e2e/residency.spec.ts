import type { Page } from '@playwright/test';
import type { CompletionRequest, EmbeddingRequest } from '../src/protocol/openaiRequests.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { open } from './support/views.ts';

/** Room for either of the two models, not for both: they take 31 and 39 MB. */
const SMALL_BUDGET = 60_000_000;
const WRITER = 'stories15m';
const SEARCHER = 'all-minilm-l6-v2';

test.use({ installed: [WRITER, SEARCHER], shared: true });

const embed = (page: Page, request: Partial<EmbeddingRequest> = {}) =>
  page.evaluate(
    async (given) => (await globalThis.sill?.embeddings.create({ model: 'all-minilm-l6-v2', input: 'A cat.', ...given }))?.model,
    request,
  );
const memory = (page: Page) =>
  page.evaluate(() => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    return globalThis.sill.memory();
  });
const loaded = async (page: Page) => (await memory(page)).models.map(({ id }) => id);
const allow = (page: Page, budgetBytes: number) =>
  page.evaluate((bytes) => globalThis.sill?.memory.setSettings({ budgetBytes: bytes }), budgetBytes);
/** The settings are of the device, and the next test is at the same. */
const asBefore = (page: Page) => page.evaluate(() => globalThis.sill?.memory.setSettings({}));
const stateOf = async (page: Page, id: string) => (await memory(page)).models.find((model) => model.id === id);

/** Answers that are under way in the page until they end or `stop` cancels them. Resolves when all were asked for. */
const begin = (page: Page, requests: ReadonlyArray<Partial<CompletionRequest>>) =>
  page.evaluate((all) => {
    const { sill } = globalThis;
    if (!sill) throw new Error('globalThis.sill is missing');
    const abort = new AbortController();
    const ends: string[] = [];
    const answers = all.map((request) =>
      sill.completions
        .create({ model: 'stories15m', prompt: 'Once upon a time', temperature: 0, ...request, stream: false }, { signal: abort.signal })
        .then(
          () => ends.push('answered'),
          (error) => ends.push(error.code),
        ),
    );
    Reflect.set(globalThis, 'sillTestAnswers', { ends, stop: () => abort.abort(), all: Promise.all(answers) });
  }, requests);
/** How those ended that did. */
const ends = (page: Page): Promise<string[]> => page.evaluate(() => Reflect.get(globalThis, 'sillTestAnswers').ends);
const stop = (page: Page): Promise<void> => page.evaluate(() => Reflect.get(globalThis, 'sillTestAnswers').stop());
const allEnds = async (page: Page): Promise<string[]> => {
  await page.evaluate(() => Reflect.get(globalThis, 'sillTestAnswers').all);
  return ends(page);
};

test('two models stay in memory together, and within a budget for one of them the one that is idle leaves for the other', async ({
  page,
}) => {
  await test.step('both fit on this device, and it is told what each takes', async () => {
    await complete(page, { max_tokens: 20 });
    await embed(page);
    const { models, usedBytes, budgetReason } = await memory(page);
    expect(models.map(({ id, state, measured }) => ({ id, state, measured }))).toEqual([
      { id: WRITER, state: 'loaded', measured: true },
      { id: SEARCHER, state: 'loaded', measured: true },
    ]);
    // More than its weights, and less than twice as much.
    expect(models[0]?.size).toBeGreaterThan(16_000_000);
    expect(models[0]?.size).toBeLessThan(50_000_000);
    expect(models[0]?.size_prefix_cache).toBeGreaterThan(0);
    expect(usedBytes).toBe((models[0]?.size ?? 0) + (models[1]?.size ?? 0));
    expect(budgetReason).toBe('device');
  });

  await test.step('the Device view shows them, says when they leave, and lets one be unloaded', async () => {
    await open(page, 'Device');
    const region = page.getByRole('region', { name: 'Memory' });
    const rows = region.getByRole('table', { name: 'Models in memory' }).getByRole('row');
    await expect(rows).toHaveCount(3);
    await expect(rows.filter({ hasText: 'Stories 15M' })).toContainText(/Leaves in \d+ min/);
    await expectAccessible(page, 'Device, with models in memory');
    await region.getByRole('button', { name: 'Unload Stories 15M' }).click();
    await expect(rows).toHaveCount(2);
    expect(await loaded(page)).toEqual([SEARCHER]);
  });

  await test.step('a smaller budget is kept: the one that was used longest ago leaves', async () => {
    await complete(page, { max_tokens: 1 });
    await allow(page, SMALL_BUDGET);
    await expect.poll(() => loaded(page)).toEqual([WRITER]);
    await expect(page.getByRole('combobox', { name: 'Memory for all models together' })).toHaveValue(String(SMALL_BUDGET));
    await embed(page);
    expect(await loaded(page)).toEqual([SEARCHER]);
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
    expect(await loaded(page)).toEqual([WRITER]);
  });

  await test.step('a model that answers stays until it has answered', async () => {
    await begin(page, [{ max_tokens: 220 }]);
    const embedded = embed(page);
    await expect.poll(async () => (await stateOf(page, SEARCHER))?.state).toBe('waiting');
    expect((await stateOf(page, WRITER))?.under_way).toBe(1);
    expect(await embedded).toBe(SEARCHER);
    expect(await ends(page)).toEqual(['answered']);
    expect(await loaded(page)).toEqual([SEARCHER]);
  });

  await test.step('what is larger than the budget is refused with both figures', async () => {
    await allow(page, 20_000_000);
    const refused = await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Once' }));
    expect(refused).toMatchObject({ code: 'model_too_large', details: { id: WRITER, budgetBytes: 20_000_000 } });
  });
  await asBefore(page);
});

test('keep_alive says how long a model stays, and the settings what is there from the start', async ({ page }) => {
  const leavesInMinutes = async () => Math.round((Date.parse((await stateOf(page, WRITER))?.expires_at ?? '') - Date.now()) / 60_000);
  await complete(page, { max_tokens: 1 });
  expect(await leavesInMinutes()).toBe(5);
  await complete(page, { max_tokens: 1, keep_alive: '1h30m' });
  expect(await leavesInMinutes()).toBe(90);
  await complete(page, { max_tokens: 1, keep_alive: -1 });
  expect((await stateOf(page, WRITER))?.expires_at).toBeNull();
  expect((await page.evaluate(() => globalThis.sill?.health()))?.loaded).toMatchObject([{ id: WRITER, expires_at: null }]);
  await complete(page, { max_tokens: 1, keep_alive: 0 });
  await expect.poll(() => loaded(page)).toEqual([]);
  await page.evaluate(() => globalThis.sill?.models.load('stories15m', { keep_alive: '2m' }));
  expect(await leavesInMinutes()).toBe(2);
  await embed(page, { keep_alive: '0' });
  await expect.poll(() => loaded(page)).toEqual([WRITER]);
  await complete(page, { max_tokens: 1, keep_alive: '300ms' });
  await expect.poll(() => loaded(page)).toEqual([]);
  const refused = await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Once', keep_alive: 'a while' }));
  expect(refused).toMatchObject({ code: 'invalid_request', details: { path: 'keep_alive' } });

  await page.evaluate(() => globalThis.sill?.memory.setSettings({ preload: ['all-minilm-l6-v2', 'stories15m'] }));
  await page.reload();
  // The page, its engine, and two models after each other.
  await expect.poll(() => loaded(page), { timeout: 60_000 }).toEqual([SEARCHER, WRITER]);
  expect((await memory(page)).models.map(({ expires_at }) => expires_at)).toEqual([null, null]);
  await asBefore(page);
});

test('a tab that asks once does not wait for the many requests of another, and past the bound it is said how many wait', async ({
  context,
  site,
}) => {
  const many = await openApp(context, site);
  const once = await context.newPage();
  await once.goto(site.url);
  await complete(many, { max_tokens: 1 });

  await begin(many, [
    ...Array.from({ length: 4 }, () => ({ max_tokens: 200 })),
    ...Array.from({ length: 48 }, () => ({ max_tokens: 100, service_tier: 'flex' as const })),
  ]);
  await expect.poll(async () => (await stateOf(once, WRITER))?.waiting).toBe(48);
  const busy = await refusalOf(many, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Once', max_tokens: 1 }));
  expect(busy).toMatchObject({ code: 'busy', details: { id: WRITER, waiting: 48, ownWaiting: 48, underWay: 4 } });
  expect(busy.details.retryAfterSeconds).toBeGreaterThanOrEqual(1);

  // Also one that says that nobody waits for it: the other tab has more under way.
  expect(textOf(await complete(once, { temperature: 0, max_tokens: 4, service_tier: 'flex' }))).toBe(', there was a');
  expect((await stateOf(once, WRITER))?.waiting).toBeGreaterThan(24);

  await test.step('what is cancelled leaves at once, waiting or not', async () => {
    await stop(many);
    await expect.poll(async () => (await stateOf(once, WRITER))?.waiting).toBe(0);
    expect((await stateOf(once, WRITER))?.under_way).toBe(0);
    expect(await allEnds(many)).toHaveLength(52);
    expect((await ends(many)).filter((end) => end === 'aborted').length).toBeGreaterThan(24);
  });

  await test.step('and so do those of a tab that is closed', async () => {
    await begin(many, [{ max_tokens: 220 }, { max_tokens: 220 }, { max_tokens: 220 }, { max_tokens: 220 }, { max_tokens: 220 }]);
    await expect.poll(async () => (await stateOf(once, WRITER))?.waiting).toBe(1);
    await many.close();
    expect(textOf(await complete(once, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
  });
});

test('four answers that a tab does not read keep nobody else waiting, and are given to their last token once it reads on', async ({
  context,
  site,
}) => {
  const stuck = await openApp(context, site);
  const once = await context.newPage();
  await once.goto(site.url);
  await complete(stuck, { max_tokens: 1 });

  // More pieces than are on their way to a reader at once; their ends are forbidden (tokens 1 and 2).
  const long = { model: WRITER, prompt: 'Once upon a time', max_tokens: 600, context_shift: true, temperature: 1, return_token_ids: true };
  const unread = await stuck.evaluateHandle(async (request) => {
    const begin = async (seed: number) => {
      const chunks = await globalThis.sill?.completions.create({ ...request, seed, logit_bias: { 1: -100, 2: -100 }, stream: true });
      if (!chunks) throw new Error('globalThis.sill is missing');
      const reader = chunks[Symbol.asyncIterator]();
      let tokens = 0;
      const read = async () => {
        const next = await reader.next();
        if (!next.done) tokens += next.value.choices[0]?.token_ids?.length ?? 0;
        return !next.done;
      };
      await read();
      return async () => {
        while (await read());
        return tokens;
      };
    };
    return Promise.all([1, 2, 3, 4].map(begin));
  }, long);
  expect((await stateOf(once, WRITER))?.under_way).toBe(4);

  expect(textOf(await complete(once, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
  await expect.poll(async () => (await stateOf(once, WRITER))?.under_way).toBeLessThan(4);

  expect(await unread.evaluate((readers) => Promise.all(readers.map((read) => read())))).toEqual(Array(4).fill(long.max_tokens));
  await expect.poll(async () => (await stateOf(once, WRITER))?.under_way).toBe(0);
});

test('a request that is cancelled frees its place while its model loads, while its prompt is read, and while it is answered', async ({
  page,
}) => {
  const isFree = async () => {
    const state = await stateOf(page, WRITER);
    expect([state?.under_way ?? 0, state?.waiting ?? 0]).toEqual([0, 0]);
  };
  const prompt = 'Once upon a time there was a little girl. '.repeat(20);
  await begin(page, [{ max_tokens: 4 }]);
  await stop(page);
  expect(await allEnds(page)).toEqual(['aborted']);
  await isFree();
  await complete(page, { max_tokens: 1 });

  // With a prompt that fills the context and one token for an answer, nearly all of the time goes into reading.
  await begin(
    page,
    Array.from({ length: 40 }, () => ({ prompt, max_tokens: 1, cache_prompt: false })),
  );
  await expect.poll(async () => (await stateOf(page, WRITER))?.under_way).toBe(4);
  await stop(page);
  expect(await allEnds(page)).toContain('aborted');
  await isFree();

  const text = await page.evaluate(async () => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    let read = '';
    const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 220, stream: true } as const;
    for await (const chunk of await globalThis.sill.completions.create(request)) {
      read += chunk.choices[0]?.text ?? '';
      if (read !== '') break;
    }
    return read;
  });
  expect(text).toMatch(/^,/);
  await expect.poll(async () => (await stateOf(page, WRITER))?.under_way).toBe(0);
  await isFree();
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
});
