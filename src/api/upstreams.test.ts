import { describe, expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { parseModelId } from '../core/ids.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { UpstreamCall } from '../ports/upstream.ts';
import type { ChatCompletion, ChatCompletionChunk } from '../protocol/openai.ts';
import type { ChatParams } from '../protocol/openaiRequests.ts';
import { createUpstreamWatch } from '../services/inference/upstreamHealth.ts';
import { createUpstreams } from './upstreams.ts';

const FALLBACK: Upstream = {
  ...{ alias: parseModelId('assistant'), model: 'big', name: 'GPU', url: 'https://gpu.example/v1/' },
  ...{ requests: ['chat.completions'], fallback: parseModelId('tiny'), credentials: false, timeoutMs: 1000 },
};
const { fallback: _, ...LONELY } = FALLBACK;
const { signal } = new AbortController();
const params = (change: Partial<ChatParams> = {}): ChatParams => ({
  model: 'assistant',
  messages: [{ role: 'user', content: 'Hi' }],
  ...change,
});
const choice = (index: number, content: string, finish_reason: string | null = null) => ({
  choices: [{ index, delta: { content }, finish_reason }],
});

const newWatch = (clock = { now: () => 5000, monotonicMs: () => 0 }) => createUpstreamWatch(clock, { tell: () => undefined });

/** What comes of a request when the server sends these events; an error among them is thrown. */
async function answered(events: readonly unknown[], request = params(), upstream: Upstream = FALLBACK, isHere = false, watch = newWatch()) {
  const asked: UpstreamCall[] = [];
  const onDevice: string[] = [];
  const chunks: ChatCompletionChunk[] = [];
  const upstreams = createUpstreams({
    allowed: async () => [upstream],
    server: {
      async *ask(call) {
        asked.push(call);
        for (const event of events) {
          if (event instanceof Error) throw event;
          yield event;
        }
      },
    },
    clock: { now: () => 5000, monotonicMs: () => 0 },
    random: { uuid: () => 'u', uint32: () => 7 },
    watch,
    isHere: async () => isHere,
  });
  const outcome: ChatCompletion | SillError = await upstreams
    .chat(request, { signal, emit: async (chunk) => void chunks.push(chunk) }, async ({ model }) => {
      onDevice.push(model);
      return { model, sill: { computed_by: 'device' } } as unknown as ChatCompletion;
    })
    .catch((error: SillError) => error);
  return { asked, onDevice, chunks, outcome };
}
const GONE = new SillError('network_unavailable', 'gone');

describe('a request for an alias', () => {
  test('with several answers has each of them, in their order, with what was counted', async () => {
    const { outcome, chunks, onDevice } = await answered(
      [
        choice(1, 'B'),
        choice(0, 'A'),
        choice(1, 'b', 'length'),
        choice(0, '', 'stop'),
        { choices: [], usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } },
      ],
      params({ stream: true, n: 2, stream_options: { include_usage: true } }),
    );
    expect(outcome).toMatchObject({
      choices: [
        { message: { content: 'A' }, finish_reason: 'stop' },
        { message: { content: 'Bb' }, finish_reason: 'length' },
      ],
      ...{ usage: { total_tokens: 5 }, sill: { computed_by: 'upstream', upstream: { name: 'GPU', model: 'big' } } },
    });
    expect(chunks.map(({ choices }) => choices.map(({ index, delta }) => [index, delta.role, delta.content]))).toEqual([
      [[1, 'assistant', 'B']],
      [[0, 'assistant', 'A']],
      [[1, undefined, 'b']],
      [
        [0, undefined, undefined],
        [1, undefined, undefined],
      ],
      [],
    ]);
    expect(onDevice).toEqual([]);
  });

  test('is answered by the device while the reader has nothing, and fails afterwards', async () => {
    const silent = await answered([{ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }, GONE], params({ stream: true }));
    expect(silent).toMatchObject({
      onDevice: ['tiny'],
      outcome: { sill: { instead_of: { name: 'GPU', error: { code: 'network_unavailable' } } } },
    });
    const begun = await answered([choice(0, 'A'), GONE], params({ stream: true }));
    expect(begun).toMatchObject({ onDevice: [], outcome: { code: 'network_unavailable' } });
    // Nobody has seen anything of an answer that is given whole.
    expect(await answered([choice(0, 'A'), GONE])).toMatchObject({ onDevice: ['tiny'] });
    expect(await answered([GONE], params(), LONELY)).toMatchObject({ onDevice: [], outcome: { code: 'network_unavailable' } });
  });

  test('that is cut, or answered by something else than an answer, is a failure of the server', async () => {
    for (const events of [[], [choice(0, 'A')], [{ choices: 'none' }], ['text']]) {
      expect(await answered(events, params(), LONELY)).toMatchObject({ outcome: { code: 'upstream_failed' } });
    }
  });

  test('which another engine began goes on where it was computed, or ends honestly', async () => {
    const resume = (ids: number[]) => params({ stream: true, resume: { id: 'x', token_ids: [ids] } });
    expect(await answered([choice(0, 'A', 'stop')], resume([]))).toMatchObject({
      asked: [],
      onDevice: [],
      outcome: { code: 'worker_lost' },
    });
    expect(await answered([choice(0, 'A', 'stop')], resume([5]))).toMatchObject({ asked: [], onDevice: ['tiny'] });
  });

  test('never leaves the device where a model of that name is on it, nor does any other request', async () => {
    expect(await answered([], params(), FALLBACK, true)).toMatchObject({ asked: [], onDevice: ['assistant'] });
    expect(await answered([], params({ model: 'tiny' }))).toMatchObject({ asked: [], onDevice: ['tiny'] });
  });

  test('is answered by the device at once while its server rests from failing, which each answer tells, and goes there again later', async () => {
    let nowMs = 0;
    const watch = newWatch({ now: () => nowMs, monotonicMs: () => nowMs });
    const ask = (events: readonly unknown[], upstream = FALLBACK) => answered(events, params(), upstream, false, watch);
    for (let i = 0; i < 3; i += 1) expect((await ask([GONE])).asked).toHaveLength(1);
    expect(watch.health(FALLBACK.url)).toMatchObject({
      state: 'rests',
      failures: 3,
      retryAtMs: 5000,
      error: { code: 'network_unavailable' },
    });
    const rested = await ask([choice(0, 'A', 'stop')]);
    expect(rested).toMatchObject({ asked: [], onDevice: ['tiny'] });
    expect(rested.outcome).toMatchObject({
      sill: {
        instead_of: {
          error: { code: 'upstream_failed', message: expect.stringContaining('3 times in a row'), details: { retryAfterSeconds: 5 } },
        },
      },
    });
    // Where nobody stands in it is tried all the same.
    expect((await ask([GONE], LONELY)).asked).toHaveLength(1);
    nowMs = 5000;
    expect(await ask([choice(0, 'A', 'stop')])).toMatchObject({ onDevice: [], asked: [{ path: 'chat/completions' }] });
    expect(watch.health(FALLBACK.url)).toEqual({ state: 'answers', failures: 0, answeredAtMs: 5000 });
  });

  test('that is wrong says nothing against its server', async () => {
    const watch = newWatch();
    for (let i = 0; i < 4; i += 1)
      expect((await answered([new SillError('invalid_request', 'no')], params(), FALLBACK, false, watch)).asked).toHaveLength(1);
    expect(watch.health(FALLBACK.url).state).toBe('answers');
  });

  test('takes along what other servers know, and nothing else', async () => {
    const { asked } = await answered(
      [choice(0, 'A', 'stop')],
      params({ temperature: 0.5, seed: null, drawn_seed: 3, cache_salt: 'me', context_shift: true, top_k: 4 }),
    );
    expect(asked[0]).toMatchObject({ url: 'https://gpu.example/v1/', path: 'chat/completions', silenceMs: 1000 });
    expect(asked[0]?.body).toEqual({
      ...{ model: 'big', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.5, top_k: 4 },
      ...{ stream: true, stream_options: { include_usage: true } },
    });
  });
});
