import type { TranscodedDtype } from './making.ts';
import type { Manifest } from './manifest.ts';

/** With what sinks are measured: each of its commonest tokens is a candidate, and the more there are, the more of them seem loud by chance. */
export const SINK_TEXT =
  'The old lighthouse keeper climbed the stairs every evening to light the lamp. One night the wind was so strong that the door would not ' +
  'close, and he sat by the fire to wait for the morning.';

/**
 * What a form that was made here is scored on: plain English of several kinds, in no model's test set. It is read as a prompt is read, in the blocks of
 * `core/prefill`, and so it is longer than one of them: 8-bit products take one scale for all tokens of a call, and what that spoils is seen in long
 * calls alone. Not much longer, because the form that it is held against is slow.
 */
export const IMPORT_TEXT =
  `${SINK_TEXT} ` +
  'When it came, the sea was calm, and a small boat lay on the sand below the rocks.\n\n' +
  '"Is anybody there?" he called. Nobody answered, so he walked down, and found a girl of about ten years asleep under a wet blanket. Her father ' +
  'had gone out to fish, she said, and she had hidden in the boat to surprise him.\n\n' +
  'They made a list of what they needed:\n1. Bread, apples and a pot of hot tea.\n2. A dry coat and two pairs of socks.\n' +
  '3. The radio, if its battery still worked.\n\n' +
  'At 3:45 the father stood in the door, tired and pale, and for a while he could not say a word. Then he laughed, because his daughter was ' +
  'already asking whether she might climb the tower.';

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

/** What the publisher of a model states that its weights score before anything is made of them; undefined where the device has to find out. */
export const statedReference = ({ referenceScores }: Pick<Manifest, 'referenceScores'>): number | undefined =>
  referenceScores?.find(({ metric, text }) => metric === 'nll' && text === IMPORT_TEXT)?.value;
