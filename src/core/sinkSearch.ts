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

/** What is asked of the 8-bit form of a model, by what its file says. */
export interface SinkQuestion {
  /** Tokens to try, beside those that a text has most of. */
  readonly candidates: readonly number[];
  /** With which every text begins; where there is none, an ordinary token stands first, and takes what a beginning would */
  readonly begin?: number | undefined;
  /** Cut around in any case: the beginning, which is in every prompt, and the ends of turns. */
  readonly always: readonly number[];
}

/** Tokens on either side of the one that is tried. */
const PROBE_TOKENS = 8;
const PROBES = 2;
/** Of the text's own tokens those that it has most of: commas and articles are loud in some models. */
const FREQUENT = 16;

/**
 * How a question is put over a text: so many short calls at most, whatever the vocabulary.
 * @param text its tokens, with the beginning or without
 * @returns undefined where the model has no room for it, or the text is too short
 */
export function sinkSearchIn(text: readonly number[], { candidates, begin }: SinkQuestion, contextLength: number): SinkSearch | undefined {
  const first = begin ?? text[0];
  const ids = text[0] === first ? text.slice(1) : text;
  if (contextLength < 2 * PROBE_TOKENS + 2 || ids.length < 2 * PROBE_TOKENS * PROBES) return undefined;
  const probes = Array.from({ length: PROBES }, (_, i) => {
    const from = 2 * PROBE_TOKENS * i;
    return { before: ids.slice(from, from + PROBE_TOKENS), after: ids.slice(from + PROBE_TOKENS, from + 2 * PROBE_TOKENS) };
  });
  const frequent = mostFrequent(ids).filter((id) => begin !== undefined || id !== first);
  return { candidates: [...new Set([...candidates, ...frequent])], probes, begin: first };
}

/** Around which tokens a prompt is cut, in ascending order. */
export const sinksOf = (harms: readonly TokenHarm[], { always }: SinkQuestion): number[] =>
  [...new Set([...sinksAmong(harms), ...always])].sort((a, b) => a - b);

function mostFrequent(ids: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FREQUENT)
    .map(([id]) => id);
}
