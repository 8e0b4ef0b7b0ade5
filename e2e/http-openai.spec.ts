import { checkSchema } from '../src/platform/schemaCheck.ts';
import { test } from './support/clientsFixture.ts';
import { expect } from './support/fixtures.ts';
import { CHAT, CHAT_TEMPLATE, PERSON, WEATHER_PARAMETERS } from './support/madeRequests.ts';

const WEATHER = { type: 'function' as const, function: { name: 'get_weather', parameters: WEATHER_PARAMETERS } };

test.use({ installed: ['stories15m'] });

test('the openai client and the AI SDK work unchanged', async ({ clientsPage: page }) => {
  await test.step('lists models, completes and chats, whole and in a stream', async () => {
    const seen = await page.evaluate(async (chat) => {
      const openai = clients.openai();
      const story = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 8 };
      const listed = (await openai.models.list()).data;
      const retrieved = await openai.models.retrieve('stories15m');
      const completion = await openai.completions.create({ ...story, logprobs: 2 });
      const stopped = await openai.completions.create({ ...story, stop: ['nothing of the kind', 'girl'] });
      const several = await openai.completions.create({ ...story, prompt: ['Once upon a time', 'The dog'], n: 2 });
      const whole = await openai.chat.completions.create({ ...chat, n: 2, logprobs: true, top_logprobs: 2 });
      const chunks = [];
      const stream = await openai.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } });
      for await (const chunk of stream) chunks.push(chunk);
      let streamed = '';
      for await (const chunk of await openai.completions.create({ ...story, stream: true })) streamed += chunk.choices[0]?.text ?? '';
      // The client puts the pieces of both answers and their log-probabilities together by itself.
      const both = await openai.chat.completions.stream({ ...chat, n: 2, logprobs: true, top_logprobs: 2 }).finalChatCompletion();
      return {
        both,
        listed,
        retrieved,
        completion,
        stopped,
        several,
        whole,
        chunks,
        streamed,
        plain: await openai.completions.create(story),
      };
    }, CHAT);

    expect(seen.listed.map(({ id, object }) => [id, object])).toEqual([['stories15m', 'model']]);
    expect(seen.retrieved).toMatchObject({ id: 'stories15m', object: 'model', owned_by: 'sill' });
    expect(seen.stopped.choices[0]).toMatchObject({ finish_reason: 'stop', index: 0, text: ', there was a little ' });
    expect(seen.completion.choices[0]?.logprobs?.tokens?.join('')).toBe(seen.completion.choices[0]?.text);
    expect(seen.several.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(seen.several.choices[0]?.text).toBe(seen.plain.choices[0]?.text);
    expect(seen.streamed).toBe(seen.plain.choices[0]?.text);

    const { whole, chunks, both } = seen;
    // The same seed gives the same two answers.
    expect(both.choices.map(({ message }) => message.content)).toEqual(whole.choices.map(({ message }) => message.content));
    expect(both.choices.map(({ logprobs }) => logprobs?.content)).toEqual(whole.choices.map(({ logprobs }) => logprobs?.content));
    expect(both.choices.map(({ finish_reason }) => finish_reason)).toEqual(['length', 'length']);
    expect(both.choices[1]?.message.content).not.toBe(both.choices[0]?.message.content);
    expect(whole).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant' }, finish_reason: 'length' }, { index: 1 }],
    });
    expect(whole.choices[0]?.logprobs?.content?.map(({ token }) => token).join('')).toBe(whole.choices[0]?.message.content);
    expect(whole.usage?.completion_tokens).toBe(24);
    expect(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('')).toBe(whole.choices[0]?.message.content);
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', choices: [{ delta: { role: 'assistant' } }], usage: null });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12, prompt_tokens: whole.usage?.prompt_tokens } });
  });

  await test.step('has tools called and schemas held, whole and in a stream', async () => {
    const seen = await page.evaluate(
      async ([chat, weather, person]) => {
        const openai = clients.openai();
        const request = { ...chat, max_tokens: 160, tools: [weather], tool_choice: 'required' as const, parallel_tool_calls: false };
        const called = await openai.chat.completions.create(request);
        // The client puts the parts of a stream together by itself.
        const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
        const held = await openai.chat.completions.create({
          ...chat,
          max_tokens: 160,
          response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person, strict: true } },
        });
        const [call] = called.choices[0]?.message.tool_calls ?? [];
        const after = await openai.chat.completions.create({
          ...chat,
          messages: [
            ...chat.messages,
            { role: 'assistant', tool_calls: call ? [call] : [] },
            { role: 'tool', tool_call_id: call?.id ?? '', content: 'Rain.' },
          ],
        });
        return { called, streamed, held, after };
      },
      [CHAT, WEATHER, PERSON] as const,
    );
    const functionOf = ({ choices: [choice] }: typeof seen.called) => {
      const [call] = choice?.message.tool_calls ?? [];
      return call?.type === 'function' ? call.function : undefined;
    };
    expect(seen.called.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(functionOf(seen.called)?.name).toBe('get_weather');
    expect(checkSchema(WEATHER_PARAMETERS, JSON.parse(functionOf(seen.called)?.arguments ?? ''))).toBeUndefined();
    expect(functionOf(seen.streamed)).toMatchObject({ ...functionOf(seen.called) });
    expect(seen.streamed.choices[0]?.finish_reason).toBe('tool_calls');
    expect(checkSchema(PERSON, JSON.parse(seen.held.choices[0]?.message.content ?? ''))).toBeUndefined();
    expect(seen.after.choices[0]?.message.content).toMatch(/\w/);
  });

  await test.step('gets responses, whole and in a stream, with calls', async () => {
    const seen = await page.evaluate(
      async ([template, { function: weather }, person]) => {
        const openai = clients.openai();
        const common = { model: 'stories15m', chat_template: template, temperature: 0.8, seed: 3 };
        const request = { ...common, instructions: 'Tell.', input: 'Once upon a time', max_output_tokens: 12, metadata: { a: 'b' } };
        const whole = await openai.responses.create(request);
        const events = [];
        for await (const event of await openai.responses.create({ ...request, stream: true })) events.push(event);
        const call = {
          ...common,
          input: [{ role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Weather?' }] }],
          max_output_tokens: 160,
        };
        const tools = [{ type: 'function' as const, name: weather.name, parameters: weather.parameters, strict: true }];
        const called = await openai.responses.create({ ...call, tools, tool_choice: 'required', parallel_tool_calls: false });
        const streamed = await openai.responses
          .stream({ ...call, tools, tool_choice: 'required', parallel_tool_calls: false })
          .finalResponse();
        const held = await openai.responses.create({
          ...call,
          text: { format: { type: 'json_schema', name: 'person', schema: person, strict: true } },
        });
        const [item] = called.output;
        const after = await openai.responses.create({
          ...common,
          max_output_tokens: 8,
          input: [
            ...call.input,
            ...(item?.type === 'function_call'
              ? [item, { type: 'function_call_output' as const, call_id: item.call_id, output: 'Rain.' }]
              : []),
          ],
        });
        return { whole, events, called, streamed, held, after };
      },
      [CHAT_TEMPLATE, WEATHER, PERSON] as const,
    );
    expect(seen.whole).toMatchObject({
      ...{ object: 'response', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, metadata: { a: 'b' } },
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text' }] }],
      usage: { output_tokens: 12 },
    });
    const { events } = seen;
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
      ...['response.output_text.delta', 'response.output_text.done', 'response.content_part.done', 'response.output_item.done'],
      'response.incomplete',
    ]);
    expect(events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('')).toBe(seen.whole.output_text);
    const [called] = seen.called.output;
    if (called?.type !== 'function_call') throw new Error('nothing was called');
    expect(checkSchema(WEATHER_PARAMETERS, JSON.parse(called.arguments))).toBeUndefined();
    expect(seen.streamed.output[0]).toMatchObject({
      type: 'function_call',
      name: 'get_weather',
      arguments: called.arguments,
      status: 'completed',
    });
    expect(checkSchema(PERSON, JSON.parse(seen.held.output_text))).toBeUndefined();
    expect(seen.after.output_text).toMatch(/\w/);
  });

  await test.step('the AI SDK writes, streams, calls tools, makes objects and embeds', async () => {
    const seen = await page.evaluate(
      async ([template, parameters, person]) => {
        const { ai, aiSdk } = clients;
        const model = aiSdk.chatModel('stories15m');
        const providerOptions = { sill: { chat_template: template, parallel_tool_calls: false } };
        const common = { model, providerOptions, maxRetries: 0, temperature: 0.8, seed: 3 };
        const written = await ai.generateText({ ...common, prompt: 'Once upon a time', maxOutputTokens: 12 });
        const stream = ai.streamText({ ...common, prompt: 'Once upon a time', maxOutputTokens: 12 });
        let streamed = '';
        for await (const piece of stream.textStream) streamed += piece;
        const get_weather = ai.tool({ inputSchema: ai.jsonSchema(parameters), execute: async () => 'Rain.' });
        const called = await ai.generateText({
          ...common,
          prompt: 'Weather?',
          tools: { get_weather },
          toolChoice: 'required',
          maxOutputTokens: 160,
        });
        const made = await ai.generateObject({ ...common, schema: ai.jsonSchema(person), prompt: 'Who?', maxOutputTokens: 160 });
        return {
          ...{ text: written.text, usage: written.usage, streamed, streamedUsage: await stream.usage },
          inputs: called.toolCalls.map(({ input }) => input),
          results: called.toolResults.map(({ output }) => output),
          object: made.object,
        };
      },
      [CHAT_TEMPLATE, WEATHER_PARAMETERS, PERSON] as [string, object, object],
    );
    expect(seen.text).toMatch(/\w/);
    expect(seen.streamed).toBe(seen.text);
    expect(seen.usage.outputTokens).toBe(12);
    expect(seen.streamedUsage).toMatchObject({ outputTokens: 12, inputTokens: seen.usage.inputTokens });
    expect(seen.inputs).toHaveLength(1);
    for (const input of seen.inputs) expect(checkSchema(WEATHER_PARAMETERS, input)).toBeUndefined();
    expect(seen.results).toContain('Rain.');
    expect(checkSchema(PERSON, seen.object)).toBeUndefined();
  });
});
