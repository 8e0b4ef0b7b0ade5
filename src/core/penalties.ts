export interface PenaltyOptions {
  /** 1 changes nothing; above 1 makes tokens of the prompt and of the answer less likely (CTRL, arXiv:1909.05858). */
  readonly repetitionPenalty: number;
  /** Taken once off the score of every token of the answer so far; absent or 0 changes nothing. Below 0 it favours them. */
  readonly presencePenalty?: number;
  /** Taken off the score of a token as often as the answer has it; absent or 0 changes nothing. */
  readonly frequencyPenalty?: number;
  /** Added to the scores of these tokens, before the penalties: pairs of token id and bias. */
  readonly logitBias?: ReadonlyArray<readonly [id: number, bias: number]>;
}

export interface Penalties {
  /** Writes biases and penalties into the scores of one position. */
  apply(logits: Float32Array): void;
  /** Takes up the token that was chosen. */
  note(id: number): void;
}

/** What a request adds to or takes off single scores. Only the tokens it concerns are touched, never the whole vocabulary. */
export function createPenalties(options: PenaltyOptions, prompt: Iterable<number>): Penalties {
  const { repetitionPenalty, presencePenalty = 0, frequencyPenalty = 0, logitBias = [] } = options;
  const repeated = new Set(repetitionPenalty === 1 ? [] : prompt);
  const counted = presencePenalty !== 0 || frequencyPenalty !== 0;
  const counts = new Map<number, number>();

  return {
    apply(logits) {
      for (const [id, bias] of logitBias) logits[id] = (logits[id] ?? 0) + bias;
      for (const id of repeated) {
        const score = logits[id] ?? 0;
        logits[id] = score > 0 ? score / repetitionPenalty : score * repetitionPenalty;
      }
      for (const [id, count] of counts) logits[id] = (logits[id] ?? 0) - presencePenalty - frequencyPenalty * count;
    },
    note(id) {
      if (repetitionPenalty !== 1) repeated.add(id);
      if (counted) counts.set(id, (counts.get(id) ?? 0) + 1);
    },
  };
}
