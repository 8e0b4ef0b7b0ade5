import { describe, expect, test } from 'vitest';
import { engineFailover, httpContinuation } from './engineFailover.ts';
import type { HttpItem } from './http.ts';
import type { ChatCompletionChunk, Completion } from './openai.ts';

const chunk = (index: number, text: string, token_ids: readonly number[]): Completion => ({
  ...{ id: 'cmpl-1', object: 'text_completion', created: 0, model: 'stories15m' },
  choices: [{ index, text, finish_reason: null, logprobs: null, token_ids }],
});

const continuedText = (request: Record<string, unknown> = {}) => {
  const continuation = engineFailover.continued['completions.create']?.({ model: 'stories15m', prompt: 'Once', ...request });
  if (!continuation) throw new Error('a text is not continued');
  return continuation;
};

describe('a text that is asked of another engine', () => {
  test('is asked for with the same draws, and anew while nothing of it came', () => {
    const { params } = continuedText();
    const { drawn_seed } = params();
    expect(drawn_seed).toEqual(expect.any(Number));
    expect(params()).toEqual({ model: 'stories15m', prompt: 'Once', drawn_seed, return_token_ids: true });
    expect(continuedText({ seed: 7 }).params()).toMatchObject({ seed: 7 });
    expect(continuedText({ seed: 7 }).params()).not.toHaveProperty('drawn_seed');
  });

  test('goes on behind the tokens that came, under the name that it began with', () => {
    const { params, take } = continuedText({ n: 2 });
    take(chunk(0, ' upon', [5]));
    take(chunk(1, ' there', [8]));
    take(chunk(0, ' a', [6, 7]));
    expect(params().resume).toEqual({ id: 'cmpl-1', token_ids: [[5, 6, 7], [8]] });
  });

  test('goes on behind what was asked for already, when it was begun elsewhere', () => {
    const { params, take } = continuedText({ resume: { id: 'cmpl-0', token_ids: [[3]] } });
    take(chunk(0, ' upon', [5]));
    expect(params().resume).toEqual({ id: 'cmpl-0', token_ids: [[3, 5]] });
  });

  test('shows its reader no token ids that were not asked for', () => {
    expect(continuedText().take(chunk(0, ' upon', [5])).choices[0]).not.toHaveProperty('token_ids');
    expect(continuedText({ return_token_ids: true }).take(chunk(0, ' upon', [5])).choices[0]?.token_ids).toEqual([5]);
  });

  test('is continued in a conversation too', () => {
    const continuation = engineFailover.continued['chat.completions.create']?.({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    const delta: ChatCompletionChunk = {
      ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'm' },
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null, logprobs: null, token_ids: [1, 2] }],
    };
    expect(continuation?.take(delta).choices[0]?.delta).toEqual({ role: 'assistant', content: 'Hello' });
    expect(continuation?.params().resume).toEqual({ id: 'chatcmpl-1', token_ids: [[1, 2]] });
  });
});

test('an answer over HTTP goes on behind all that its reader has, whichever engines told it', () => {
  const request = { method: 'POST', path: 'v1/completions' };
  const body = (mark?: string): HttpItem => ({ kind: 'body', bytes: new Uint8Array(1), ...(mark === undefined ? {} : { mark }) });
  const { params, take } = httpContinuation(request);
  expect(params()).toEqual(request);
  // Where nothing of it came it is asked for again from its beginning, and the engine is told so much.
  take({ kind: 'head', status: 200, headers: {} });
  take(body());
  expect(params()).toEqual({ ...request, resume: '' });
  for (const mark of ['a\n', undefined, 'b\n']) take(body(mark));
  expect(params()).toEqual({ ...request, resume: 'a\nb\n' });
  const across = httpContinuation({ ...request, resume: 'a\n' });
  expect(across.params()).toMatchObject({ resume: 'a\n' });
  across.take(body('b\n'));
  expect(across.params()).toMatchObject({ resume: 'a\nb\n' });
});

test('whoever watches is told that anything may have changed while nobody told', () => {
  const missed = engineFailover.continued.watch?.({}).missed?.() ?? [];
  expect(missed.map(({ type }) => type).sort()).toEqual([
    'benchmarks',
    'conversations',
    'documents',
    'downloads',
    'evaluations',
    'events',
    'guests',
    'imports',
    'kiosk',
    'log',
    'memory',
    'models',
    'updates',
    'upstreams',
  ]);
});
