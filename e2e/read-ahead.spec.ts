import type { Page } from '@playwright/test';
import type { ChatCompletion } from '../src/protocol/openai.ts';
import type { ChatRequest } from '../src/protocol/openaiRequests.ts';
import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m'] });

type Message = ChatRequest['messages'][number];

/** For the tests alone: each turn ends with the model's end. */
const TEMPLATE = '{{ bos_token }}{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}';
const QUESTION: Message = {
  role: 'user',
  content:
    'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden to play ' +
    'with her dog Max and her cat Mimi.',
};

type Whole = ChatRequest & { stream: false };

/** An answer of so many tokens: neither end token may end it. */
const request = (messages: readonly Message[], tokens: number, change: Partial<ChatRequest> = {}): Whole => ({
  ...{ model: 'stories15m', messages: [...messages], chat_template: TEMPLATE, max_tokens: tokens, temperature: 1, seed: 7 },
  ...{ logit_bias: { 1: -100, 2: -100 }, logprobs: true, top_logprobs: 3, ...change },
  stream: false,
});

const ask = (page: Page, ...about: Parameters<typeof request>): Promise<ChatCompletion> =>
  page.evaluate(
    (given) => {
      if (!globalThis.sill) throw new Error('globalThis.sill is missing');
      return globalThis.sill.chat.completions.create(given);
    },
    request(...about),
  );

const answered = ({ choices: [choice] }: ChatCompletion): Message => ({ role: 'assistant', content: choice?.message.content ?? '' });
/** Text and log-probabilities, to the last digit. */
const wordsOf = ({ choices }: ChatCompletion) => choices.map(({ message, logprobs }) => ({ message, logprobs }));
const cachedOf = ({ usage }: ChatCompletion): number => usage.prompt_tokens_details.cached_tokens;

const counted = (page: Page, name: string): Promise<number> =>
  page.evaluate(async (wanted) => {
    const lines = (await globalThis.sill?.metrics())?.split('\n') ?? [];
    return Number(
      lines
        .find((line) => line.startsWith(wanted) && line.includes('stories15m'))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  }, name);
const FINISHED = 'sill:read_ahead_total{model_name="stories15m",outcome="finished"}';
const INTERRUPTED = 'sill:read_ahead_total{model_name="stories15m",outcome="interrupted"}';

/** Asks, and then something else as soon as a piece of that conversation was read. All in the page: on a busy machine the way there is longer than the reading. */
const askAndInterrupt = (page: Page, first: Whole, second: Whole): Promise<ChatCompletion> =>
  page.evaluate(
    async ([first, second]) => {
      const { sill } = globalThis;
      if (!sill) throw new Error('globalThis.sill is missing');
      const read = async () => Number(/^sill:read_ahead_tokens_total\{.*\} (\d+)$/m.exec(await sill.metrics())?.[1] ?? 0);
      const answer = await sill.chat.completions.create(first);
      const before = await read();
      while ((await read()) === before);
      await sill.chat.completions.create(second);
      return answer;
    },
    [first, second] as const,
  );

test('a chat is read ahead while nobody asks: the next turn reads its question only, writes the same, and need not wait for it', async ({
  page,
}) => {
  const first = await ask(page, [QUESTION], 100);
  await expect.poll(() => counted(page, FINISHED)).toBe(1);
  const history = [QUESTION, answered(first)];
  const next: Message = { role: 'user', content: 'Tom said,' };
  const warm = await ask(page, [...history, next], 24);
  const cold = await ask(page, [...history, next], 24, { cache_prompt: false });
  // All but the question and the end behind it.
  expect(warm.usage.prompt_tokens - cachedOf(warm)).toBeLessThan(8);
  expect(cachedOf(cold)).toBe(0);
  expect(wordsOf(warm)).toEqual(wordsOf(cold));

  await test.step('a conversation of another salt is none of its business, and one that is not to be cached is not read', async () => {
    await expect.poll(() => counted(page, FINISHED)).toBe(2);
    expect(cachedOf(await ask(page, [...history, next], 4, { cache_salt: 'guest', cache_prompt: true }))).toBe(0);
  });

  await test.step('a request interrupts it', async () => {
    // Two pieces are read: the answer goes over a fixed cut. Whoever asks after the first one comes before the second, or just after: then once more.
    for (let seed = 11; (await counted(page, INTERRUPTED)) === 0; seed++) {
      expect(seed).toBeLessThan(16);
      const long = await askAndInterrupt(page, request([QUESTION], 100, { seed }), request([{ role: 'user', content: 'The dog' }], 1));
      const after = [QUESTION, answered(long), next];
      expect(wordsOf(await ask(page, after, 8))).toEqual(wordsOf(await ask(page, after, 8, { cache_prompt: false })));
    }
  });
});
