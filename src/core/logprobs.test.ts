import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogprobs } from './logprobs.ts';
import { createSampler } from './sampling.ts';

describe('log-probabilities', () => {
  it('are the logarithm of the softmax of the scores', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 50 }), fc.nat(60), (tenths, top) => {
        const logits = tenths.map((value) => value / 8);
        const logprobs = createLogprobs(logits.length, top);
        logprobs.read(Float32Array.from(logits));
        const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        for (const [id, logit] of logits.entries()) expect(logprobs.of(id).logprob).toBeCloseTo(Math.log(Math.exp(logit) / sum), 6);
        const sorted = logits.map((logit, id) => ({ id, logit })).sort((a, b) => b.logit - a.logit || a.id - b.id);
        expect(logprobs.top().map(({ id }) => id)).toEqual(sorted.slice(0, top).map(({ id }) => id));
      }),
    );
  });

  it('do not see what a sampler then writes into the scores', () => {
    const logits = Float32Array.of(3, 1, 0);
    const logprobs = createLogprobs(3, 1);
    logprobs.read(logits);
    const greedy = { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 5, seed: 1 };
    createSampler({ ...greedy, logitBias: [[1, 50]] }, 3, [0]).choose(logits);
    expect(Math.exp(logprobs.of(0).logprob)).toBeCloseTo(Math.exp(3) / (Math.exp(3) + Math.exp(1) + 1), 6);
    expect(logprobs.top()[0]?.id).toBe(0);
  });

  it('hold for scores whose exponentials are beyond all numbers', () => {
    const logprobs = createLogprobs(3, 3);
    logprobs.read(Float32Array.of(1000, 1000, Number.NEGATIVE_INFINITY));
    const [first, second, last] = logprobs.top().map(({ logprob }) => logprob);
    expect(first).toBeCloseTo(-Math.LN2, 9);
    expect([second, last]).toEqual([first, -9999]);
  });
});
