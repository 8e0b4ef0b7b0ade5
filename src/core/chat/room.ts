/** What there is to share out in a model's context. */
export interface Room {
  readonly system: string;
  /** Tokens in all; absent where nobody knows. */
  readonly contextLength: number | undefined;
  /** Tokens that the answer may take. */
  readonly answerTokens: number;
  readonly tokensPerLetter: number;
}

/** Of English with the usual vocabularies, and of a template about each message. Replaced by what a model reported of this conversation. */
export const TOKENS_PER_LETTER = 1 / 4;
export const TOKENS_AROUND = 6;
/** An answer is to have this share of the context at least, so that long limits do not push out all that was said. */
const ANSWER_SHARE = 0.25;

/** What a message of so many letters takes, as far as that can be told before. */
export const tokensFor = (letters: number, rate: number): number => Math.ceil(letters * rate) + TOKENS_AROUND;

/** Tokens of instructions and messages together, at most. */
export function promptRoom({ contextLength, answerTokens }: Room): number {
  if (contextLength === undefined) return Number.POSITIVE_INFINITY;
  return contextLength - Math.min(answerTokens, Math.floor(contextLength * ANSWER_SHARE));
}
