import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SillError } from './errors.ts';
import { createSampler, type SamplingOptions } from './sampling.ts';

const NEUTRAL: SamplingOptions = { temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1 };

/** The definition, written out in the order of docs/sampling.md: full sort, no shortcuts. */
function referenceDistribution(raw: readonly number[], options: SamplingOptions, prompt: readonly number[] = []): number[] {
  const { temperature, topP, topK, minP = 0, repetitionPenalty, logitBias = [] } = options;
  const logits = raw.map((score, id) => {
    const biased = logitBias.reduce((sum, [biasedId, bias]) => (biasedId === id ? sum + bias : sum), score);
    if (!prompt.includes(id)) return biased;
    return biased > 0 ? biased / repetitionPenalty : biased * repetitionPenalty;
  });
  const order = logits.map((_, id) => id).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const allowed = order.slice(0, topK > 0 ? topK : order.length);
  const max = Math.max(...logits);
  const weights = allowed.map((id) => Math.exp(((logits[id] ?? 0) - max) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  const out = logits.map(() => 0);
  let mass = 0;
  for (const [i, id] of allowed.entries()) {
    const weight = weights[i] ?? 0;
    if (i > 0 && (mass >= topP * total || weight < minP)) break;
    mass += weight;
    out[id] = weight;
  }
  return out.map((weight) => weight / mass);
}

/** Each draw is a first token after the prompt, so that penalties see nothing but that. */
function observe(logits: readonly number[], options: SamplingOptions, draws: number, prompt: readonly number[] = []): number[] {
  const counts = logits.map(() => 0);
  const plain = options.repetitionPenalty === 1 ? createSampler(options, logits.length, prompt) : undefined;
  for (let i = 0; i < draws; i++) {
    const sampler = plain ?? createSampler({ ...options, seed: options.seed + i }, logits.length, prompt);
    const id = sampler.choose(Float32Array.from(logits));
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

/**
 * Pearson's statistic as a standard normal deviate (Wilson and Hilferty, 1931). Outcomes that are expected fewer than five times are
 * taken together, as the approximation needs.
 */
function chiSquareDeviate(counts: readonly number[], expected: readonly number[]): number {
  const draws = counts.reduce((a, b) => a + b, 0);
  let statistic = 0;
  let cells = 0;
  const rare = { count: 0, share: 0 };
  for (const [id, share] of expected.entries()) {
    if (share * draws < 5) {
      rare.count += counts[id] ?? 0;
      rare.share += share;
      continue;
    }
    cells += 1;
    statistic += ((counts[id] ?? 0) - share * draws) ** 2 / (share * draws);
  }
  if (rare.share * draws >= 5) {
    cells += 1;
    statistic += (rare.count - rare.share * draws) ** 2 / (rare.share * draws);
  }
  const degrees = cells - 1;
  if (degrees < 1) return 0;
  const spread = 2 / (9 * degrees);
  return (Math.cbrt(statistic / degrees) - (1 - spread)) / Math.sqrt(spread);
}

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
    ['min-p', { minP: 0.1 }],
    ['min-p, hot', { minP: 0.2, temperature: 2 }],
    ['top-p, then min-p, which keeps fewer', { topP: 0.95, minP: 0.3 }],
    ['top-p, which keeps fewer, then min-p', { topP: 0.4, minP: 0.05 }],
    ['top-k, top-p, then min-p', { topK: 12, topP: 0.9, minP: 0.15, temperature: 1.4 }],
    ['a repetition penalty', { repetitionPenalty: 1.8 }],
    [
      'a bias',
      {
        logitBias: [
          [0, 2.5],
          [7, -3],
          [39, 1],
        ],
      },
    ],
    [
      'all together',
      {
        logitBias: [
          [0, 2.5],
          [7, -3],
        ],
        repetitionPenalty: 1.3,
        temperature: 1.4,
        topK: 20,
        topP: 0.9,
        minP: 0.05,
      },
    ],
  ] satisfies ReadonlyArray<readonly [string, Partial<SamplingOptions>]>)('draws as often as the definition says: %s', (_, change) => {
    const options = { ...NEUTRAL, ...change };
    const prompt = [1, 4, 11, 20];
    const counts = observe(LOGITS, options, 20_000, prompt);
    const expected = referenceDistribution(LOGITS, options, prompt);
    // One in 30,000 right samplers would fail; the seeds are fixed, so this one either always does or never.
    expect(chiSquareDeviate(counts, expected)).toBeLessThan(4);
    for (const [id, share] of expected.entries()) if (share === 0) expect(counts[id]).toBe(0);
  });

  it('would be found out by the same test when its cut or its temperature were a little off', () => {
    const counts = observe(LOGITS, { ...NEUTRAL, topP: 0.55 }, 20_000);
    expect(chiSquareDeviate(counts, referenceDistribution(LOGITS, { ...NEUTRAL, topP: 0.7 }))).toBeGreaterThan(4);
    const hot = observe(LOGITS, { ...NEUTRAL, temperature: 1.05 }, 20_000);
    expect(chiSquareDeviate(hot, referenceDistribution(LOGITS, NEUTRAL))).toBeGreaterThan(4);
  });

  it('never leaves the kept tokens, whatever the scores and settings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.record({
          temperature: fc.constantFrom(0, 0.2, 1, 3),
          topP: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
          topK: fc.constantFrom(0, 1, 3, 50, 500),
          minP: fc.constantFrom(0, 0.05, 0.5, 1),
          seed: fc.nat(),
        }),
        (logits, change) => {
          const options = { ...NEUTRAL, ...change };
          const id = createSampler(options, logits.length, []).choose(Float32Array.from(logits));
          const best = logits.indexOf(Math.max(...logits));
          if (options.temperature === 0 || options.topP === 0) expect(id).toBe(best);
          else {
            // A token at the very border of the kept ones may fall either way by rounding.
            const border = { topP: Math.min(1, options.topP + 1e-6), minP: options.minP - 1e-6 };
            const kept = referenceDistribution(logits, { ...options, ...border });
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

  it('takes the presence penalty once and the frequency penalty each time off the tokens of the answer, not off those of the prompt', () => {
    const greedy = { ...NEUTRAL, temperature: 0 };
    const logits = () => Float32Array.of(10, 9, 8);
    const choices = (change: Partial<SamplingOptions>) => {
      const sampler = createSampler({ ...greedy, ...change }, 3, [0, 0, 0]);
      return Array.from({ length: 6 }, () => sampler.choose(logits()));
    };
    expect(choices({ presencePenalty: 1.5 })).toEqual([0, 1, 0, 0, 0, 0]);
    // 10, 9, 8; then 8.5 and 9, then 8.5, 7.5 and 8, then 7, 7.5 and 8, and so on.
    expect(choices({ frequencyPenalty: 1.5 })).toEqual([0, 1, 0, 2, 1, 0]);
    expect(choices({ frequencyPenalty: -1 })).toEqual([0, 0, 0, 0, 0, 0]);
    expect(choices({ presencePenalty: 3 })).toEqual([0, 1, 2, 0, 0, 0]);
  });

  it('takes presence and frequency penalties off what is left after the repetition penalty', () => {
    const sampler = createSampler({ ...NEUTRAL, temperature: 0, repetitionPenalty: 2, presencePenalty: 1 }, 2, []);
    const logits = Float32Array.of(10, 4.5);
    sampler.choose(logits);
    const second = Float32Array.of(10, 4.5);
    expect(sampler.choose(second)).toBe(1);
    expect([...second]).toEqual([4, 4.5]);
  });

  it('never takes a token with a bias of -100 and always one with 100', () => {
    const ids = (logitBias: SamplingOptions['logitBias']) => {
      const sampler = createSampler({ ...NEUTRAL, temperature: 2, ...(logitBias ? { logitBias } : {}) }, LOGITS.length, []);
      return new Set(Array.from({ length: 300 }, () => sampler.choose(Float32Array.from(LOGITS))));
    };
    const best = LOGITS.indexOf(Math.max(...LOGITS));
    expect(ids([]).has(best)).toBe(true);
    expect(ids([[best, -100]]).has(best)).toBe(false);
    expect(ids([[17, 100]])).toEqual(new Set([17]));
  });

  it('says that the model overflowed when no score is a number', () => {
    const sampler = createSampler(NEUTRAL, 3, []);
    expect(() => sampler.choose(Float32Array.of(Number.NaN, Number.NaN, Number.NaN))).toThrow(SillError);
    expect(() => sampler.choose(Float32Array.of(0, Number.POSITIVE_INFINITY, 1))).toThrow(SillError);
  });
});

describe('what is allowed', () => {
  const masked = (allowed: readonly boolean[]): Int32Array => {
    const mask = new Int32Array(Math.ceil(allowed.length / 32));
    for (const [id, isAllowed] of allowed.entries()) if (isAllowed) mask[id >> 5] = (mask[id >> 5] ?? 0) | (1 << (id & 31));
    return mask;
  };
  const settings = fc.record({
    temperature: fc.constantFrom(0, 0.5, 1, 2),
    topK: fc.constantFrom(0, 1, 5),
    topP: fc.constantFrom(0, 0.3, 1),
    minP: fc.constantFrom(0, 0.2),
    repetitionPenalty: fc.constantFrom(1, 1.3),
    seed: fc.nat(),
    logitBias: fc.array(fc.tuple(fc.nat(39), fc.constantFrom(-100, 100)), { maxLength: 3 }),
  });

  it('is all that is chosen, under any setting', () => {
    const scores = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 40, maxLength: 40 });
    const choice = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }).filter((allowed) => allowed.includes(true));
    fc.assert(
      fc.property(settings, scores, choice, (options, logits, allowed) => {
        const sampler = createSampler(options, 40, [1, 2, 3]);
        for (let i = 0; i < 4; i++) expect(allowed[sampler.choose(Float32Array.from(logits), masked(allowed))]).toBe(true);
      }),
    );
  });

  it('is chosen from as if nothing else were there', () => {
    const logits = [3, 2.5, 2, 1, 0.5, 0];
    const mask = masked([false, true, false, true, true, false]);
    for (const change of [{}, { topK: 2 }, { topP: 0.8 }, { minP: 0.3 }]) {
      const small = createSampler({ ...NEUTRAL, ...change }, 3, []);
      const large = createSampler({ ...NEUTRAL, ...change }, 6, []);
      for (let i = 0; i < 200; i++) {
        expect(large.choose(Float32Array.from(logits), mask)).toBe([1, 3, 4][small.choose(Float32Array.of(2.5, 1, 0.5))]);
      }
    }
  });
});
