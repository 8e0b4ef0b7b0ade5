import type { TranscodedDtype } from './making.ts';

/**
 * What a form that was made here is scored on: plain English of several kinds, in no model's test set. Forty tokens or so, because the form that
 * it is held against is read token by token, at one a second on a model of a billion parameters.
 */
export const IMPORT_TEXT =
  'The old lighthouse keeper climbed the stairs every evening to light the lamp. One night the wind was so strong that the door would not ' +
  'close, and he sat by the fire to wait for the morning.';

/** By how many nats the mean of a token may be worse than in 8-bit blocks, which lose next to nothing. */
export const MOST_LOST: Readonly<Record<Exclude<TranscodedDtype, 'q8'>, number>> = { int8: 0.1, q4: 0.15, fp16: 0.05 };

/** Mean negative log-likelihoods of a token, in nats. */
export interface FormScores {
  readonly reference: number;
  readonly measured: number;
  /** How much worse it may be. */
  readonly bound: number;
}

/** A figure that is no number is the worst of all. */
export const isFaithful = ({ reference, measured, bound }: FormScores): boolean => measured - reference <= bound;
