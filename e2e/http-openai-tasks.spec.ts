import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from './support/clientsFixture.ts';
import { expect } from './support/fixtures.ts';
import { CHAT } from './support/madeRequests.ts';

test.use({ installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'] });

test('the openai client embeds and transcribes, and is told what is wrong', async ({ clientsPage: page, site }) => {
  await test.step('embeds texts and transcribes recordings', async () => {
    const speech = await readFile(join(import.meta.dirname, 'fixtures/speech.mp3'));
    site.answer(({ path }) => (path === 'speech.mp3' ? { type: 'audio/mpeg', body: speech } : undefined));
    const seen = await page.evaluate(async () => {
      const openai = clients.openai();
      const request = { model: 'all-minilm-l6-v2', input: ['A dog', 'A cat'] };
      // Without a wish the client asks for base64 and decodes it.
      const [packed, plain] = [
        await openai.embeddings.create(request),
        await openai.embeddings.create({ ...request, encoding_format: 'float' }),
      ];
      const cut = await openai.embeddings.create({ ...request, input: 'dog '.repeat(3000) });
      const file = await clients.toFile(await fetch('speech.mp3'), 'speech.mp3');
      const asked = { file, model: 'whisper-tiny', language: 'en' };
      const deltas: string[] = [];
      let done = '';
      for await (const event of await openai.audio.transcriptions.create({ ...asked, stream: true })) {
        if (event.type === 'transcript.text.delta') deltas.push(event.delta);
        if (event.type === 'transcript.text.done') done = event.text;
      }
      const { ai, aiSdk } = clients;
      const { embedding } = await ai.embed({ model: aiSdk.embeddingModel('all-minilm-l6-v2'), value: 'A dog', maxRetries: 0 });
      return {
        sdk: embedding,
        truncated: [cut, plain].map((answer) => Reflect.get(Reflect.get(answer, 'sill'), 'truncated')),
        packed: packed.data.map(({ embedding }) => [...embedding]),
        plain: plain.data.map(({ embedding }) => embedding),
        json: await openai.audio.transcriptions.create(asked),
        verbose: await openai.audio.transcriptions.create({
          ...asked,
          response_format: 'verbose_json',
          timestamp_granularities: ['segment'],
        }),
        srt: await openai.audio.transcriptions.create({ ...asked, response_format: 'srt' }),
        ...{ deltas, done },
      };
    });
    expect(seen.plain.map(({ length }) => length)).toEqual([384, 384]);
    expect(seen.packed).toEqual(seen.plain);
    expect(seen.sdk).toEqual(seen.plain[0]);
    expect(seen.truncated).toEqual([true, false]);
    expect(seen.json.text).toMatch(/open the window/i);
    expect(seen.verbose).toMatchObject({
      task: 'transcribe',
      language: 'en',
      text: seen.json.text,
      segments: [{ start: expect.any(Number) }],
    });
    expect(seen.srt).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:\d\d,\d{3}\n.*open the window/i);
    expect(seen.done).toBe(seen.json.text);
    expect(seen.deltas.join('')).toBe(seen.done);
  });

  await test.step('what is wrong is refused with OpenAI’s statuses and bodies', async () => {
    const seen = await page.evaluate(async (chat) => {
      const openai = clients.openai();
      const refusal = async (work: Promise<unknown>) => {
        try {
          await work;
        } catch (reason) {
          if (reason instanceof clients.APIError)
            return { status: reason.status, code: reason.code, param: reason.param, type: reason.type, name: reason.constructor.name };
          throw reason;
        }
        return 'was not refused';
      };
      const raw = async (path: string, init?: RequestInit) => {
        const response = await fetch(path, init);
        return {
          status: response.status,
          allow: response.headers.get('allow'),
          type: response.headers.get('content-type'),
          body: await response.text(),
        };
      };
      return {
        missing: await refusal(openai.chat.completions.create({ ...chat, model: 'none' })),
        retrieved: await refusal(openai.models.retrieve('none')),
        range: await refusal(openai.chat.completions.create({ ...chat, temperature: 3 })),
        schema: await refusal(
          openai.chat.completions.create({
            ...chat,
            stream: true,
            response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { not: {} } } },
          }),
        ),
        image: await refusal(
          openai.chat.completions.create({
            ...chat,
            messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
          }),
        ),
        unknown: await refusal(openai.chat.completions.create(Object.assign({ max_token: 3 }, chat))),
        legacy: await refusal(
          openai.chat.completions.create({
            ...chat,
            messages: [...chat.messages, { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }],
          }),
        ),
        typing: await refusal(
          openai.chat.completions.create({
            ...chat,
            tools: [{ type: 'function', function: Object.assign({ name: 'f' }, { parameter: {} }) }],
          }),
        ),
        choice: await refusal(
          openai.chat.completions.create({
            ...chat,
            tools: [{ type: 'function', function: { name: 'f' } }],
            tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
          }),
        ),
        others: await refusal(openai.chat.completions.create({ ...chat, top_logprobs: 2 })),
        stops: await refusal(openai.completions.create({ model: 'stories15m', prompt: 'x', stop: Array(17).fill('x') })),
        inputs: await refusal(openai.responses.create({ model: 'stories15m', input: [] })),
        outputs: await refusal(openai.responses.create({ model: 'stories15m', input: 'x', max_output_tokens: 0 })),
        lacking: await raw('v1/responses', { method: 'POST', body: '{"model":"stories15m"}' }),
        empty: await raw('v1/chat/completions', { method: 'POST' }),
        head: await raw('v1/models', { method: 'HEAD' }),
        options: await raw('v1/chat/completions', { method: 'OPTIONS' }),
        plain: await raw('v1/completions', {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: '{"model":"stories15m","prompt":"x","max_tokens":1}',
        }),
        refused: await refusal(openai.completions.create({ model: 'stories15m', prompt: 'x', echo: true })),
        template: await refusal(openai.chat.completions.create({ model: 'stories15m', messages: chat.messages })),
        long: await refusal(openai.completions.create({ model: 'stories15m', prompt: 'dog '.repeat(3000) })),
        path: await raw('v1/nothing'),
        method: await raw('v1/chat/completions'),
        json: await raw('v1/completions', { method: 'POST', body: '{' }),
        large: await raw('v1/completions', { method: 'POST', body: new Uint8Array(33 * 2 ** 20) }),
        outside: await raw('nothing'),
      };
    }, CHAT);
    expect(seen.missing).toEqual({
      status: 404,
      code: 'model_not_found',
      param: null,
      type: 'invalid_request_error',
      name: 'NotFoundError',
    });
    expect(seen.retrieved).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(seen.range).toMatchObject({ status: 400, param: 'temperature', name: 'BadRequestError' });
    expect(seen.schema).toMatchObject({ status: 400, code: 'unsupported_schema' });
    expect(seen.image).toMatchObject({ status: 400, param: 'messages.0.content' });
    expect(seen.unknown).toMatchObject({ status: 400, param: 'max_token' });
    expect(seen.legacy).toMatchObject({ status: 400, param: 'messages.1.function_call' });
    expect(seen.typing).toMatchObject({ status: 400, param: 'tools.0.function.parameter' });
    expect(seen.choice).toMatchObject({ status: 400, param: 'tool_choice' });
    expect(seen.others).toMatchObject({ status: 400, param: 'top_logprobs' });
    expect(seen.stops).toMatchObject({ status: 400, param: 'stop' });
    expect(seen.inputs).toMatchObject({ status: 400, param: 'input' });
    expect(seen.outputs).toMatchObject({ status: 400, param: 'max_output_tokens' });
    expect(seen.lacking).toMatchObject({ status: 400, body: expect.stringContaining('\\"input\\" is required.') });
    expect(seen.empty).toMatchObject({ status: 400 });
    expect(seen.head).toMatchObject({ status: 200, body: '' });
    expect(seen.options).toMatchObject({ status: 405, allow: 'POST' });
    expect(seen.plain).toMatchObject({ status: 200 });
    expect(seen.refused).toMatchObject({ status: 400, param: 'echo' });
    expect(seen.template).toMatchObject({ status: 400, code: 'chat_template_missing' });
    expect(seen.long).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    expect(seen.path).toMatchObject({ status: 404, type: 'application/json', body: expect.stringContaining('"error"') });
    expect(seen.method).toMatchObject({ status: 405, allow: 'POST' });
    expect(seen.json).toMatchObject({ status: 400 });
    expect(seen.large).toMatchObject({ status: 413 });
    // Everything else is the server's.
    expect(seen.outside.type).not.toBe('application/json');
  });
});
