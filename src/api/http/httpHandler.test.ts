import { describe, expect, it } from 'vitest';
import type { HttpItem, HttpRequest } from '../../protocol/http.ts';
import { HTTP_ROUTES } from '../../protocol/httpRoutes.ts';
import type { EngineHandlers } from './ask.ts';
import { withHttp } from './httpHandler.ts';

const sill = { timings: { prompt_ms: 1, predicted_ms: 1 } };
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: { cached_tokens: 0 } };
/** One answer of each method that a route may ask. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'models.list': { models: [] },
  'chat.completions.create': { id: 'c', choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }], usage, sill },
  'completions.create': { id: 'c', choices: [{ index: 0, text: 'Hi', finish_reason: 'stop' }], usage, sill },
  'embeddings.create': { data: [{ embedding: [1] }], usage, sill },
  'audio.transcriptions.create': { text: 'Hi', duration: 1, segments: [], sill },
  'models.modelfile': 'FROM tiny\nSYSTEM Tell.\n',
  memory: { models: [] },
  upstreams: [],
  metrics: 'x 1\n',
  health: { status: 'healthy', loaded: [], problems: [] },
};

function setUp(answers = ANSWERS) {
  const asked: { readonly name: string; readonly params: object }[] = [];
  const handlers = new Proxy(
    {},
    {
      get: (_, name: string) => async (params: object) => {
        asked.push({ name, params });
        return answers[name] ?? null;
      },
    },
  ) as EngineHandlers;
  const { http } = withHttp(handlers, { decodeAudio: async () => new Float32Array(1), version: '1.2.3' });
  const ask = async (
    request: HttpRequest,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }> => {
    const items: HttpItem[] = [];
    const emit = async (item: HttpItem) => void items.push(item);
    await http({ ...request, headers: request.headers ?? {} }, { signal: new AbortController().signal, emit });
    const [head] = items;
    if (head?.kind !== 'head') throw new Error('no head came first');
    const text = items.map((item) => (item.kind === 'body' ? new TextDecoder().decode(item.bytes) : '')).join('');
    return { status: head.status, text, headers: head.headers };
  };
  return { asked, ask };
}
const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
const FIELDS = {
  model: 'tiny',
  from: 'base',
  source: 'tiny',
  destination: 'other',
  input: 'Hi',
  prompt: 'Hi',
  messages: [{ role: 'user', content: 'Hi' }],
};
const bodyFor = (path: string) => {
  const names = { 'v1/chat/completions': ['model', 'messages'], 'v1/completions': ['model', 'prompt'] }[path] ?? ['model', 'input'];
  if (path === 'api/create') return json({ model: 'tiny', from: 'base' });
  return json(path.startsWith('api/') ? FIELDS : Object.fromEntries(Object.entries(FIELDS).filter(([name]) => names.includes(name))));
};

describe('the routes', () => {
  it.each(HTTP_ROUTES.filter(({ path }) => !path.startsWith('v1/audio')))(
    '$method $path asks no more of the engine than it says',
    async ({ method, path, asks }) => {
      const { asked, ask } = setUp();
      const { status } = await ask({ method, path: path.replace('*', 'tiny'), ...(method === 'GET' ? {} : { body: bodyFor(path) }) });
      const allowed: readonly string[] = asks;
      expect(asked.map(({ name }) => name).filter((name) => !allowed.includes(name))).toEqual([]);
      // Where it may ask at all it did, or the list would say nothing.
      expect(asked.length > 0).toBe(asks.length > 0);
      expect(status).toBeLessThan(502);
    },
  );

  it('of a form with a recording asks for samples, and takes lists by their names with brackets', async () => {
    const { asked, ask } = setUp();
    const form = new FormData();
    form.set('model', 'ear');
    form.set('file', new Blob(['x']), 'x.wav');
    form.set('response_format', 'verbose_json');
    form.append('timestamp_granularities[]', 'segment');
    const encoded = new Response(form);
    const request = {
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      body: new Uint8Array(await encoded.arrayBuffer()),
      method: 'POST',
    };
    expect(await ask({ ...request, path: 'v1/audio/translations' })).toMatchObject({ status: 200 });
    expect(asked).toMatchObject([
      { name: 'audio.transcriptions.create', params: { model: 'ear', translate: true, audio: new Float32Array(1) } },
    ]);
    form.append('timestamp_granularities[]', 'word');
    const other = new Response(form);
    const refused = await ask({
      ...request,
      ...{ path: 'v1/audio/transcriptions', headers: { 'content-type': other.headers.get('content-type') ?? '' } },
      body: new Uint8Array(await other.arrayBuffer()),
    });
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('timestamp_granularities') });
  });

  it('list what another computer answers, with who owns it, but for what a model of this device answers', async () => {
    const alias = { alias: 'big', name: 'GPU', url: 'https://gpu.example/v1/', model: 'big-70b', requests: ['completions'], isUsed: true };
    const { ask } = setUp({ ...ANSWERS, upstreams: [alias, { ...alias, alias: 'shadowed', isUsed: false }] });
    const get = async (path: string) => JSON.parse((await ask({ method: 'GET', path })).text);
    expect(await get('v1/models')).toMatchObject({ data: [{ id: 'big', owned_by: 'GPU', sill: { computed_by: 'upstream' } }] });
    expect(await get('v1/models/big')).toMatchObject({ id: 'big', object: 'model' });
    expect(await ask({ method: 'GET', path: 'v1/models/shadowed' })).toMatchObject({ status: 404 });
    expect(await get('api/tags')).toMatchObject({ models: [{ name: 'big', remote_model: 'big-70b', remote_host: alias.url }] });
  });

  it('take options of a stream with a stream only', async () => {
    const { asked, ask } = setUp();
    const post = (request: object) =>
      ask({ method: 'POST', path: 'v1/completions', body: json({ model: 'tiny', prompt: 'Hi', ...request }) });
    const refused = await post({ stream_options: { include_usage: true } });
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('"param":"stream_options"') });
    expect(asked).toEqual([]);
    expect(await post({ stream: true, stream_options: { include_usage: true } })).toMatchObject({ status: 200 });
    expect(await post({ stream_options: null })).toMatchObject({ status: 200 });
  });

  it('are found by path and method, and nothing is done for any other', async () => {
    const { asked, ask } = setUp();
    expect(await ask({ method: 'GET', path: 'v1/none' })).toMatchObject({ status: 404 });
    expect(await ask({ method: 'GET', path: 'api/none' })).toMatchObject({ status: 404, text: expect.stringMatching(/^\{"error":"/) });
    expect(await ask({ method: 'GET', path: 'api/delete' })).toMatchObject({ status: 405, headers: { allow: 'DELETE' } });
    expect(await ask({ method: 'POST', path: 'v1/models/a%2' })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect(await ask({ method: 'POST', path: 'v1/completions', body: json([]) })).toMatchObject({ status: 400 });
    expect(asked).toEqual([]);
    expect(await ask({ method: 'HEAD', path: 'api/version' })).toMatchObject({ status: 200, text: '' });
  });

  it('refuse what the contract refuses, by the name of the field', async () => {
    const { ask } = setUp();
    const { status, text } = await ask({ method: 'POST', path: 'v1/completions', body: json({ model: 'tiny', prompt: 'x', top_p: 2 }) });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { param: 'top_p', type: 'invalid_request_error' } });
    const ollama = { model: 'tiny', prompt: 'x', raw: true, options: { num_predict: 0 } };
    expect(await ask({ method: 'POST', path: 'api/generate', body: json(ollama) })).toMatchObject({
      status: 400,
      text: expect.stringContaining('options.num_predict'),
    });
  });
});

describe('Ollama’s options', () => {
  it('have other names, and what is open stays so', async () => {
    const { asked, ask } = setUp();
    const options = { num_predict: -1, num_keep: 4, top_k: -1, repeat_penalty: 1.1, seed: -1, stop: ['x'], num_ctx: 4096, mirostat: 0 };
    await ask({
      method: 'POST',
      path: 'api/generate',
      body: json({ model: 'tiny:latest', prompt: 'x', raw: true, stream: false, options }),
    });
    expect(asked[0]?.params).toMatchObject({
      model: 'tiny',
      prompt: 'x',
      top_k: 0,
      n_keep: 4,
      repetition_penalty: 1.1,
      stop: ['x'],
      context_shift: false,
    });
    expect(asked[0]?.params).not.toHaveProperty('seed');
    await ask({ method: 'POST', path: 'api/generate', body: json({ model: 'tiny', prompt: 'x', raw: true, stream: false }) });
    expect(asked[1]?.params).toMatchObject({ context_shift: true });
    expect(asked[1]?.params).not.toHaveProperty('temperature', expect.anything());
  });
});
