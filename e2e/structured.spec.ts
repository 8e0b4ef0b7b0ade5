import fc from 'fast-check';
import { randomSchema } from '../src/core/testing/randomSchemas.ts';
import { checkSchema } from '../src/platform/schemaCheck.ts';
import type { Completion } from '../src/protocol/openai.ts';
import type { CompletionRequest } from '../src/protocol/openaiRequests.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { CHAT_TEMPLATE } from './support/madeRequests.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { answersTo, faultsOf, matchBeginnings } from './support/structured.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'], shared: true });

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 12 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    pets: { type: 'array', items: { enum: ['cat', 'dog', 'bird'] }, maxItems: 2 },
  },
  required: ['name', 'age', 'pets'],
  additionalProperties: false,
};
const form = (schema: object): Pick<CompletionRequest, 'response_format'> => ({
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { ...schema }, strict: true } },
});
const endOf = (answer: Completion) => answer.choices[0]?.finish_reason;

test('answers to 200 random schemas are valid when they say that they are whole, and else the beginning of one that is, however hot', async ({
  page,
}) => {
  const schemas = fc.sample(randomSchema, { numRuns: 200, seed: 20_261 });
  const maxTokens = 32;
  const answers = await answersTo(page, schemas, { maxTokens });
  expect(await faultsOf(answers, schemas, { maxTokens, matching: await matchBeginnings() })).toEqual([]);
  // Most come to an end, or little was shown.
  const whole = answers.filter(({ end }) => end === 'stop').length;
  expect(whole, `${whole} of 200 came to their end`).toBeGreaterThan(120);
});

test('a form goes together with all that a request may ask', async ({ page }) => {
  const ask = (change: Partial<CompletionRequest>) =>
    complete(page, { max_tokens: 120, temperature: 1, seed: 5, ...form(PERSON), ...change });
  const valid = (text: string) => checkSchema(PERSON, JSON.parse(text));

  await test.step('greedy, hot, with penalties, biases and few candidates', async () => {
    const brace = 426;
    for (const change of [
      { temperature: 0 },
      { temperature: 2 },
      { temperature: 2, top_k: 2 },
      { top_p: 0.2, min_p: 0.1 },
      { repetition_penalty: 1.5, presence_penalty: 1, frequency_penalty: 1 },
      // What is forbidden stays so, and what must come comes.
      { temperature: 0, logit_bias: { 29892: 100, [brace]: -100 } },
    ]) {
      const answer = await ask(change);
      expect(endOf(answer)).toBe('stop');
      expect(valid(textOf(answer))).toBeUndefined();
    }
  });

  await test.step('the same seed gives the same text, and each of several answers is that of its own seed', async () => {
    const { choices } = await ask({ n: 3 });
    for (const { text, index, finish_reason } of choices) {
      expect(finish_reason).toBe('stop');
      expect(valid(text)).toBeUndefined();
      expect(textOf(await ask({ seed: 5 + index }))).toBe(text);
    }
    expect(new Set(choices.map(({ text }) => text)).size).toBe(3);
  });

  await test.step('log-probabilities stay those of the model', async () => {
    const free = await complete(page, { temperature: 0, max_tokens: 1, logprobs: 3 });
    const held = await ask({ temperature: 0, logprobs: 3 });
    // Whatever was chosen in its place, the model thought the same; the chosen one is named beside the best.
    expect(held.choices[0]?.logprobs?.top_logprobs[0]).toMatchObject(free.choices[0]?.logprobs?.top_logprobs[0] ?? { none: 0 });
    expect(held.choices[0]?.logprobs?.tokens.join('')).toBe(textOf(held));
  });

  await test.step('a stream has the same text, and goes on from tokens that are given', async () => {
    const streamed = await page.evaluate(
      async (request) => {
        const seen = { text: '', ends: [] as unknown[], ids: [] as number[] };
        for await (const chunk of (await globalThis.sill?.completions.create({ ...request, stream: true, return_token_ids: true })) ?? []) {
          for (const { text, finish_reason, token_ids = [] } of chunk.choices) {
            seen.text += text;
            seen.ends.push(...(finish_reason ? [finish_reason] : []));
            seen.ids.push(...token_ids);
          }
        }
        return seen;
      },
      { model: 'stories15m', prompt: 'Once upon a time', max_tokens: 120, temperature: 1, seed: 5, ...form(PERSON) },
    );
    const whole = await ask({});
    expect(streamed).toMatchObject({ text: textOf(whole), ends: ['stop'] });
    for (const count of [1, 9, streamed.ids.length]) {
      // With log-probabilities given tokens are evaluated one by one, as they were at first: to the last digit.
      const resumed = await ask({ logprobs: 0, resume: { id: 'cmpl-1', token_ids: [streamed.ids.slice(0, count)] } });
      expect(resumed.choices[0]).toMatchObject({ text: textOf(whole), finish_reason: 'stop' });
    }
    const foreign = await refusalOf(page, (sill, request) => sill.completions.create(request), {
      model: 'stories15m',
      prompt: 'Once',
      ...form(PERSON),
      resume: { id: 'cmpl-1', token_ids: [[3, 4]] },
    });
    expect(foreign.code).toBe('invalid_request');
  });

  await test.step('what is cut says "length", by a stop string as well; what is whole at the limit says "stop"', async () => {
    const whole = await ask({});
    const count = whole.usage?.completion_tokens ?? 0;
    const cut = await ask({ max_tokens: count - 1 });
    expect(endOf(cut)).toBe('length');
    expect(textOf(whole).startsWith(textOf(cut))).toBe(true);
    expect(endOf(await ask({ max_tokens: count }))).toBe('stop');
    expect(await ask({ stop: ['"age"'] })).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });

  await test.step('others write beside it as if alone', async () => {
    const alone = textOf(await complete(page, { temperature: 1, seed: 2, max_tokens: 60 }));
    const [beside, held] = await Promise.all([
      complete(page, { temperature: 1, seed: 2, max_tokens: 60 }),
      ask({ temperature: 2, cache_salt: 'x' }),
    ]);
    expect(textOf(beside)).toBe(alone);
    expect(valid(textOf(held))).toBeUndefined();
  });

  await test.step('cancelled, it ends at once, and the next one works', async () => {
    const code = await page.evaluate(
      async (request) => {
        const abort = new AbortController();
        try {
          for await (const _ of (await globalThis.sill?.completions.create({ ...request, stream: true }, { signal: abort.signal })) ?? [])
            abort.abort();
        } catch (reason) {
          return (reason as { code?: string }).code;
        }
        return 'not aborted';
      },
      {
        model: 'stories15m',
        prompt: 'Once upon a time',
        max_tokens: 200,
        temperature: 2,
        response_format: { type: 'json_object' } as const,
      },
    );
    expect(code).toBe('aborted');
    expect(endOf(await ask({}))).toBe('stop');
  });

  await test.step('any JSON object', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const answer = await complete(page, { seed, temperature: 1.2, max_tokens: 100, response_format: { type: 'json_object' } });
      if (endOf(answer) === 'stop') expect(checkSchema({ type: 'object' }, JSON.parse(textOf(answer)))).toBeUndefined();
      else expect(answer.usage?.completion_tokens).toBe(100);
      expect(textOf(answer).trimStart()).toMatch(/^\{/);
    }
  });
});

test('a schema that cannot be guaranteed is refused with the keyword and its place', async ({ page }) => {
  const refuse = (schema: unknown) =>
    refusalOf(
      page,
      (sill, given) =>
        sill.completions.create({
          model: 'stories15m',
          prompt: 'Once',
          response_format: { type: 'json_schema', json_schema: { name: 'x', schema: given as boolean } },
        }),
      schema,
    );
  for (const [schema, keyword, path] of [
    [{ type: 'object', properties: { a: { not: { type: 'null' } } } }, 'not', '/properties/a'],
    [{ type: 'number', multipleOf: 0.1 }, 'multipleOf', ''],
    [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, 'uniqueItems', ''],
    [{ $ref: 'https://example.org/schema' }, '$ref', ''],
    [{ type: 'string', pattern: '(?=a)b' }, 'pattern', ''],
    [{ anyOf: [{ type: 'string', maxlength: 3 }] }, 'maxlength', '/anyOf/0'],
  ] as const) {
    expect(await refuse(schema)).toMatchObject({ code: 'unsupported_schema', details: { keyword, path } });
  }
  for (const schema of [
    { type: 'strin' },
    { $ref: '#/$defs/none' },
    { pattern: '(' },
    { $ref: '#' },
    false,
    { type: 'integer', minimum: 2, maximum: 1 },
  ]) {
    expect(await refuse(schema)).toMatchObject({ code: 'invalid_request' });
  }
});

const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a town',
      parameters: {
        type: 'object',
        properties: { town: { type: 'string', maxLength: 16 }, unit: { enum: ['celsius', 'fahrenheit'] } },
        required: ['town', 'unit'],
        additionalProperties: false,
      },
    },
  },
  { type: 'function', function: { name: 'stop' } },
] as const;

test('tools are called with valid arguments, whole and in a stream', async ({ page }) => {
  const ask = (change: object) =>
    page.evaluate((request) => globalThis.sill?.chat.completions.create({ ...request, stream: false }), {
      model: 'stories15m',
      messages: [{ role: 'user' as const, content: 'What is the weather in Paris?' }],
      chat_template: CHAT_TEMPLATE,
      tools: [...TOOLS].map((tool) => ({ ...tool, function: { ...tool.function } })),
      max_tokens: 160,
      temperature: 1,
      seed: 11,
      ...change,
    });
  const calls = (answer: Awaited<ReturnType<typeof ask>>) => answer?.choices[0]?.message.tool_calls ?? [];

  const one = await ask({ tool_choice: { type: 'function', function: { name: 'get_weather' } }, parallel_tool_calls: false });
  expect(one?.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  expect(calls(one)).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }]);
  expect(checkSchema(TOOLS[0].function.parameters, JSON.parse(calls(one)[0]?.function.arguments ?? ''))).toBeUndefined();

  const required = await ask({ tool_choice: 'required', temperature: 2 });
  expect(calls(required).length).toBeGreaterThan(0);
  for (const { function: called } of calls(required)) expect(TOOLS.map((tool) => tool.function.name)).toContain(called.name);

  const stream = await page.evaluate(
    async (request) => {
      const chunks = [];
      for await (const chunk of (await globalThis.sill?.chat.completions.create({ ...request, stream: true })) ?? []) chunks.push(chunk);
      return chunks.flatMap(({ choices }) => choices);
    },
    {
      model: 'stories15m',
      messages: [{ role: 'user' as const, content: 'What is the weather in Paris?' }],
      chat_template: CHAT_TEMPLATE,
      tools: [...TOOLS].map((tool) => ({ ...tool, function: { ...tool.function } })),
      tool_choice: { type: 'function' as const, function: { name: 'get_weather' } },
      parallel_tool_calls: false,
      max_tokens: 160,
      temperature: 1,
      seed: 11,
    },
  );
  const parts = stream.flatMap(({ delta }) => delta.tool_calls ?? []);
  expect(stream[0]?.delta.role).toBe('assistant');
  expect(parts[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather' } });
  expect(parts.filter(({ id }) => id)).toHaveLength(1);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.map((part) => part.function.arguments).join('')).toBe(calls(one)[0]?.function.arguments);
  expect(stream.at(-1)?.finish_reason).toBe('tool_calls');

  // Free to call and not inclined to, it writes; and what came of a call is a part of the conversation.
  const free = await ask({
    tool_choice: 'auto',
    messages: [
      { role: 'user', content: 'What is the weather in Paris?' },
      { role: 'assistant', content: null, tool_calls: calls(one) },
      { role: 'tool', tool_call_id: calls(one)[0]?.id, content: 'It rains.' },
    ],
    max_tokens: 12,
    // Where its own text ends is as it is drawn: without an end it is cut, whatever was drawn.
    logit_bias: { 1: -100, 2: -100 },
  });
  expect(free?.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: expect.stringMatching(/\w/) } });
  expect((await ask({ tool_choice: 'none', max_tokens: 12 }))?.usage.prompt_tokens).toBeLessThan(one?.usage.prompt_tokens ?? 0);

  // A call that is cut is told as far as it came.
  const cut = await ask({ tool_choice: 'required', max_tokens: 24 });
  expect(cut?.choices[0]?.finish_reason).toBe('length');

  const refused = await refusalOf(page, (sill, request) => sill.chat.completions.create(request), {
    model: 'stories15m',
    messages: [{ role: 'user' as const, content: 'x' }],
    chat_template: CHAT_TEMPLATE,
    tools: [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object', properties: { a: { not: {} } } } } }],
  });
  expect(refused).toMatchObject({ code: 'unsupported_schema', details: { keyword: 'not', tool: 'f' } });
  const unknown = await refusalOf(page, (sill, request) => sill.chat.completions.create(request), {
    model: 'stories15m',
    messages: [{ role: 'user' as const, content: 'x' }],
    tool_choice: 'required' as const,
  });
  expect(unknown.code).toBe('invalid_request');
});

test('in Write an answer can be JSON, and a schema that cannot be held is told of', async ({ page }) => {
  await open(page, 'Write');
  await page.getByLabel('Beginning of the text').fill('Once upon a time');
  await page.getByRole('checkbox', { name: 'Answer as JSON' }).check();
  const field = page.getByLabel('JSON Schema');
  const write = page.getByRole('button', { name: 'Write on' });
  await field.fill('{ "type": ');
  await expect(page.getByText('This is no JSON object yet')).toBeVisible();
  await expect(write).toBeDisabled();
  await expectAccessible(page, 'Write, with a form');
  await field.fill(JSON.stringify({ type: 'string', not: { const: '' } }));
  await write.click();
  await expect(page.getByText('The answer cannot be held to this schema')).toBeVisible();
  await field.fill(JSON.stringify(PERSON));
  await write.click();
  const text = page.getByRole('region', { name: 'Text' });
  await expect(text).toContainText('Ended');
  const written = await text.locator('.continuation').textContent();
  await expect(text).toContainText('by the model');
  expect(checkSchema(PERSON, JSON.parse(written ?? ''))).toBeUndefined();
});

test('it works after the network is gone, although it was never asked for before', async ({ page, site }) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await site.stop();
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
  await page.reload();
  const answer = await complete(page, { max_tokens: 120, temperature: 1, ...form(PERSON) });
  expect(checkSchema(PERSON, JSON.parse(textOf(answer)))).toBeUndefined();
});
