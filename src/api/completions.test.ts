import { describe, expect, it } from 'vitest';
import { checkSchema } from '../platform/schemaCheck.ts';
import type { GeneratedPiece, GeneratedToken } from '../ports/generation.ts';
import type { ChatCompletionChunk, Completion } from '../protocol/openai.ts';
import type { Generated, GenerateOptions, Inference } from '../services/inference/inference.ts';
import { createChatCompletion, createCompletion } from './completions.ts';

const signal = new AbortController().signal;
const clock = { now: () => 5_000, monotonicMs: () => 0 };
const random = { uuid: () => 'u', uint32: () => 7, uniform: () => 0 };
const run = {
  model: 'tiny',
  revision: 'r',
  variant: 'v',
  dtype: 'int8',
  device: 'wasm',
  build: 'plain',
  threads: 1,
  runtime: 'test',
} as unknown as Generated['run'];

const token = (text: string, offset: number, top: ReadonlyArray<readonly [string, number]>): GeneratedToken => ({
  text,
  bytes: [...new TextEncoder().encode(text)],
  logprob: -1,
  offset,
  top: top.map(([other, logprob]) => ({ text: other, logprob, bytes: [...new TextEncoder().encode(other)] })),
});

const TOKENS = [token('Hi', 0, [['Ho', -0.5]]), token('!', 2, [['!', -1]])];

function fake(pieces: readonly GeneratedPiece[], change: Partial<Generated> = {}) {
  const asked: GenerateOptions[] = [];
  const result = {
    text: 'Hi!',
    tokenIds: [1, 2],
    finishReason: 'stop',
    promptTokens: 10,
    completionTokens: 2,
    ttftMs: 1,
    prefillMs: 1,
    decodeMs: 1,
    seed: 7,
    requestTtftMs: 2,
    run,
    ...change,
  } satisfies Generated;
  const inference: Pick<Inference, 'generate'> = {
    async generate(_, options, { onPiece }) {
      asked.push(options);
      for (const piece of pieces) await onPiece?.(piece);
      return result;
    },
  };
  const refuse = () => Promise.reject(new Error('not part of this test'));
  return {
    asked,
    deps: { inference: { ...inference, embed: refuse, transcribe: refuse }, clock, random, loadSchemaCheck: async () => checkSchema },
  };
}

const silent = { signal, emit: async () => undefined };

describe('completions', () => {
  it('hand on every parameter, and leave open what the request leaves open', async () => {
    const { asked, deps } = fake([]);
    await createCompletion(deps, { model: 'tiny', prompt: 'x', min_p: null }, silent);
    await createCompletion(
      deps,
      {
        model: 'tiny',
        prompt: 'x',
        n: 2,
        min_p: 0.1,
        presence_penalty: 1,
        frequency_penalty: -1,
        logit_bias: { 5: -100, 17: 2 },
        logprobs: 0,
        context_shift: true,
        n_keep: -1,
        cache_prompt: false,
        cache_salt: 'guest',
      },
      silent,
    );
    const [open = {}, stated] = asked;
    expect(Object.entries(open).filter(([key, value]) => value !== undefined && key !== 'input')).toEqual([]);
    expect(stated).toMatchObject({
      n: 2,
      minP: 0.1,
      presencePenalty: 1,
      frequencyPenalty: -1,
      logprobs: 0,
      contextShift: { keep: -1 },
      cachePrompt: false,
      cacheSalt: 'guest',
    });
    expect(stated?.logitBias).toEqual([
      [5, -100],
      [17, 2],
    ]);
  });

  it('have the chosen token among its alternatives, in the older shape', async () => {
    const { deps } = fake([], { logprobs: TOKENS });
    const { choices } = await createCompletion(deps, { model: 'tiny', prompt: 'x', logprobs: 1 }, silent);
    expect(choices[0]?.logprobs).toEqual({
      tokens: ['Hi', '!'],
      token_logprobs: [-1, -1],
      top_logprobs: [{ Ho: -0.5, Hi: -1 }, { '!': -1 }],
      text_offset: [0, 2],
    });
  });

  it('say how much of the prompt was cached, and give no speed of what was not evaluated', async () => {
    const cached = await createCompletion(fake([], { cachedTokens: 10, truncated: true }).deps, { model: 'tiny', prompt: 'x' }, silent);
    expect(cached.usage?.prompt_tokens_details).toEqual({ cached_tokens: 10 });
    expect(cached.sill?.timings.prompt_tokens_per_second).toBeUndefined();
    expect(cached.sill?.truncated).toBe(true);
    const fresh = await createCompletion(fake([]).deps, { model: 'tiny', prompt: 'x' }, silent);
    expect(fresh.sill?.timings.prompt_tokens_per_second).toBe(10_000);
  });

  it('stream each answer under its index, and end all of them', async () => {
    const others = [{ text: 'Yo', tokenIds: [3], finishReason: 'length' }] as const;
    const { deps } = fake(
      [
        { text: 'Hi', tokenIds: [1] },
        { index: 1, text: 'Yo', tokenIds: [3] },
        { text: '!', tokenIds: [2] },
      ],
      { others },
    );
    const chunks: Completion[] = [];
    const emit = async (chunk: Completion) => void chunks.push(chunk);
    const whole = await createCompletion(deps, { model: 'tiny', prompt: 'x', n: 2, stream: true }, { signal, emit });
    expect(chunks.map(({ choices }) => choices.map(({ index, text, finish_reason }) => [index, text, finish_reason]))).toEqual([
      [[0, 'Hi', null]],
      [[1, 'Yo', null]],
      [[0, '!', null]],
      [
        [0, '', 'stop'],
        [1, '', 'length'],
      ],
    ]);
    expect(whole.choices.map(({ text }) => text)).toEqual(['Hi!', 'Yo']);
  });
});

describe('chat completions', () => {
  it('name the role once for each answer, and carry log-probabilities with their bytes', async () => {
    const [first, second] = TOKENS;
    if (!first || !second) throw new Error('two tokens are needed');
    const pieces = [
      { text: 'Hi', tokenIds: [1], logprobs: [first] },
      { index: 1, text: 'Yo', tokenIds: [3] },
      { text: '!', tokenIds: [2] },
    ];
    const { asked, deps } = fake(pieces, { logprobs: TOKENS });
    const chunks: ChatCompletionChunk[] = [];
    const emit = async (chunk: ChatCompletionChunk) => void chunks.push(chunk);
    const messages = [{ role: 'user' as const, content: 'x' }];
    const whole = await createChatCompletion(deps, { model: 'tiny', messages, logprobs: true, stream: true }, { signal, emit });
    expect(asked[0]?.logprobs).toBe(0);
    expect(chunks.slice(0, 3).map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: 'Hi' },
      { role: 'assistant', content: 'Yo' },
      { content: '!' },
    ]);
    const entry = { token: 'Hi', logprob: -1, bytes: [72, 105], top_logprobs: [{ token: 'Ho', logprob: -0.5, bytes: [72, 111] }] };
    expect(chunks[0]?.choices[0]?.logprobs).toEqual({ content: [entry], refusal: null });
    expect(whole.choices[0]?.logprobs?.content).toHaveLength(2);
  });
});
