import { selectLargest } from './heap.ts';

export interface RankedToken {
  readonly id: number;
  /** Natural logarithm of the model's probability. */
  readonly logprob: number;
}

/** OpenAI's number for what is as good as impossible: minus infinity has no JSON. */
const IMPOSSIBLE = -9999;

/**
 * Reads probabilities off the scores of one position as the model gave them: before biases, penalties and temperature, as OpenAI, llama.cpp
 * (`post_sampling_probs: false`) and vLLM (`raw_logprobs`) do.
 * @param top how many of the likeliest tokens are wanted
 */
export function createLogprobs(vocabularySize: number, top: number) {
  const raw = new Float32Array(vocabularySize);
  const ids = new Int32Array(Math.min(top, vocabularySize));
  let normaliser = 0;

  const logprobOf = (id: number): number => Math.max(IMPOSSIBLE, (raw[id] ?? Number.NEGATIVE_INFINITY) - normaliser);

  return {
    /** Keeps the scores of a position, which a sampler then writes to. */
    read(logits: Float32Array): void {
      raw.set(logits);
      normaliser = logSumExp(raw);
    },
    /** Of the position that was read last. */
    of: (id: number): RankedToken => ({ id, logprob: logprobOf(id) }),
    /** The likeliest tokens of the position that was read last, in falling order. */
    top(): RankedToken[] {
      if (ids.length === 0) return [];
      selectLargest(ids, raw);
      return Array.from(ids, (id) => ({ id, logprob: logprobOf(id) }));
    },
  };
}

/** Without overflow. Scores that are no numbers give NaN. */
export function logSumExp(logits: Float32Array): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > peak) peak = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak);
  return peak + Math.log(sum);
}
