import { describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { Grammars } from './grammars.ts';
import { run } from './testing/toyAnswers.ts';
import { createToy, END } from './testing/toyModel.ts';

describe('an answer that is held to a form', () => {
  /** Allows these letters one after the other, then nothing but the end. */
  const spelling = (words: string): Grammars & { readonly ended: number } => {
    const state = { ended: 0 };
    return {
      get ended() {
        return state.ended;
      },
      begin() {
        const ids: number[] = [];
        const next = () => words.charCodeAt(ids.length) - 97;
        return {
          accept: (id) => void ids.push(id),
          follow: (id) => void ids.push(id),
          allowed: async () => ({
            mask: Int32Array.of(ids.length < words.length ? 1 << next() : 1 << END),
            isComplete: ids.length >= words.length,
          }),
          end: () => {
            state.ended += 1;
          },
        };
      },
    };
  };
  const held = { format: { kind: 'object' } } as const;

  it('has no token but those that may come, however it is biased, and ends as soon as it is whole', async () => {
    for (const change of [{}, { temperature: 2 }, { temperature: 1, topK: 3, topP: 0.5 }, { logitBias: [[23, 100]] as const }]) {
      const grammars = spelling('zebra');
      const { result, pieces } = await run(createToy({ grammars }), 'a', { ...held, ...change, maxTokens: 20 });
      expect(result).toMatchObject({ text: 'zebra', finishReason: 'stop', completionTokens: 5 });
      expect(pieces.map((piece) => piece.text).join('')).toBe('zebra');
      expect(grammars.ended).toBe(1);
    }
  });

  it('is whole when its last token was the last that it could have, and cut one token before', async () => {
    const end = async (maxTokens: number) => (await run(createToy({ grammars: spelling('zebra') }), 'a', { ...held, maxTokens })).result;
    expect(await end(5)).toMatchObject({ text: 'zebra', finishReason: 'stop' });
    expect(await end(4)).toMatchObject({ text: 'zebr', finishReason: 'length', completionTokens: 4 });
  });

  it('is cut by a stop string, and says so', async () => {
    const { result } = await run(createToy({ grammars: spelling('zebra') }), 'a', { ...held, stop: ['b'] });
    expect(result).toMatchObject({ text: 'ze', finishReason: 'length' });
  });

  it('goes on from tokens that are given', async () => {
    for (const logprobs of [{}, { logprobs: 1 }]) {
      const { result, pieces } = await run(createToy({ grammars: spelling('zebra') }), 'a', { ...held, ...logprobs, given: [[25, 4, 1]] });
      expect(result).toMatchObject({ text: 'zebra', finishReason: 'stop', givenTokens: 3 });
      expect(pieces.map((piece) => piece.text).join('')).toBe('ra');
    }
    const toy = createToy({ grammars: spelling('zebra') });
    const cut = await run(toy, 'a', { ...held, maxTokens: 3, given: [[25, 4, 1, 17, 0]] });
    expect(cut.result).toMatchObject({ text: 'zeb', finishReason: 'length', completionTokens: 3 });
    const whole = await run(createToy({ grammars: spelling('zebra') }), 'a', { ...held, given: [[25, 4, 1, 17, 0]] });
    expect(whole.result).toMatchObject({ text: 'zebra', finishReason: 'stop', completionTokens: 5 });
  });

  it('keeps the log-probabilities of the model', async () => {
    const { result } = await run(createToy({ grammars: spelling('z') }), 'a', { ...held, logprobs: 1 });
    expect(result.logprobs?.[0]).toMatchObject({ text: 'z', top: [{ text: 'b' }] });
    expect(result.logprobs?.[0]?.logprob).toBeLessThan(-9);
  });

  it('leaves no matcher behind when it is cancelled', async () => {
    const grammars = spelling('zebra'.repeat(10));
    const abort = new AbortController();
    const toy = createToy({ grammars, beforeStep: async () => abort.abort(new SillError('aborted', 'gone')) });
    await expect(run(toy, 'a', { ...held, n: 2 }, abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(grammars.ended).toBe(2);
  });
});
