import type { Page } from '@playwright/test';
import { checkSchema } from '../src/platform/schemaCheck.ts';
import { openClients } from './support/clients.ts';
import { test as base, expect } from './support/fixtures.ts';
import { CHAT_TEMPLATE, PERSON, WEATHER_PARAMETERS } from './support/madeRequests.ts';

const test = base.extend<{ clientsPage: Page }>({
  clientsPage: async ({ page: app, context, site }, use) => {
    await app.evaluate(() => navigator.serviceWorker.ready);
    await use(await openClients(context, site));
  },
});
test.use({ installed: ['stories15m'] });

const FIGURES = {
  ...{ total_duration: expect.any(Number), load_duration: expect.any(Number), prompt_eval_count: expect.any(Number) },
  ...{ prompt_eval_duration: expect.any(Number), eval_count: 12, eval_duration: expect.any(Number) },
};

test('the ollama client generates, chats and manages models', async ({ page: app, clientsPage: page, site }) => {
  await test.step('it generates, whole and in a stream, and goes on from a context', async () => {
    const seen = await page.evaluate(async () => {
      const ollama = clients.ollama();
      const request = { model: 'stories15m', prompt: 'Once upon a time', options: { temperature: 0, num_predict: 12 } };
      const whole = await ollama.generate(request);
      const parts = [];
      for await (const part of await ollama.generate({ ...request, model: 'stories15m:latest', stream: true })) parts.push(part);
      const raw = await ollama.generate({ ...request, raw: true });
      const on = await ollama.generate({ ...request, prompt: ' Then', context: whole.context });
      const together = await ollama.generate({ ...request, prompt: `Once upon a time${whole.response} Then`, raw: true });
      const measured = await ollama.generate({ ...request, logprobs: true, top_logprobs: 2 });
      return { whole, parts, raw, on, together, measured };
    });
    const { whole, parts } = seen;
    expect(whole).toMatchObject({ model: 'stories15m', done: true, done_reason: 'length', ...FIGURES });
    // Nanoseconds: 12 tokens take some milliseconds at least.
    expect(whole.total_duration).toBeGreaterThan(2_000_000);
    expect(whole.total_duration).toBeGreaterThanOrEqual(whole.eval_duration);
    expect(Date.parse(String(whole.created_at))).toBeGreaterThan(Date.parse('2024-01-01'));
    expect(parts.map(({ response }) => response).join('')).toBe(whole.response);
    expect(parts.at(-1)).toMatchObject({ done: true, response: '', done_reason: 'length', ...FIGURES });
    expect(parts.slice(0, -1).every(({ done }) => !done)).toBe(true);
    expect(seen.raw.response).toBe(whole.response);
    expect(seen.raw.context).toBeUndefined();
    expect(seen.on.response).toBe(seen.together.response);
    expect(seen.measured.logprobs?.map(({ token }) => token).join('')).toBe(whole.response);
  });

  await test.step('it chats with tools and schemas', async () => {
    const seen = await page.evaluate(
      async ([template, parameters, person]) => {
        const ollama = clients.ollama();
        const common = {
          ...{ model: 'stories15m', chat_template: template, options: { temperature: 0.8, seed: 11, num_predict: 160 } },
          messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
        };
        const short = { ...common, options: { ...common.options, num_predict: 12 } };
        const whole = await ollama.chat(short);
        let streamed = '';
        for await (const part of await ollama.chat({ ...short, stream: true })) streamed += part.message.content;
        const held = await ollama.chat({ ...common, format: person });
        const json = await ollama.generate({ ...common, prompt: 'Once', raw: true, format: 'json' });
        const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];
        const calls = [];
        const asked = { ...common, tools, tool_choice: 'required' };
        for await (const part of await ollama.chat({ ...asked, stream: true })) calls.push(...(part.message.tool_calls ?? []));
        const after = await ollama.chat({
          ...short,
          messages: [
            ...short.messages,
            { role: 'assistant', content: '', tool_calls: [{ function: { name: 'get_weather', arguments: { town: 'Paris' } } }] },
            { role: 'tool', tool_name: 'get_weather', content: 'Rain.' },
          ],
        });
        return { whole, streamed, held, json, calls, after };
      },
      [CHAT_TEMPLATE, WEATHER_PARAMETERS, PERSON] as [string, object, object],
    );
    expect(seen.whole).toMatchObject({ done: true, done_reason: 'length', message: { role: 'assistant' }, ...FIGURES });
    expect(seen.streamed).toBe(seen.whole.message.content);
    expect(checkSchema(PERSON, JSON.parse(seen.held.message.content))).toBeUndefined();
    expect(seen.json.response?.trimStart()).toMatch(/^\{/);
    expect(seen.calls.length).toBeGreaterThan(0);
    for (const { function: called } of seen.calls) expect(checkSchema(WEATHER_PARAMETERS, called.arguments)).toBeUndefined();
    expect(seen.after.message.content).toMatch(/\w/);
  });

  await test.step('it lists, shows, loads and unloads', async () => {
    const seen = await page.evaluate(async () => {
      const ollama = clients.ollama();
      const loaded = await ollama.ps();
      const unloaded = await ollama.generate({ model: 'stories15m', prompt: '', keep_alive: '0h' });
      const empty = await ollama.ps();
      const again = await ollama.chat({ model: 'stories15m', messages: [], keep_alive: -1 });
      return {
        ...{ loaded, unloaded, empty, again, kept: await ollama.ps() },
        ...{ list: await ollama.list(), show: await ollama.show({ model: 'stories15m' }), version: await ollama.version() },
      };
    });
    expect(seen.list.models).toMatchObject([
      { name: 'stories15m', model: 'stories15m', details: { format: 'onnx', parameter_size: '15.2M' } },
    ]);
    expect(seen.list.models[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.show).toMatchObject({
      details: { quantization_level: 'INT8' },
      capabilities: ['completion'],
      license: expect.stringContaining('MIT'),
    });
    expect(seen.loaded.models).toMatchObject([{ name: 'stories15m', size: expect.any(Number) }]);
    expect(Date.parse(String(seen.loaded.models[0]?.expires_at))).toBeGreaterThan(Date.now());
    expect(seen.unloaded).toMatchObject({ done: true, done_reason: 'unload' });
    expect(seen.empty.models).toEqual([]);
    expect(seen.again).toMatchObject({ done: true, done_reason: 'load' });
    expect(seen.kept.models).toMatchObject([{ name: 'stories15m', expires_at: '9999-12-31T23:59:59Z' }]);
    expect(seen.version.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  await test.step('it makes models of others and copies them', async () => {
    const seen = await page.evaluate(async () => {
      const ollama = clients.ollama();
      const states = [];
      const template = '{{ if .System }}{{ .System }} {{ end }}{{ .Prompt }} {{ .Response }}';
      const parts = {
        model: 'teller',
        from: 'stories15m',
        system: 'Once upon a time',
        template,
        parameters: { temperature: 0, num_predict: 12 },
      };
      for await (const { status } of await ollama.create({ ...parts, stream: true })) states.push(status);
      await ollama.copy({ source: 'teller', destination: 'twin' });
      const [told, twin] = [
        await ollama.generate({ model: 'teller', prompt: 'there was a cat' }),
        await ollama.chat({ model: 'twin', messages: [{ role: 'user', content: 'there was a cat' }] }),
      ];
      const templated = await ollama.generate({
        model: 'stories15m',
        prompt: 'there was a cat',
        system: 'Once upon a time',
        template,
        options: { temperature: 0, num_predict: 12 },
      });
      const show = await ollama.show({ model: 'teller' });
      await ollama.create({ model: 'caller', from: 'teller', template: '{{ if .Tools }}<tool_call>{{ end }}{{ .Prompt }}' });
      await ollama.copy({ source: 'caller', destination: 'same' });
      const capabilities = [];
      for (const model of ['teller', 'caller', 'same']) capabilities.push((await ollama.show({ model })).capabilities);
      for (const model of ['same', 'caller']) await ollama.delete({ model });
      const names = (await ollama.list()).models.map(({ name }) => name);
      await ollama.delete({ model: 'teller' });
      await ollama.delete({ model: 'twin' });
      return { states, told, twin, templated, show, capabilities, names };
    });
    expect(seen.states.at(-1)).toBe('success');
    expect(seen.told).toMatchObject({ model: 'teller', done_reason: 'length', ...FIGURES });
    expect(seen.twin.message.content).toBe(seen.told.response);
    expect(seen.templated.response).toBe(seen.told.response);
    expect(seen.show).toMatchObject({
      system: 'Once upon a time',
      details: { parent_model: 'stories15m' },
      parameters: expect.stringMatching(/num_predict\s+12/),
    });
    expect(seen.show.modelfile).toContain('FROM stories15m');
    // What the template teaches, also where another model's answers.
    expect(seen.capabilities).toEqual([['completion'], ['completion', 'tools'], ['completion', 'tools']]);
    expect(seen.names.sort()).toEqual(['stories15m', 'teller', 'twin']);
  });

  let stored = 0;
  await test.step('it pulls no further once its page gives up, and goes on from there', async () => {
    site.holdModelsAfter(2_000_000);
    stored = await page.evaluate(async () => {
      const ollama = clients.ollama();
      let completed = 0;
      try {
        for await (const part of await ollama.pull({ model: 'all-minilm-l6-v2', stream: true })) {
          completed = part.completed ?? 0;
          if (completed > 0) ollama.abort();
        }
      } catch {
        // The client throws where it was told to abort.
      }
      return completed;
    });
    expect(stored).toBeGreaterThan(0);
    await expect
      .poll(() => app.evaluate(async () => (await globalThis.sill?.downloads.list())?.map(({ state }) => state)))
      .toContain('paused');
    site.release();
  });

  await test.step('it pulls, embeds and deletes', async () => {
    const seen = await page.evaluate(async () => {
      const ollama = clients.ollama();
      const progress = [];
      for await (const part of await ollama.pull({ model: 'all-minilm-l6-v2', stream: true })) progress.push(part);
      const nothing = await ollama.embed({ model: 'all-minilm-l6-v2', input: [] });
      const long = { model: 'all-minilm-l6-v2', input: 'dog '.repeat(3000) };
      const whole = await ollama.embed({ ...long, truncate: false }).then(
        () => 200,
        ({ status_code }) => status_code,
      );
      const cut = (await ollama.embed(long)).embeddings.length;
      const { embeddings } = await ollama.embed({ model: 'all-minilm-l6-v2', input: ['A dog', 'A cat'] });
      const { embedding } = await ollama.embeddings({ model: 'all-minilm-l6-v2', prompt: 'A dog' });
      const deleted = await ollama.delete({ model: 'all-minilm-l6-v2' });
      return { nothing, whole, cut, progress, embeddings, embedding, deleted, left: (await ollama.list()).models.map(({ name }) => name) };
    });
    const { progress } = seen;
    expect(progress[0]?.status).toBe('pulling manifest');
    expect(progress.at(-1)).toEqual({ status: 'success' });
    expect(progress.find(({ total }) => total > 0)?.completed).toBeGreaterThanOrEqual(stored);
    const moving = progress.filter(({ total }) => total > 0);
    expect(moving.length).toBeGreaterThan(0);
    expect(moving.map(({ completed }) => completed)).toEqual(moving.map(({ completed }) => completed).sort((a, b) => a - b));
    expect(seen.embeddings.map(({ length }) => length)).toEqual([384, 384]);
    expect(seen.embedding).toEqual(seen.embeddings[0]);
    expect(seen.nothing.embeddings).toEqual([]);
    expect([seen.whole, seen.cut]).toEqual([400, 1]);
    expect(seen.deleted).toEqual({ status: 'success' });
    expect(seen.left).toEqual(['stories15m']);
  });

  await test.step('what cannot be is refused in its own form', async () => {
    const refusals = await page.evaluate(async () => {
      const ollama = clients.ollama();
      const refusal = async (work: Promise<unknown>) => {
        try {
          await work;
        } catch (reason) {
          return { status: Reflect.get(Object(reason), 'status_code'), text: Reflect.get(Object(reason), 'error') };
        }
        return { status: 200, text: '' };
      };
      const request = { model: 'stories15m', prompt: 'x' };
      const raw = async (path: string) => ({ status: (await fetch(path)).status, body: await (await fetch(path)).json() });
      return {
        missing: await refusal(ollama.generate({ ...request, model: 'none' })),
        image: await refusal(ollama.generate({ ...request, images: ['AAAA'] })),
        think: await refusal(ollama.chat({ model: 'stories15m', think: true, messages: [{ role: 'user', content: 'x' }] })),
        suffix: await refusal(ollama.generate({ ...request, suffix: 'x' })),
        range: await refusal(ollama.generate({ ...request, options: { repeat_penalty: 100 } })),
        context: await refusal(ollama.generate({ ...request, context: [1, 2, 3] })),
        deleted: await refusal(ollama.delete({ model: 'none' })),
        raw: await refusal(ollama.generate({ ...request, raw: true, system: 'x' })),
        hot: await refusal(ollama.generate({ ...request, options: { temperature: 9 } })),
        stream: (await fetch('api/generate', { method: 'POST', body: JSON.stringify({ ...request, stream: 'false' }) })).status,
        unloaded: await refusal(ollama.generate({ model: 'none', prompt: '', keep_alive: 0 })),
        made: await refusal(ollama.create({ model: 'x', from: 'none' })),
        pulled: await refusal(ollama.pull({ model: 'none' })),
        pushed: await refusal(ollama.push({ model: 'stories15m' })),
        path: await raw('api/nothing'),
        method: await raw('api/generate'),
      };
    });
    expect(refusals.missing).toMatchObject({ status: 404 });
    expect(refusals.image).toMatchObject({ status: 400, text: expect.stringContaining('images') });
    expect(refusals.think).toMatchObject({ status: 400, text: expect.stringContaining('think') });
    expect(refusals.suffix).toMatchObject({ status: 400 });
    expect(refusals.range).toMatchObject({ status: 400, text: expect.stringContaining('options.repeat_penalty') });
    expect(refusals.context).toMatchObject({ status: 400, text: expect.stringContaining('context') });
    expect(refusals.deleted).toMatchObject({ status: 404 });
    expect(refusals.raw).toMatchObject({ status: 400, text: expect.stringContaining('raw') });
    expect(refusals.hot).toMatchObject({ status: 400, text: expect.stringContaining('options.temperature') });
    expect(refusals.stream).toBe(400);
    for (const missing of [refusals.unloaded, refusals.made, refusals.pulled]) expect(missing).toMatchObject({ status: 404 });
    expect(refusals.pushed).toMatchObject({ status: 501 });
    expect(refusals.path).toMatchObject({ status: 404, body: { error: expect.any(String) } });
    expect(refusals.method).toMatchObject({ status: 405, body: { error: expect.any(String) } });
  });
});
