import { describe, expect, it } from 'vitest';
import { divergence, type Evaluate, measureHarm, sinkSearchIn, sinksAmong } from './sinkSearch.ts';

const VOCABULARY = 12;
const [BEGIN, LOUD] = [0, 7];
const loudness = (id: number): number => (id === BEGIN ? 2000 : id === LOUD ? 500 : 1);

/** Sums up what each token has to say, rounded to 8 bits by one scale for all tokens of a call: what dynamic int8 does, and no more. */
const evaluate: Evaluate = async (blocks) => {
  const scores = new Float32Array(VOCABULARY);
  for (const block of blocks) {
    const step = Math.max(...block.map(loudness)) / 127;
    for (const id of block) {
      for (let i = 0; i < VOCABULARY; i++) {
        const said = Math.sin(id * 7 + i * 3) * loudness(id);
        // Loud tokens are loud where it does not matter, as attention sinks are.
        scores[i] = (scores[i] ?? 0) + (loudness(id) > 1 ? 0 : Math.round(said / step) * step);
      }
    }
  }
  return scores;
};

const probes = [
  { before: [3, 9, 4], after: [5, 8] },
  { before: [2, 6], after: [10, 3, 11] },
];
const candidates = [BEGIN, 1, 2, 3, 4, 5, LOUD];

describe('the search for sink tokens', () => {
  it('finds those that flatten what they share a call with', async () => {
    const harms = await measureHarm(evaluate, { candidates, probes, begin: BEGIN });
    expect(sinksAmong(harms)).toEqual([BEGIN, LOUD]);
    for (const { id, nats } of harms) if (loudness(id) === 1) expect(nats).toBeLessThan(0.01);
  });

  it('finds none in a model where calls do not matter', async () => {
    const exact: Evaluate = (blocks) => evaluate(blocks.flat().map((id) => [id]));
    const harms = await measureHarm(exact, { candidates, probes, begin: undefined });
    expect(harms.map(({ nats }) => nats)).toEqual(candidates.map(() => 0));
    expect(sinksAmong(harms)).toEqual([]);
  });

  it('tries tokens of a model without a beginning behind what stands first, which is loud for where it stands and no sink elsewhere', async () => {
    const text = [5, ...Array.from({ length: 40 }, (_, i) => 1 + ((i * 5) % 6)), LOUD, 9, 5, 10];
    const search = sinkSearchIn(text, { candidates: [BEGIN, LOUD], always: [] }, 64);
    expect(search?.begin).toBe(5);
    expect(search?.candidates).not.toContain(5);
    const tried: Array<readonly number[]> = [];
    // Whatever is first takes the place of a beginning.
    const first: Evaluate = (blocks) => {
      tried.push(blocks[0] ?? []);
      return evaluate([(blocks[0] ?? []).map((id, at) => (at === 0 ? BEGIN : id)), ...blocks.slice(1)]);
    };
    const harms = search ? await measureHarm(first, search) : [];
    expect(new Set(tried.map(String))).toEqual(new Set(['5']));
    expect(sinksAmong(harms)).toEqual([BEGIN, LOUD]);
  });

  it('takes none of many that change each other alike, however much', () => {
    expect(sinksAmong([1, 2, 3, 4].map((id) => ({ id, nats: 0.1 })))).toEqual([]);
    expect(sinksAmong([])).toEqual([]);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const abort = new AbortController();
    const told: number[] = [];
    const onProgress = (fraction: number) => {
      told.push(fraction);
      if (told.length === 2) abort.abort(new Error('enough'));
    };
    const search = { candidates: [1, 2, 3, 4], probes, begin: BEGIN, onProgress, signal: abort.signal };
    await expect(measureHarm(evaluate, search)).rejects.toThrow('enough');
    expect(told).toEqual([0.25, 0.5]);
  });
});

it('measures nothing between scores that differ by a constant, and something where they differ', () => {
  const scores = Float32Array.of(1, 2, 3);
  expect(divergence(scores, Float32Array.of(11, 12, 13))).toBeCloseTo(0, 6);
  // Of (1/2, 1/2) from (3/4, 1/4).
  expect(divergence(Float32Array.of(0, 0), Float32Array.of(Math.log(3), 0))).toBeCloseTo(Math.log(2) - 0.5 * Math.log(3), 5);
});
