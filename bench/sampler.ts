import { createSampler, type SamplingOptions } from '../src/core/sampling.ts';

/** Time to choose one token of a Llama vocabulary, sampler alone: `npx tsx bench/sampler.ts`. A token of stories15M takes about 3 ms in all. */
const VOCABULARY = 32_000;
const TOKENS = 2_000;
const ROUNDS = 5;

const NEUTRAL: SamplingOptions = { temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1 };
const SETTINGS: Readonly<Record<string, Partial<SamplingOptions>>> = {
  greedy: { temperature: 0 },
  'all tokens': {},
  'top-k 40': { topK: 40 },
  'top-p 0.95': { topP: 0.95 },
  'top-k 40, top-p 0.95': { topK: 40, topP: 0.95, temperature: 0.8 },
  'min-p 0.05': { minP: 0.05 },
  'top-p 0.95, min-p 0.05': { topP: 0.95, minP: 0.05 },
  'repetition penalty': { topK: 40, repetitionPenalty: 1.1 },
  'all penalties': { topK: 40, repetitionPenalty: 1.1, presencePenalty: 0.5, frequencyPenalty: 0.5, logitBias: [[5, -100]] },
};

/** A few likely tokens over a wide tail, as a language model scores: another one at each position. */
const scores = Array.from({ length: 16 }, (_, at) =>
  Float32Array.from({ length: VOCABULARY }, (_, id) => {
    const noise = Math.sin(id * 12.9898 + at * 78.233) * 43758.5453;
    return -2 + 4 * (noise - Math.floor(noise)) + (id % 997 === at ? 9 : 0) + (id % 8009 === at ? 5 : 0);
  }),
);

for (const [name, change] of Object.entries(SETTINGS)) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const sampler = createSampler({ ...NEUTRAL, ...change }, VOCABULARY, scores.keys());
    const logits = new Float32Array(VOCABULARY);
    let spentMs = 0;
    for (let i = 0; i < TOKENS; i++) {
      logits.set(scores[i % scores.length] ?? []);
      const startMs = performance.now();
      sampler.choose(logits);
      spentMs += performance.now() - startMs;
    }
    times.push((spentMs * 1000) / TOKENS);
  }
  times.sort((a, b) => a - b);
  console.log(`${name.padEnd(24)} ${(times[ROUNDS >> 1] ?? 0).toFixed(1).padStart(7)} µs a token`);
}
