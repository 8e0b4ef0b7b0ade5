import { logSumExp } from './logprobs.ts';

/**
 * Scores of the token after the last one, each block evaluated in one call after those before it. Not to be written to, and read before the
 * next call.
 */
export type Evaluate = (blocks: ReadonlyArray<readonly number[]>) => Promise<Float32Array>;

export interface TokenHarm {
  readonly id: number;
  /** By how much the next token's probabilities change, in nats, when this one shares a call with those around it. */
  readonly nats: number;
}

/** Ordinary tokens around the one that is tried. */
export interface Probe {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface SinkSearch {
  /** Tokens to try: beginning, end, line breaks, added ones, and those that occur most. */
  readonly candidates: readonly number[];
  /** What is read with each. */
  readonly probes: readonly Probe[];
  /** With which every text begins, if with any. */
  readonly begin: number | undefined;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * A token is kept apart when its harm is this many nats, and this many times that of the median candidate: whatever is quantised together changes
 * a little. Measured, in nats: TinyLlama's int8 without evening, beginning 0.19 and line break 0.16, median 0.025; with it, all between 0.010
 * and 0.024; stories15M, beginning 0.043, median 0.005.
 */
const HARMFUL = { nats: 0.03, medians: 4 } as const;

/**
 * How much each token harms those that are evaluated in one call with it. Dynamic int8 takes one scale for the activations of a call, so that a
 * token with huge ones flattens the others. The same tokens are read twice, the candidate once in the call of those after it and once before
 * it: what differs is its harm, as the Kullback-Leibler divergence of what is predicted next, mean over the probes.
 */
export async function measureHarm(evaluate: Evaluate, search: SinkSearch): Promise<TokenHarm[]> {
  const { candidates, probes, begin, onProgress, signal } = search;
  const harms: TokenHarm[] = [];
  for (const [i, id] of candidates.entries()) {
    let sum = 0;
    for (const { before, after } of probes) {
      signal?.throwIfAborted();
      const [apart, together] =
        begin === undefined || id === begin
          ? [[[id], [...before, ...after]], [[id, ...before, ...after]]]
          : [
              [[begin], before, [id], after],
              [[begin], [...before, id, ...after]],
            ];
      const scores = (await evaluate(apart)).slice();
      sum += divergence(scores, await evaluate(together));
    }
    harms.push({ id, nats: sum / probes.length });
    onProgress?.((i + 1) / candidates.length);
  }
  return harms;
}

/** Those that are to be evaluated apart, in ascending order. */
export function sinksAmong(harms: readonly TokenHarm[]): number[] {
  const sorted = harms.map(({ nats }) => nats).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const bound = Math.max(HARMFUL.nats, HARMFUL.medians * median);
  return harms
    .filter(({ nats }) => nats >= bound)
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

/** Of the softmax of `other` from that of `scores`, in nats. Scores that are no numbers give NaN. */
export function divergence(scores: Float32Array, other: Float32Array): number {
  const [norm, otherNorm] = [logSumExp(scores), logSumExp(other)];
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const logProbability = (scores[i] as number) - norm;
    sum += Math.exp(logProbability) * (logProbability - ((other[i] as number) - otherNorm));
  }
  return sum;
}
