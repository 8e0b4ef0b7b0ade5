import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SillError } from './errors.ts';
import { createSampler, type SamplingOptions } from './sampling.ts';

const NEUTRAL: SamplingOptions = { temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1 };

/** The definition, written out: full sort, no shortcuts. */
function referenceDistribution(logits: readonly number[], { temperature, topP, topK }: SamplingOptions): number[] {
  const order = logits.map((_, id) => id).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const allowed = order.slice(0, topK > 0 ? topK : order.length);
  const max = Math.max(...logits);
  const weights = allowed.map((id) => Math.exp(((logits[id] ?? 0) - max) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  const out = logits.map(() => 0);
  let mass = 0;
  for (const [i, id] of allowed.entries()) {
    if (mass >= topP * total && i > 0) break;
    mass += weights[i] ?? 0;
    out[id] = weights[i] ?? 0;
  }
  return out.map((weight) => weight / mass);
}

function observe(logits: readonly number[], options: SamplingOptions, draws: number): number[] {
  const sampler = createSampler(options, logits.length, []);
  const counts = logits.map(() => 0);
  const scores = Float32Array.from(logits);
  for (let i = 0; i < draws; i++) {
    const id = sampler.choose(scores);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}

const distance = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + Math.abs(x - (b[i] ?? 0)), 0) / 2;

const LOGITS = Array.from({ length: 40 }, (_, i) => 3 * Math.sin(i * 1.7) - i / 25);

describe('sampling', () => {
  it.each([
    ['everything', {}],
    ['a low temperature', { temperature: 0.5 }],
    ['a high temperature', { temperature: 2 }],
    ['top-k', { topK: 5 }],
    ['top-p', { topP: 0.7 }],
    ['a top-p that nearly keeps all', { topP: 0.995, temperature: 1.5 }],
    ['top-k, then top-p', { topK: 8, topP: 0.6, temperature: 1.3 }],
  ])('draws as often as the definition says: %s', (_, change) => {
    const options = { ...NEUTRAL, ...change };
    const observed = observe(LOGITS, options, 20_000);
    const expected = referenceDistribution(LOGITS, options);
    // Sampling noise of 20,000 draws over 40 outcomes is at most about 0.018.
    expect(distance(observed, expected)).toBeLessThan(0.03);
    for (const [id, share] of expected.entries()) if (share === 0) expect(observed[id]).toBe(0);
  });

  it('never leaves the kept tokens, whatever the scores and settings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.record({
          temperature: fc.constantFrom(0, 0.2, 1, 3),
          topP: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
          topK: fc.constantFrom(0, 1, 3, 50, 500),
          seed: fc.nat(),
        }),
        (logits, change) => {
          const options = { ...NEUTRAL, ...change };
          const id = createSampler(options, logits.length, []).choose(Float32Array.from(logits));
          const best = logits.indexOf(Math.max(...logits));
          if (options.temperature === 0 || options.topP === 0) expect(id).toBe(best);
          else {
            // A token at the very border of the nucleus may fall either way by rounding.
            const kept = referenceDistribution(logits, { ...options, topP: Math.min(1, options.topP + 1e-6) });
            expect(kept[id]).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('gives the same tokens for the same seed and others for another', () => {
    const tokens = (seed: number) => {
      const sampler = createSampler({ ...NEUTRAL, seed }, LOGITS.length, []);
      return Array.from({ length: 50 }, () => sampler.choose(Float32Array.from(LOGITS)));
    };
    expect(tokens(7)).toEqual(tokens(7));
    expect(tokens(7)).not.toEqual(tokens(8));
    expect(tokens(7)).not.toEqual(tokens(7 + 2 ** 32));
  });

  it('takes the first of equal scores when greedy', () => {
    const sampler = createSampler({ ...NEUTRAL, temperature: 0 }, 4, []);
    expect(sampler.choose(Float32Array.of(1, 5, 5, 2))).toBe(1);
  });

  it('makes tokens of the prompt and of the answer less likely by the repetition penalty', () => {
    const sampler = createSampler({ ...NEUTRAL, temperature: 0, repetitionPenalty: 2 }, 4, [0]);
    const logits = () => Float32Array.of(10, 6, 4, -1);
    expect(sampler.choose(logits())).toBe(1);
    expect(sampler.choose(logits())).toBe(0);
    expect(createSampler({ ...NEUTRAL, temperature: 0, repetitionPenalty: 4 }, 2, [0]).choose(Float32Array.of(-1, -3))).toBe(1);
  });

  it('says that the model overflowed when no score is a number', () => {
    const sampler = createSampler(NEUTRAL, 3, []);
    expect(() => sampler.choose(Float32Array.of(Number.NaN, Number.NaN, Number.NaN))).toThrow(SillError);
    expect(() => sampler.choose(Float32Array.of(0, Number.POSITIVE_INFINITY, 1))).toThrow(SillError);
  });
});
