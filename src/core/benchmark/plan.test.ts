import { describe, expect, it } from 'vitest';
import { PRESETS, planBenchmark, secondsOf, unitsOf } from './plan.ts';

const text = (contextLength: number) => ({ task: 'text-generation', contextLength }) as const;

describe('a plan', () => {
  it('of the quick preset is pp128 and tg32 three times, with a whole request', () => {
    expect(planBenchmark('quick', text(4096))).toMatchObject({
      repetitions: 3,
      tests: [
        { kind: 'pp', tokens: 128, depth: 0 },
        { kind: 'tg', tokens: 32, depth: 0 },
        { kind: 'request', promptTokens: 128, tokens: 32 },
      ],
    });
  });

  it('of the standard preset is pp512 and tg128 five times, or as much as the context allows', () => {
    expect(planBenchmark('standard', text(4096))).toMatchObject({
      repetitions: 5,
      tests: [{ tokens: 512 }, { tokens: 128 }, { promptTokens: 512, tokens: 128 }],
    });
    expect(planBenchmark('standard', text(256)).tests).toEqual([
      { kind: 'pp', tokens: 256, depth: 0 },
      { kind: 'tg', tokens: 128, depth: 0 },
      { kind: 'request', promptTokens: 128, tokens: 128 },
    ]);
  });

  it('sweeps over depths of the context', () => {
    const { tests } = planBenchmark('sweep', text(256));
    expect(tests.map((test) => ('depth' in test ? `${test.kind}${test.tokens}@${test.depth}` : ''))).toEqual(
      'pp64@0 tg32@0 pp64@64 tg32@64 pp64@128 tg32@128 pp64@192 tg32@192'.split(' '),
    );
  });

  it('of any preset may be repeated and warmed up as often as is asked, and measures the same', () => {
    const fewer = { repetitions: 1, warmups: 0, warmLoads: 0, promptTokens: 7 };
    for (const preset of ['quick', 'standard', 'sweep'] as const) {
      const plan = planBenchmark(preset, text(256), fewer);
      expect(plan).toMatchObject({ repetitions: 1, warmups: 0, warmLoads: 0, tests: planBenchmark(preset, text(256)).tests });
    }
  });

  it('soaks for ten minutes, or as long as is asked', () => {
    expect(planBenchmark('soak', text(256)).soakMs).toBe(600_000);
    expect(planBenchmark('soak', text(256), { seconds: 5 }).soakMs).toBe(5000);
    expect(planBenchmark('quick', text(256), { seconds: 5 }).soakMs).toBeUndefined();
  });

  it("of one's own is what is asked, and refused where it does not fit", () => {
    const plan = planBenchmark('custom', text(256), { promptTokens: 16, generatedTokens: 4, depth: 32, repetitions: 2, warmups: 0 });
    expect(plan).toMatchObject({
      repetitions: 2,
      warmups: 0,
      tests: [{ tokens: 16, depth: 32 }, { tokens: 4, depth: 32 }, { promptTokens: 16 }],
    });
    expect(plan.warmUp).toBeUndefined();
    expect(() => planBenchmark('custom', text(256), { promptTokens: 300 })).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    );
  });

  it.each([16, 64, 256, 512, 2048, 131_072])('fits into a context of %i tokens, whatever the preset', (contextLength) => {
    for (const preset of PRESETS.filter((each) => each !== 'custom')) {
      const { tests, warmUp } = planBenchmark(preset, text(contextLength));
      for (const test of [...tests, ...(warmUp ? [warmUp] : [])]) {
        if (test.kind === 'request') expect(test.promptTokens + test.tokens).toBeLessThanOrEqual(contextLength);
        else if (test.kind === 'pp' || test.kind === 'tg') {
          expect(test.tokens).toBeGreaterThan(0);
          expect(test.tokens + test.depth).toBeLessThanOrEqual(contextLength);
        }
      }
    }
  });

  it('of other tasks measures what they are for, and is refused where there is no measure', () => {
    expect(planBenchmark('quick', { task: 'feature-extraction', contextLength: 512 }).tests).toEqual([{ kind: 'embed', texts: 16 }]);
    expect(planBenchmark('standard', { task: 'automatic-speech-recognition', contextLength: 448 }).tests).toEqual([{ kind: 'speech' }]);
    expect(() => planBenchmark('quick', { task: 'translation', contextLength: 512 })).toThrow(
      expect.objectContaining({ code: 'unsupported_task' }),
    );
  });

  it('tells how long it takes as far as speeds are known', () => {
    const plan = planBenchmark('custom', text(1024), { promptTokens: 100, generatedTokens: 50, repetitions: 2, warmups: 0, warmLoads: 1 });
    expect(unitsOf(plan)).toBe(2 + 3 * 2);
    // Two loads, then twice: 1 s of prompt, 5 s of writing, and both of them in a request.
    expect(secondsOf(plan, { loadMs: 500, promptPerSecond: 100, tokensPerSecond: 10 })).toBeCloseTo(1 + 2 * (1 + 5 + 6));
    expect(secondsOf(plan, { loadMs: 500 })).toBeUndefined();
    expect(secondsOf(planBenchmark('soak', text(256)), {})).toBe(600);
  });
});
