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
 * Harm that is not worth a call of its own. A call costs as much as writing a token; numbers that are quantised together change by up to a
 * hundredth of a nat whatever the token is.
 */
export const HARMLESS_NATS = 0.05;

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
export const sinksAmong = (harms: readonly TokenHarm[]): number[] =>
  harms
    .filter(({ nats }) => nats > HARMLESS_NATS)
    .map(({ id }) => id)
    .sort((a, b) => a - b);

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
