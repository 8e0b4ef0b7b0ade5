import type { Page } from '@playwright/test';
import type { ChatCompletion } from '../../src/protocol/openai.ts';
import type { ChatRequest } from '../../src/protocol/openaiRequests.ts';
import { recordLarge } from '../../tools/models/testing/largeResults.ts';
import { openClients } from '../support/clients.ts';
import { expect, openApp, test, untilOfflineReady } from '../support/fixtures.ts';
import { acceptInstall, card } from '../support/views.ts';
import { CLIENTS } from './chatClients.ts';

const MODEL = 'tinyllama';
const NAME = 'TinyLlama 1.1B Chat';
type ChatMessage = ChatRequest['messages'][number];

const FRANCE = 'What is the capital of France?';

function chat(page: Page, messages: readonly ChatMessage[], maxTokens: number, change: Partial<ChatRequest> = {}): Promise<ChatCompletion> {
  const request: ChatRequest = { model: MODEL, messages: [...messages], max_tokens: maxTokens, temperature: 0, ...change };
  return page.evaluate((given) => {
    if (!globalThis.sill) throw new Error('globalThis.sill is missing');
    return globalThis.sill.chat.completions.create({ ...given, stream: false });
  }, request);
}

/** Until the conversation that was answered first has been read for its next turn. */
const untilReadAhead = (page: Page): Promise<void> =>
  expect
    .poll(
      async () => {
        const text = (await page.evaluate(() => globalThis.sill?.metrics())) ?? '';
        return Number(/^sill:read_ahead_total\{.*outcome="finished".*\} (\d+)$/m.exec(text)?.[1] ?? 0);
      },
      { timeout: 5 * 60_000 },
    )
    .toBeGreaterThanOrEqual(1);

const user = (content: string): ChatMessage => ({ role: 'user', content });
const wordsOf = ({ choices }: ChatCompletion): string => choices[0]?.message.content ?? '';
const speedOf = ({ usage, sill: { timings } }: ChatCompletion) => ({
  ttftMs: Math.round(timings.ttft_ms),
  promptTokens: usage.prompt_tokens,
  cachedTokens: usage.prompt_tokens_details.cached_tokens,
});

test('a chat model of 1.1 billion parameters is made on the device, and answers without a network', async ({ openBrowser, site }) => {
  test.setTimeout(60 * 60_000);
  const context = await openBrowser();
  const page = await openApp(context, site);
  const began = Date.now();
  await card(page, NAME)
    .getByRole('button', { name: `Install ${NAME}` })
    .click();
  await acceptInstall(page, NAME);
  await expect(card(page, NAME).getByRole('button', { name: `Remove ${NAME}` })).toBeVisible({ timeout: 45 * 60_000 });
  recordLarge({ installSeconds: Math.round((Date.now() - began) / 1000) });
  await untilOfflineReady(page);
  const clientsPage = await openClients(context, site);
  await site.stop();
  await page.reload();
  await untilOfflineReady(page);

  // Apart from the question, which is the first one that it answers: `ttft_ms` of one that has to wait for its model has the load in it.
  const loadBegan = Date.now();
  await page.evaluate(() => globalThis.sill?.models.load('tinyllama'));
  const loadMs = Date.now() - loadBegan;
  const capital = await chat(page, [user(FRANCE)], 24);
  expect(capital.sill.loadMs).toBeUndefined();
  expect(wordsOf(capital)).toContain('Paris');
  expect(capital.sill).toMatchObject({ variant: 'int8-wasm' });

  await untilReadAhead(page);
  const next = [user(FRANCE), { role: 'assistant', content: wordsOf(capital) } as const, user('And of Italy?')];
  const second = await chat(page, next, 24);
  // All of the first turn, question and answer; what is left is "And of Italy?" and what the template writes around it.
  expect(second.usage.prompt_tokens - second.usage.prompt_tokens_details.cached_tokens).toBeLessThan(25);
  const uncached = await chat(page, next, 24, { cache_prompt: false });
  expect(wordsOf(second)).toBe(wordsOf(uncached));

  // The first answer compiled as it went; the same length of question, in other words, is what a person waits for from then on.
  const spain = await chat(page, [user('What is the capital of Spain?')], 24);
  // Before it was read for this.
  const atOnce = await chat(
    page,
    [user('What is the capital of Spain?'), { role: 'assistant', content: wordsOf(spain) }, user('And of Italy?')],
    24,
  );
  const again = await chat(page, [user(FRANCE)], 24);
  expect(wordsOf(again)).toBe(wordsOf(capital));
  expect(again.usage.prompt_tokens_details.cached_tokens).toBe(again.usage.prompt_tokens);

  const tips = await chat(page, [user('Give three tips for staying healthy.')], 320);
  expect(wordsOf(tips)).toMatch(/^\s*1[.)] [\s\S]*\n2[.)] [\s\S]*\n3[.)] /);

  const { timings } = tips.sill;
  recordLarge({
    measuredAt: new Date().toISOString(),
    threads: await page.evaluate(() => navigator.hardwareConcurrency),
    decodeTokensPerSecond: Number((timings.decode_tokens_per_second ?? Number.NaN).toFixed(2)),
    loadMs,
    ...prefixed('first', speedOf(capital)),
    ...prefixed('warm', speedOf(spain)),
    ...prefixed('again', speedOf(again)),
    ...prefixed('secondTurn', speedOf(second)),
    ...prefixed('secondTurnAtOnce', speedOf(atOnce)),
    ...prefixed('secondTurnUncached', speedOf(uncached)),
  });

  // The server is still stopped.
  for (const { name, ask } of CLIENTS)
    await test.step(`the client ${name} chats, streams, holds a schema and calls a tool`, () => ask(clientsPage));
});

const prefixed = (name: string, figures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([key, value]) => [`${name}.${key}`, value]));
