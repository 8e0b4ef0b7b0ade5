import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import { beginStream, ENDLESS, isStreaming, openBoth, STORY, secondTab, TALKATIVE } from './support/httpStreams.ts';
import { CHAT } from './support/madeRequests.ts';

test.use({ installed: ['stories15m'], shared: true });

/** As long as the context allows. With log-probabilities what was given before is evaluated token by token, as it was the first time: to the last digit. */
const FORCED = { max_tokens: 200, temperature: 0.8, seed: 7, logit_bias: { 1: -100, 2: -100 } };
const MEASURED = { ...STORY, ...FORCED, n: 2, logprobs: 1, stream_options: { include_usage: true } };
const OLLAMA = { ...ENDLESS, top_logprobs: 1, options: { ...ENDLESS.options, temperature: 0.8, seed: 7 } };

/** A stream of completions as its client puts it together, and whether it was one answer all the way. */
function completionsOf(text: string) {
  const events = text.trim().split('\n\n');
  const chunks = events.flatMap((event): Chunk[] => (event.startsWith('data: {') ? [JSON.parse(event.slice('data: '.length))] : []));
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const { size: length } = new Set(choices.map(({ index }) => index));
  return {
    texts: Array.from({ length }, (_, at) => choices.map(({ index, text }) => (index === at ? text : '')).join('')),
    tokens: Array.from({ length }, (_, at) =>
      choices.flatMap(({ index, logprobs }) => (index === at ? (logprobs?.token_logprobs ?? []) : [])),
    ),
    ends: choices.flatMap(({ index, finish_reason }) => (finish_reason === null ? [] : [`${index} ${finish_reason}`])),
    usages: chunks.flatMap(({ usage }) => (usage ? [[usage.prompt_tokens, usage.completion_tokens]] : [])),
    names: new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size,
    // What kept it going while nothing came is a comment.
    others: events.filter((event) => !event.startsWith('data: {') && !/^(?:: *\n?)*$/.test(event)),
  };
}
interface Chunk {
  readonly id: string;
  readonly created: number;
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly finish_reason: string | null;
    readonly logprobs: { readonly token_logprobs: readonly number[] } | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
interface Line {
  readonly response?: string;
  readonly done?: boolean;
  readonly error?: string;
}
const generatedOf = (text: string) => {
  const lines = linesOf(text);
  const times = /_duration$|^created_at$/;
  const last = Object.fromEntries(Object.entries(lines.at(-1) ?? {}).filter(([name]) => !times.test(name)));
  return { response: lines.map(({ response }) => response).join(''), ends: lines.filter(({ done }) => done !== false).length, last };
};

/** Answers that the engine which runs now has brought to their end. */
const endedByLength = (tab: Page): Promise<number> =>
  tab.evaluate(async () => {
    const text = (await globalThis.sill?.metrics()) ?? '';
    return Number(/^sill:request_success_total\{.*finished_reason="length"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  });

const readWhole = async (page: Page, path: string, request: object): Promise<string> => (await beginStream(page, path, request)).rest();

test('the tab that runs the engine is closed in the middle of a stream: its reader sees a pause, and no word is missing, twice or another', async ({
  context,
  site,
}) => {
  const { app, page } = await openBoth(context, site);
  const second = await secondTab(context, site);

  await test.step('of OpenAI’s, while a whole answer is waited for whose head is out', async () => {
    const undisturbed = completionsOf(await readWhole(page, 'v1/completions', MEASURED));
    expect(undisturbed).toMatchObject({ ends: ['0 length', '1 length'], names: 1, others: ['data: [DONE]'], usages: [[5, 400]] });
    const whole = page.evaluateHandle(
      async (request) => {
        const response = await fetch('v1/completions', { method: 'POST', body: JSON.stringify(request) });
        return { status: response.status, body: response.json() };
      },
      { ...TALKATIVE, n: 4 },
    );
    const stream = await beginStream(page, 'v1/completions', MEASURED);
    await app.close();
    expect(completionsOf(await stream.rest())).toEqual(undisturbed);
    const { status, lengths } = await (await whole).evaluate(async ({ status, body }) => ({
      status,
      lengths: (await body).choices.map(({ logprobs }: { logprobs: { tokens: string[] } }) => logprobs.tokens.length),
    }));
    expect({ status, lengths }).toEqual({ status: 200, lengths: Array(4).fill(TALKATIVE.max_tokens) });
    // Two of the one and four of the other.
    expect(await endedByLength(second)).toBe(6);
  });

  await test.step('of Ollama’s', async () => {
    const undisturbed = generatedOf(await readWhole(page, 'api/generate', OLLAMA));
    expect(undisturbed).toMatchObject({ ends: 1, last: { done_reason: 'length', eval_count: 240 } });
    const third = await secondTab(context, site);
    const stream = await beginStream(page, 'api/generate', OLLAMA);
    await second.close();
    expect(generatedOf(await stream.rest())).toEqual(undisturbed);
    expect(await endedByLength(third)).toBe(1);
    await expect.poll(() => isStreaming(third)).toBe(false);
  });
});

test('the process of the tab that runs the engine crashes in the middle of a conversation: the openai client reads on', async ({
  context,
  site,
}) => {
  const { app, page } = await openBoth(context, site);
  const second = await secondTab(context, site);
  const third = await secondTab(context, site);
  // The browser keeps the service worker in the process of the tab that brought it: with that one every connection would break.
  await app.close();
  let begun: () => void = () => undefined;
  await page.exposeFunction('sillTestBegun', () => begun());
  const read = () =>
    page.evaluate(
      async (request) => {
        const stream = clients.openai().chat.completions.stream(request);
        let roles = 0;
        for await (const { choices } of stream) {
          roles += choices.filter(({ delta }) => delta.role).length;
          if (choices.some(({ delta }) => delta.content)) Reflect.get(globalThis, 'sillTestBegun')();
        }
        const { choices } = await stream.finalChatCompletion();
        return {
          roles,
          answers: choices.map(({ message, logprobs, finish_reason }) => [message.content, logprobs?.content, finish_reason]),
        };
      },
      { ...CHAT, ...FORCED, n: 2, logprobs: true, top_logprobs: 1 },
    );
  const undisturbed = await read();
  const heard = new Promise<void>((resolve) => {
    begun = resolve;
  });
  expect(undisturbed).toMatchObject({ roles: 2, answers: [{ 2: 'length' }, { 2: 'length' }] });
  const again = read();
  await heard;
  const crashed = second.waitForEvent('crash');
  const devtools = await context.newCDPSession(second);
  // Nobody lives to answer this.
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  expect(await again).toEqual(undisturbed);
  expect(await endedByLength(third)).toBe(2);
});

test('the only tab is loaded anew in the middle of a stream: it goes on, and ends with what to do once no tab is left', async ({
  context,
  site,
}) => {
  const { app, page } = await openBoth(context, site);
  const undisturbed = completionsOf(await readWhole(page, 'v1/completions', MEASURED));
  const stream = await beginStream(page, 'v1/completions', MEASURED);
  await app.reload();
  expect(completionsOf(await stream.rest())).toEqual(undisturbed);

  const sse = await beginStream(page, 'v1/completions', { ...MEASURED, max_tokens: 1e6, context_shift: true });
  await app.close();
  const text = await sse.rest();
  const last = text.trim().split('\n\n').at(-1) ?? '';
  expect(last).toMatch(/^event: error\ndata: /);
  expect(JSON.parse(last.slice(last.indexOf('data: ') + 'data: '.length))).toMatchObject({
    error: { code: 'worker_lost', message: expect.stringContaining('ask again') },
  });
  expect(text).not.toContain('[DONE]');

  const tab = await secondTab(context, site);
  const ndjson = await beginStream(page, 'api/generate', OLLAMA);
  await tab.close();
  const lines = linesOf(await ndjson.rest());
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(0, -1).every((line) => 'response' in line)).toBe(true);
  expect(lines.at(-1)).toEqual({ error: expect.stringContaining('ask again') });
});
