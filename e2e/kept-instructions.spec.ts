import type { Page } from '@playwright/test';
import type { ChatCompletion } from '../src/protocol/openai.ts';
import type { ChatRequest } from '../src/protocol/openaiRequests.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });

/** About 180 tokens. */
const INSTRUCTIONS =
  'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
  'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite. Lily was very happy. She ran to the park ' +
  'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong. Tom said that they could wait under the ' +
  'big tree until the wind came back. So they sat down, ate some bread, and told each other stories about a brave little bird. After ' +
  'a while the leaves began to move, and a warm wind came over the hill and into the trees, so that everyone in the park looked up at the sky ' +
  'with big eyes, and smiled.';
/** For the tests alone: a base model has none of its own. */
const TEMPLATE = '{{ bos_token }}{% for message in messages %}{{ message.content }} {% endfor %}';

function ask(page: Page, question: string, change: Partial<ChatRequest> = {}): Promise<ChatCompletion> {
  const request: ChatRequest = {
    model: 'stories15m',
    messages: [
      { role: 'system', content: INSTRUCTIONS },
      { role: 'user', content: question },
    ],
    chat_template: TEMPLATE,
    max_tokens: 24,
    temperature: 1,
    seed: 5,
    logprobs: true,
    top_logprobs: 3,
    cache_prompt: 'persist',
    ...change,
  };
  return page.evaluate((given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    return globalThis.sill.chat.completions.create({ ...given, stream: false });
  }, request);
}

const unload = (page: Page) => page.evaluate(() => globalThis.sill?.models.unload('stories15m'));
const load = (page: Page) => page.evaluate(() => globalThis.sill?.models.load('stories15m'));
/** What the model has of the beginnings of prompts, in bytes. */
const beginningsInMemory = (page: Page): Promise<number> =>
  page.evaluate(async () => (await globalThis.sill?.memory())?.models.find(({ id }) => id === 'stories15m')?.size_prefix_cache ?? 0);
const cachedOf = ({ usage }: ChatCompletion): number => usage.prompt_tokens_details.cached_tokens;
/** Text and log-probabilities, to the last digit. */
const wordsOf = ({ choices }: ChatCompletion) => choices.map(({ message, logprobs }) => ({ message, logprobs }));

/** Rows of what was computed, read past the app; with `damage` one bit of each is turned. */
const keptRows = (page: Page, damage = false): Promise<number> =>
  page.evaluate(async (turn) => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await settled(indexedDB.open('sill'));
    const rows = await settled(db.transaction('derived').objectStore('derived').getAll());
    for (const row of turn ? rows : []) {
      const bytes = new Uint8Array(await row.data.arrayBuffer());
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await settled(
        db
          .transaction('derived', 'readwrite')
          .objectStore('derived')
          .put({ ...row, data: new Blob([bytes]) }, row.about.key),
      );
    }
    db.close();
    return rows.length;
  }, damage);

test('what was evaluated of the instructions is there when the browser starts again, and the answer is the same to the last digit', async ({
  openBrowser,
  site,
}) => {
  const first = await openBrowser();
  let page = await openApp(first, site);
  const plain = await ask(page, 'Tom said,', { cache_prompt: false });
  expect(plain.usage.prompt_tokens).toBeGreaterThan(170);
  const before = await ask(page, 'Tom said,');
  expect(wordsOf(before)).toEqual(wordsOf(plain));
  await expect.poll(() => keptRows(page)).toBe(1);
  await first.close();

  page = await openApp(await openBrowser(), site);
  await load(page);
  // As much as is stored is in memory, and nobody has asked for anything.
  const stored = await page.evaluate(async () => (await globalThis.sill?.storage())?.derivedBytes);
  await expect.poll(() => beginningsInMemory(page)).toBe(stored);
  const after = await ask(page, 'Tom said,');
  expect(after.sill?.loadMs).toBeUndefined();
  expect(cachedOf(after)).toBeGreaterThan(150);
  expect(wordsOf(after)).toEqual(wordsOf(plain));

  await test.step('for whatever is asked first, also where that loads the model, and it is not kept twice', async () => {
    await unload(page);
    const other = await ask(page, 'The bird was sad.');
    expect(other.sill?.loadMs).toBeGreaterThan(0);
    expect(cachedOf(other)).toBeGreaterThan(150);
    expect(wordsOf(other)).toEqual(wordsOf(await ask(page, 'The bird was sad.', { cache_prompt: false })));
    await expect.poll(() => keptRows(page)).toBe(1);
  });

  await test.step('not for somebody else, and not for whoever wants nothing of a cache', async () => {
    await unload(page);
    expect(cachedOf(await ask(page, 'Tom said,', { cache_salt: 'https://guest.example' }))).toBe(0);
    expect(cachedOf(await ask(page, 'Tom said,', { cache_prompt: false }))).toBe(0);
    // It is in memory as if it had been evaluated there: then whoever has the same salt shares it.
    expect(cachedOf(await ask(page, 'Tom said,', { cache_prompt: true }))).toBeGreaterThan(150);
    await expect.poll(() => keptRows(page)).toBe(2);
  });

  await test.step('Storage shows what it takes, offers it first where space is short, and forgets it', async () => {
    const storage = () => page.evaluate(async () => globalThis.sill?.storage());
    const kept = (await storage())?.derivedBytes ?? 0;
    expect(kept).toBeGreaterThan(100_000);
    const plan = await page.evaluate(() => globalThis.sill?.storage.propose(1));
    expect(plan?.steps).toMatchObject([{ kind: 'derived', modelId: 'stories15m', freesBytes: kept }]);
    await open(page, 'Storage');
    const model = page.getByRole('article', { name: /^Stories 15M/ });
    await expect(model).toContainText('Kept instructions');
    await model.getByRole('button', { name: /^Forget the kept instructions of Stories 15M/ }).click();
    await expect(model).not.toContainText('Kept instructions');
    expect(await keptRows(page)).toBe(0);
    await unload(page);
    expect(wordsOf(await ask(page, 'Tom said,'))).toEqual(wordsOf(plain));
    await expect.poll(() => keptRows(page)).toBe(1);
  });

  await test.step('not where the disk gives back other bytes: then it is evaluated, and kept anew', async () => {
    await keptRows(page, true);
    await unload(page);
    const mended = await ask(page, 'Tom said,');
    expect(cachedOf(mended)).toBe(0);
    expect(wordsOf(mended)).toEqual(wordsOf(plain));
    await expect.poll(() => keptRows(page)).toBe(1);
    await unload(page);
    expect(cachedOf(await ask(page, 'Tom said,'))).toBeGreaterThan(150);
  });

  await test.step('and it goes with the model', async () => {
    await page.evaluate(() => globalThis.sill?.models.remove('stories15m'));
    expect(await keptRows(page)).toBe(0);
  });
});
