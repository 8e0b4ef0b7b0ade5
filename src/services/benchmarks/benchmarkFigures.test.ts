import { describe, expect, it } from 'vitest';
import { comparedOf, differenceOf } from '../../core/benchmark/difference.ts';
import { createRandom } from '../../core/random.ts';
import { createFigures } from './benchmarkFigures.ts';

const RUNS = 400;

describe('times between tokens', () => {
  /** Repetitions that drift by a few percent, and gaps that waver within each: what one device gives for one and the same model. */
  const runOf = (random: () => number, repetitions: number, gaps: number, slower = 1) => {
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const figures = createFigures();
    for (let i = 0; i < repetitions; i++) {
      const level = 10 * slower * (1 + 0.05 * normal());
      figures.add([{ metric: 'itl', size: gaps + 1, values: Array.from({ length: gaps }, () => level * (1 + 0.1 * Math.abs(normal()))) }]);
    }
    return figures.list()[0] ?? expect.fail();
  };
  const significant = (slower: number) => {
    const random = createRandom(20261127);
    let found = 0;
    for (let i = 0; i < RUNS; i++) {
      const [one, other] = [runOf(random, 5, 127), runOf(random, 5, 127, slower)].map(comparedOf);
      if (one && other && differenceOf(one, other)?.significant) found += 1;
    }
    return found / RUNS;
  };

  it('of two runs of the same thing are told as different about as seldom as the interval says, and of a model that is slower nearly always', () => {
    expect(significant(1)).toBeLessThan(0.08);
    expect(significant(1.3)).toBeGreaterThan(0.95);
  });

  it('are told of all tokens, with how the repetitions lie beside it', () => {
    const figures = createFigures();
    for (const ms of [10, 20]) figures.add([{ metric: 'itl', size: 4, values: [ms, ms, ms] }]);
    expect(figures.list()).toMatchObject([{ count: 6, mean: 15, means: { count: 2, mean: 15, sd: expect.closeTo(7.07, 2) } }]);
    expect(figures.list()[0]).not.toHaveProperty('samples');
  });

  it('of an older result, which has the single ones only, are not compared', () => {
    expect(comparedOf({ metric: 'itl', size: 32, count: 93, mean: 10, sd: 2 })).toBeUndefined();
    expect(comparedOf({ metric: 'pp', size: 32, count: 3, mean: 10, sd: 2 })).toEqual({ count: 3, mean: 10, sd: 2 });
  });
});
