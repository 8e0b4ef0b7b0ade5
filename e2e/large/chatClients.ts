import type { Page } from '@playwright/test';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import type {} from '../support/clientsPage.ts';
import { expect } from '../support/fixtures.ts';

const CITY = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 20 }, country: { type: 'string', maxLength: 20 } },
  required: ['city', 'country'],
  additionalProperties: false,
};
const PLACE = { type: 'object', properties: { town: { type: 'string', maxLength: 20 } }, required: ['town'], additionalProperties: false };
const FORMS = [CITY, PLACE] as [object, object];

/** A chat model through the official clients and the service worker: chat, whole and in a stream, a schema, and a call of a tool. */
export const CLIENTS: ReadonlyArray<{ readonly name: string; readonly ask: (page: Page) => Promise<void> }> = [
  { name: 'openai', ask: askOpenai },
  { name: 'ollama', ask: askOllama },
  { name: '@ai-sdk/openai-compatible', ask: askAiSdk },
];

async function askOpenai(page: Page): Promise<void> {
  const seen = await page.evaluate(async ([city, place]) => {
    const openai = clients.openai();
    const common = { model: 'tinyllama', temperature: 0, max_tokens: 24 };
    const france = { ...common, messages: [{ role: 'user' as const, content: 'What is the capital of France?' }] };
    const whole = await openai.chat.completions.create(france);
    const chunks = [];
    const asked = { ...france, stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await openai.chat.completions.create(asked)) chunks.push(chunk);
    const held = await openai.chat.completions.create({
      ...france,
      max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema: { ...city }, strict: true } },
    });
    const weather = { role: 'user' as const, content: 'What is the weather in Paris?' };
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: { ...place } } }];
    const called = await openai.chat.completions.create({
      ...{ ...common, max_tokens: 60, messages: [weather], tools },
      ...{ tool_choice: 'required' as const, parallel_tool_calls: false },
    });
    const message = called.choices[0]?.message;
    const result = { role: 'tool' as const, tool_call_id: message?.tool_calls?.[0]?.id ?? '', content: 'Rain, 12 degrees.' };
    const after = await openai.chat.completions.create({ ...common, messages: [weather, ...(message ? [message] : []), result], tools });
    return { whole, chunks, held, called, after };
  }, FORMS);
  const said = seen.whole.choices[0]?.message.content;
  expect(said).toContain('Paris');
  expect(seen.whole).toMatchObject({ object: 'chat.completion', model: 'tinyllama', choices: [{ message: { role: 'assistant' } }] });
  expect(seen.chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(said);
  expect(seen.chunks.at(-1)?.usage).toMatchObject({ completion_tokens: seen.whole.usage?.completion_tokens });
  const held: unknown = JSON.parse(seen.held.choices[0]?.message.content ?? '');
  expect(checkSchema(CITY, held)).toBeUndefined();
  expect(held).toMatchObject({ city: 'Paris' });
  const [call] = seen.called.choices[0]?.message.tool_calls ?? [];
  if (call?.type !== 'function') throw new Error('nothing was called');
  expect(seen.called.choices[0]?.finish_reason).toBe('tool_calls');
  expect(call.function.name).toBe('get_weather');
  expect(JSON.parse(call.function.arguments)).toMatchObject({ town: expect.stringContaining('Paris') });
  expect(seen.after.choices[0]?.message.content).toMatch(/\w/);
}

async function askOllama(page: Page): Promise<void> {
  const seen = await page.evaluate(async ([city, place]) => {
    const ollama = clients.ollama();
    const common = { model: 'tinyllama', options: { temperature: 0, num_predict: 60 } };
    const france = { ...common, messages: [{ role: 'user', content: 'What is the capital of France?' }] };
    const whole = await ollama.chat(france);
    const parts = [];
    for await (const part of await ollama.chat({ ...france, stream: true })) parts.push(part);
    const held = await ollama.chat({ ...france, format: city });
    // Ollama has no way to say that a tool must be called; Sill takes OpenAI's.
    const asked = {
      ...{ ...common, messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tool_choice: 'required' },
      tools: [{ type: 'function', function: { name: 'get_weather', parameters: place } }],
    };
    const called = await ollama.chat(asked);
    return { whole, parts, held, called, show: await ollama.show({ model: 'tinyllama' }) };
  }, FORMS);
  expect(seen.whole).toMatchObject({ model: 'tinyllama', done: true, message: { role: 'assistant' } });
  expect(seen.whole.message.content).toContain('Paris');
  expect(seen.parts.map(({ message }) => message.content).join('')).toBe(seen.whole.message.content);
  expect(seen.parts.at(-1)).toMatchObject({ done: true, eval_count: seen.whole.eval_count });
  const held: unknown = JSON.parse(seen.held.message.content);
  expect(checkSchema(CITY, held)).toBeUndefined();
  // Nor one that it is called once: TinyLlama likes to say it twice.
  const calls = seen.called.message.tool_calls ?? [];
  expect(calls[0]?.function).toMatchObject({ name: 'get_weather', arguments: { town: expect.stringContaining('Paris') } });
  for (const { function: called } of calls) expect(checkSchema(PLACE, called.arguments)).toBeUndefined();
  // Its template was not taught tools: they are told in words.
  expect(seen.show.capabilities).toEqual(['completion']);
}

async function askAiSdk(page: Page): Promise<void> {
  const seen = await page.evaluate(async ([city, place]) => {
    const { ai, aiSdk } = clients;
    const common = { model: aiSdk.chatModel('tinyllama'), maxRetries: 0, temperature: 0, maxOutputTokens: 60 };
    const prompt = 'What is the capital of France?';
    const written = await ai.generateText({ ...common, prompt });
    const stream = ai.streamText({ ...common, prompt });
    let streamed = '';
    for await (const piece of stream.textStream) streamed += piece;
    const made = await ai.generateObject({ ...common, prompt, schema: ai.jsonSchema(city) });
    const get_weather = ai.tool({ inputSchema: ai.jsonSchema(place), execute: async () => 'Rain, 12 degrees.' });
    const called = await ai.generateText({
      ...{ ...common, prompt: 'What is the weather in Paris?', tools: { get_weather }, toolChoice: 'required' as const },
      providerOptions: { sill: { parallel_tool_calls: false } },
    });
    return {
      ...{ text: written.text, usage: written.usage, streamed, streamedUsage: await stream.usage, object: made.object },
      inputs: called.toolCalls.map(({ input }) => input),
      results: called.toolResults.map(({ output }) => output),
    };
  }, FORMS);
  expect(seen.text).toContain('Paris');
  expect(seen.streamed).toBe(seen.text);
  expect(seen.streamedUsage).toMatchObject({ outputTokens: seen.usage.outputTokens, inputTokens: seen.usage.inputTokens });
  expect(checkSchema(CITY, seen.object)).toBeUndefined();
  expect(seen.inputs).toHaveLength(1);
  for (const input of seen.inputs) expect(checkSchema(PLACE, input)).toBeUndefined();
  expect(seen.results).toEqual(['Rain, 12 degrees.']);
}
