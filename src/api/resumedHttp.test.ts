import { describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import { checkSchema } from '../platform/schemaCheck.ts';
import type { GeneratedPiece, GeneratedToken } from '../ports/generation.ts';
import type { HttpItem, HttpRequest } from '../protocol/http.ts';
import type { Generated, Inference } from '../services/inference/inference.ts';
import { createChatCompletion, createCompletion } from './completions.ts';
import type { EngineHandlers } from './http/ask.ts';
import { withHttp } from './http/httpHandler.ts';

const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
const refuse = () => Promise.reject(new Error('not part of this test'));
const run = { model: 'tiny', computed_by: 'device' } as unknown as Generated['run'];

const token = (text: string): GeneratedToken => ({
  ...{ text, logprob: -1, offset: 0, bytes: [...new TextEncoder().encode(text)] },
  top: [{ text, logprob: -1, bytes: [] }],
});
/** Of each answer: two tokens in a piece, and one of which nothing is to be seen yet. */
const TEXT: readonly GeneratedPiece[] = [
  { text: 'Once upon', tokenIds: [11, 12], logprobs: [token('Once'), token(' upon')] },
  { text: '', tokenIds: [13], logprobs: [] },
  { text: ' a time', tokenIds: [14, 15], logprobs: [token(' a'), token(' time')] },
  { text: '.', tokenIds: [16], logprobs: [token('.')] },
];
const CALLING: readonly GeneratedPiece[] = [
  { text: 'Let me see', tokenIds: [21], logprobs: [] },
  { text: '', tokenIds: [22], toolCalls: [{ index: 0, name: 'look', arguments: '{' }], logprobs: [] },
  { text: '', tokenIds: [23], toolCalls: [{ index: 0, arguments: '}' }], logprobs: [] },
];
const CALLED = [{ name: 'look', arguments: '{}' }];

interface EngineOptions {
  readonly name: string;
  readonly pieces?: readonly GeneratedPiece[];
  readonly handlers?: Readonly<Record<string, (params: unknown, call: { emit(item: unknown): Promise<void> }) => Promise<unknown>>>;
}

/** An engine that writes the same as all others, behind what is given, and calls its answers by its own name and time. */
function engine({ name, pieces = TEXT, handlers = {} }: EngineOptions) {
  const seeds: unknown[] = [];
  const inference: Inference = {
    async generate(_, options, { onPiece }) {
      seeds.push(options.seed ?? options.drawnSeed);
      const n = options.n ?? 1;
      for (const [at, piece] of pieces.entries()) {
        const before = pieces.slice(0, at).reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
        for (let index = 0; index < n; index++) {
          if (before >= (options.given?.[index]?.length ?? 0)) await onPiece?.(index === 0 ? piece : { index, ...piece });
        }
      }
      const answer = {
        text: pieces.map(({ text }) => text).join(''),
        tokenIds: pieces.flatMap(({ tokenIds }) => tokenIds),
        finishReason: 'stop' as const,
        ...(pieces === CALLING ? { toolCalls: CALLED } : {}),
      };
      return {
        ...answer,
        ...(n > 1 ? { others: Array.from({ length: n - 1 }, () => answer) } : {}),
        ...{ promptTokens: 3, completionTokens: n * answer.tokenIds.length, ttftMs: 1, prefillMs: 1, decodeMs: 1 },
        ...{ seed: 7, requestTtftMs: 1, run },
      };
    },
    embed: refuse,
    transcribe: refuse,
  };
  const clock = { now: () => 1000 * name.charCodeAt(0), monotonicMs: () => 0 };
  const random = { uuid: () => name, uint32: () => 7, uniform: () => 0 };
  const deps = { inference, clock, random, loadSchemaCheck: async () => checkSchema };
  const signal = new AbortController().signal;
  const all: Record<string, unknown> = {
    'completions.create': (params: never, call: never) => createCompletion(deps, params, call),
    'chat.completions.create': (params: never, call: never) => createChatCompletion(deps, params, call),
    ...handlers,
  };
  const answering = new Proxy({}, { get: (_, method: string) => all[method] }) as EngineHandlers;
  const { http } = withHttp(answering, { decodeAudio: async () => new Float32Array(1), version: '1' });
  return {
    seeds,
    async ask(request: HttpRequest): Promise<HttpItem[]> {
      const items: HttpItem[] = [];
      await http({ ...request, headers: request.headers ?? {} }, { signal, emit: async (item) => void items.push(item) });
      return items;
    },
  };
}

const textOf = (items: readonly HttpItem[]) =>
  items.map((item) => (item.kind === 'body' ? new TextDecoder().decode(item.bytes) : '')).join('');
const marksOf = (items: readonly HttpItem[]) => items.map((item) => (item.kind === 'body' ? (item.mark ?? '') : '')).join('');
/** How long something took, when a line of Ollama's or a response was begun, and what a response is called. */
const timeless = (text: string) =>
  text.replaceAll(/"(\w+_duration|created_at)":(?:\d+|"[^"]+")/g, '"$1":0').replaceAll(/_[0-9a-f]{32}/g, '_…');
const namesIn = (text: string) => new Set(text.match(/_[0-9a-f]{32}/g)).size;

/** What a reader has in the end, for each place where the first engine may have been lost: it goes on from the marks of what came, and from nothing else. */
async function cutEverywhere(request: HttpRequest, options: Omit<EngineOptions, 'name'> = {}) {
  const items = await engine({ name: 'a', ...options }).ask(request);
  const whole = textOf(items);
  const anew = textOf(await engine({ name: 'b', ...options }).ask(request));
  const wrong: { readonly at: number; readonly text: string }[] = [];
  for (let at = 0; at <= items.length; at++) {
    const had = items.slice(0, at);
    const resume = marksOf(had);
    const rest = await engine({ name: 'b', ...options }).ask({ ...request, resume });
    // Who has nothing yet is answered from the beginning, head and all.
    const all = resume === '' ? rest : [...had, ...rest];
    const text = textOf(all);
    const isRight = timeless(text) === timeless(resume === '' ? anew : whole) && namesIn(text) === namesIn(whole);
    if (!isRight || all.filter(({ kind }) => kind === 'head').length !== 1) wrong.push({ at, text });
  }
  return { items, whole, wrong };
}

const MESSAGES = [{ role: 'user', content: 'Hi' }];
const TOOLS = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
const post = (path: string, body: object): HttpRequest => ({ method: 'POST', path, body: json({ model: 'tiny', ...body }) });

describe('a stream whose engine is lost in the middle goes on in the next one, wherever that was', () => {
  it.each([
    [
      'a conversation',
      post('v1/chat/completions', { messages: MESSAGES, stream: true, logprobs: true, stream_options: { include_usage: true } }),
    ],
    ['several answers', post('v1/chat/completions', { messages: MESSAGES, stream: true, n: 2, seed: 3 })],
    ['a text', post('v1/completions', { prompt: 'Once', stream: true, logprobs: 1, return_token_ids: true })],
    [
      'texts of several prompts',
      post('v1/completions', { prompt: ['Once', 'Then'], n: 2, stream: true, stream_options: { include_usage: true } }),
    ],
    ['a response', post('v1/responses', { input: 'Hi', stream: true, include: ['message.output_text.logprobs'] })],
    ['a generated text', post('api/generate', { prompt: 'Once', raw: true, logprobs: true })],
    ['a generated conversation', post('api/generate', { prompt: 'Once', system: 'Tell.' })],
    ['a chat', post('api/chat', { messages: MESSAGES })],
  ])('as %s', async (_, request) => {
    const { wrong, items } = await cutEverywhere(request);
    expect(items.length).toBeGreaterThan(4);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['a conversation', post('v1/chat/completions', { messages: MESSAGES, tools: TOOLS, stream: true })],
    ['a response', post('v1/responses', { input: 'Hi', stream: true, tools: [{ type: 'function', ...TOOLS[0]?.function }] })],
    ['a chat', post('api/chat', { messages: MESSAGES, tools: TOOLS })],
  ])('as %s that calls a tool', async (_, request) => {
    const { wrong, whole } = await cutEverywhere(request, { pieces: CALLING });
    expect(whole).toContain('look');
    expect(wrong).toEqual([]);
  });

  it('more than once, with the draws of the first', async () => {
    const request = post('v1/completions', { prompt: 'Once', stream: true });
    const [first, second, third] = ['a', 'b', 'c'].map((name) => engine({ name }));
    const items = (await first?.ask(request)) ?? [];
    const had = items.slice(0, 2);
    const next = (await second?.ask({ ...request, resume: marksOf(had) }))?.slice(0, 1) ?? [];
    const rest = (await third?.ask({ ...request, resume: marksOf([...had, ...next]) })) ?? [];
    expect(textOf([...had, ...next, ...rest])).toBe(textOf(items));
    const seeds = [first, second, third].map((each) => each?.seeds[0]);
    expect(seeds).toEqual(Array(3).fill(expect.any(Number)));
    expect(new Set(seeds).size).toBe(1);
  });

  it('as a download, which tells on', async () => {
    const progress = [1, 2, 3].map((part) => ({ phase: 'downloading', storedBytes: part, totalBytes: 3 }));
    const install = async (_: unknown, { emit }: { emit(item: unknown): Promise<void> }) => {
      for (const item of progress) await emit(item);
    };
    const request = post('api/pull', {});
    const first = await engine({ name: 'a', handlers: { 'models.install': install } }).ask(request);
    const had = first.slice(0, 3);
    const rest = await engine({ name: 'b', handlers: { 'models.install': async (params, call) => install(params, call) } }).ask({
      ...request,
      resume: marksOf(had),
    });
    const lines = textOf([...had, ...rest])
      .trim()
      .split('\n')
      .map((line): { status: string; completed?: number } => JSON.parse(line));
    expect(lines.filter(({ status }) => status === 'pulling manifest')).toHaveLength(1);
    expect(lines.at(-1)).toEqual({ status: 'success' });
    expect(lines.flatMap(({ completed }) => completed ?? []).at(-1)).toBe(3);
  });

  it('as a transcript, which is heard from its beginning and told on', async () => {
    const segments = ['One', ' two', ' three'].map((text, id) => ({ id, start: id, end: id + 1, text }));
    const transcribe = async (_: unknown, { emit }: { emit(item: unknown): Promise<void> }) => {
      for (let heard = 1; heard <= 3; heard++) await emit({ done_seconds: heard, total_seconds: 3, segments: segments.slice(0, heard) });
      return { text: 'One two three', duration: 3, segments, sill: {} };
    };
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: 'ear', stream: 'true' })) form.set(name, value);
    form.set('file', new Blob(['x']), 'x.wav');
    const encoded = new Response(form);
    const request = {
      ...{ method: 'POST', path: 'v1/audio/transcriptions', body: new Uint8Array(await encoded.arrayBuffer()) },
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    };
    const { wrong } = await cutEverywhere(request, { handlers: { 'audio.transcriptions.create': transcribe } });
    expect(wrong).toEqual([]);
  });
});

describe('what cannot go on', () => {
  it('is told, of marks that another version wrote', async () => {
    const request = { ...post('v1/completions', { prompt: 'Once', stream: true }), resume: '{"ids":"5"}\n' };
    await expect(engine({ name: 'b' }).ask(request)).rejects.toMatchObject({ code: 'worker_lost' });
  });

  it('is answered from its beginning where nobody has any of it, also what is not streamed', async () => {
    const request = post('v1/completions', { prompt: 'Once' });
    const { wrong } = await cutEverywhere(request);
    expect(wrong).toEqual([]);
  });

  it('is deleted, where the engine before did it and did not live to say so', async () => {
    const gone = async () => Promise.reject(new SillError('unknown_model', 'This device has no model "tiny".'));
    const again = engine({ name: 'b', handlers: { 'models.remove': gone } });
    const request = { method: 'DELETE', path: 'api/delete', body: json({ model: 'tiny' }) };
    expect((await again.ask({ ...request, resume: '' }))[0]).toMatchObject({ kind: 'head', status: 200 });
    expect((await again.ask(request))[0]).toMatchObject({ kind: 'head', status: 404 });
  });
});
