import * as v from 'valibot';
import { method } from './contract.ts';

const ids = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const matcher = v.pipe(v.number(), v.integer());

/** What an answer may go on with. */
export interface Allowed {
  /** A bit for each token, 32 to a number, the lowest first. */
  readonly mask: Int32Array;
  /** The text is whole, and nothing may follow. */
  readonly isComplete: boolean;
}

/** Between a model's worker and the one that holds the grammars of its answers. */
export const grammarContract = {
  /** First: the vocabulary. Bytes of each token in GPT-2's alphabet, '' for one that no text has. */
  open: method<never, null>()(v.object({ tokens: v.array(v.string()), stopTokenIds: ids })),
  /** An answer begins, perhaps with tokens that it has already. */
  start: method<never, { readonly matcher: number; readonly allowed: Allowed }>()(v.object({ grammar: v.string(), tokenIds: ids })),
  accept: method<never, Allowed>()(v.object({ matcher, tokenIds: ids })),
  end: method<never, null>()(v.object({ matcher })),
};
export type GrammarContract = typeof grammarContract;
