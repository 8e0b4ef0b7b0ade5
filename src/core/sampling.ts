import { SillError } from './errors.ts';
import { heapify, popRoot, selectLargest } from './heap.ts';
import { createPenalties, type PenaltyOptions } from './penalties.ts';
import { createRandom } from './random.ts';

export interface SamplingOptions extends PenaltyOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** 1 keeps all. */
  readonly topP: number;
  /** 0 keeps all. */
  readonly topK: number;
  /** Drops what is less than so many times as likely as the best; absent or 0 keeps all. */
  readonly minP?: number;
  readonly seed: number;
}

export interface Sampler {
  /**
   * The next token from the scores of one position. Writes biases and penalties into `logits`.
   * @param allowed a bit for each token that may come, 32 to a number, the lowest first; absent means all
   * @throws SillError `runtime_failed` when no score is a finite number.
   */
  choose(logits: Float32Array, allowed?: Int32Array): number;
  /** Takes up a token that another sampler of the same options chose here: the next choice is as it would have been after that one. */
  follow(id: number): void;
}

/**
 * Biases, penalties, what is allowed, temperature, top-k, top-p, min-p, seeded choice, in this order (docs/sampling.md). Scratch space is taken
 * once: a token costs no allocation of vocabulary size, and no full sort.
 */
export function createSampler(options: SamplingOptions, vocabularySize: number, prompt: Iterable<number>): Sampler {
  const { temperature, topP, minP = 0 } = options;
  const topK = Math.min(options.topK, vocabularySize);
  const random = createRandom(options.seed);
  const penalties = createPenalties(options, prompt);
  const scratch = temperature === 0 ? 0 : topK || vocabularySize;
  const ids = new Int32Array(scratch);
  const weights = new Float32Array(scratch);

  /** `count` weights in falling order: draws from the shortest head that holds `topP` of their sum, as far as `minP` lets it reach. */
  const drawHead = (count: number, total: number): number => {
    const wanted = topP * total;
    let kept = 0;
    let head = 0;
    while (head < count && (head === 0 || (kept < wanted && (weights[head] ?? 0) >= minP))) kept += weights[head++] ?? 0;
    let left = random() * kept;
    for (let i = 0; i < head; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) return ids[i] ?? 0;
    }
    return ids[0] ?? 0;
  };

  const fromTopK = (logits: Float32Array, max: number): number => {
    selectLargest(ids, logits);
    let total = 0;
    for (let i = 0; i < topK; i++) {
      const weight = Math.exp(((logits[ids[i] ?? 0] ?? 0) - max) / temperature);
      weights[i] = weight;
      total += weight;
    }
    return drawHead(topK, total);
  };

  const fromAll = (total: number): number => {
    let kept = total;
    if (minP > 0) {
      kept = 0;
      for (let i = 0; i < vocabularySize; i++) {
        const weight = weights[i] ?? 0;
        if (weight < minP) weights[i] = 0;
        else kept += weight;
      }
    }
    let left = random() * kept;
    for (let i = 0; i < vocabularySize; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) return i;
    }
    return indexOfMax(weights);
  };

  const fromNucleus = (logits: Float32Array, total: number): number => {
    // All tokens below the second weight together hold less than 1 - topP: none of them can be in the nucleus.
    const least = Math.max(minP, (total * (1 - topP)) / vocabularySize);
    let count = 0;
    for (let i = 0; i < vocabularySize; i++) if ((weights[i] ?? 0) >= least) ids[count++] = i;
    // By score: weights of near scores are equal after rounding.
    heapify(ids, logits, count);
    let kept = 0;
    let tail = count;
    while (tail > 0 && (tail === count || kept < topP * total)) kept += weights[popRoot(ids, logits, tail--)] ?? 0;
    let left = random() * kept;
    for (let i = count - 1; i >= tail; i--) {
      const id = ids[i] ?? 0;
      left -= weights[id] ?? 0;
      if (left < 0) return id;
    }
    return ids[count - 1] ?? 0;
  };

  const pick = (logits: Float32Array): number => {
    const best = indexOfMax(logits);
    if (temperature === 0 || topP === 0) return best;
    const max = logits[best] ?? 0;
    if (topK > 0) return fromTopK(logits, max);
    let total = 0;
    for (let i = 0; i < vocabularySize; i++) {
      const weight = Math.exp(((logits[i] ?? 0) - max) / temperature);
      weights[i] = weight;
      total += weight;
    }
    return topP < 1 ? fromNucleus(logits, total) : fromAll(total);
  };

  return {
    choose(logits, allowed) {
      penalties.apply(logits);
      // Last, so that no bias brings back what is not allowed.
      if (allowed) forbidOthers(logits, allowed);
      const id = pick(logits);
      penalties.note(id);
      return id;
    },
    follow(id) {
      // Each choice but the greedy one draws once.
      if (temperature !== 0 && topP !== 0) random();
      penalties.note(id);
    },
  };
}

function forbidOthers(logits: Float32Array, allowed: Int32Array): void {
  for (let id = 0; id < logits.length; id++) {
    const bits = allowed[id >> 5] ?? 0;
    if (((bits >>> (id & 31)) & 1) === 0) logits[id] = Number.NEGATIVE_INFINITY;
  }
}

/** The first of equals. */
function indexOfMax(values: Float32Array): number {
  let best = -1;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value > max) {
      max = value;
      best = i;
    }
  }
  if (best >= 0 && Number.isFinite(max)) return best;
  throw new SillError(
    'runtime_failed',
    'The model gave no usable score for the next word: its numbers overflowed on this device. Use another variant of the model, or run it on the CPU.',
  );
}
