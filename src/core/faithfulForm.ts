import { type FormScores, isFaithful } from './importGate.ts';
import { type FormRecipe, NOT_EVENED } from './making.ts';
import { type FormErrors, type FormTry, outliersOf, widerNext } from './widening.ts';

/** How a form is made, beside what it is. */
export interface FormWay {
  /** Names of the matrices that are kept in a higher form. */
  readonly wider: readonly string[];
  /** By what its channels are divided, if by anything. */
  readonly evened: Uint8Array<ArrayBuffer>;
}

interface Making<Made, Score> {
  readonly dtype: FormRecipe['dtype'];
  readonly reference: number;
  /** By how many nats a token the form may be worse than that. */
  readonly bound: number;
  /** Where an earlier run was cut off; from the beginning where it is absent. */
  readonly begun?: Partial<FormWay> & { readonly tries?: readonly FormTry[] };
  make(way: FormWay): Promise<Made>;
  /** What was made last. */
  score(): Promise<Score>;
  /** Before it is made in another way. */
  onAgain?(way: FormWay, tries: readonly FormTry[]): Promise<void>;
}

/** How it ended: the last form that was made, with its scores, and how those before it came out. */
export interface FormOutcome<Made, Score> extends FormWay {
  readonly made: Made;
  readonly score: Score;
  readonly scores: FormScores;
  /** Tries that lost too much, in turn; with the last one where all did. */
  readonly tries: readonly FormTry[];
}

/**
 * Makes a form until it is faithful, or another try is not worth it. Matrices that are much further from the file than others of their kind are kept higher
 * in any case, without a score; where that is not enough the worst of the others, step by step. Where all that does not do for a form whose channels are evened, it
 * is made in the same way without.
 */
export async function makeFaithful<Made extends Pick<FormErrors, 'errors'>, Score extends { readonly nll: number }>({
  dtype,
  reference,
  bound,
  begun: { wider: begunWider = [], evened: begunEvened = NOT_EVENED, tries: begunTries = [] } = {},
  make,
  score,
  onAgain,
}: Making<Made, Score>): Promise<FormOutcome<Made, Score>> {
  let [way, tries]: [FormWay, readonly FormTry[]] = [{ wider: begunWider, evened: begunEvened }, begunTries];
  const begin = async (next: FormWay, all: readonly FormTry[]): Promise<void> => {
    [way, tries] = [next, all];
    await onAgain?.(way, tries);
  };
  for (;;) {
    const made = await make(way);
    const { wider, evened } = way;
    const form: FormErrors = { dtype, errors: made.errors, wider };
    const isEvened = evened.length > 0;
    // What was hard in activations lies in weights where channels are evened: alone that tells nothing of a matrix.
    const outliers = wider.length === 0 && !isEvened ? outliersOf(form) : [];
    if (outliers.length > 0) {
      await begin({ wider: outliers, evened }, tries);
      continue;
    }
    const came = await score();
    const scores: FormScores = { reference, measured: came.nll, bound };
    if (isFaithful(scores)) return { made, score: came, scores, wider, evened, tries };
    const all = [...tries, { wider, measured: came.nll, ...(isEvened ? { evened: true } : {}) }];
    const alike = all.filter((each) => (each.evened ?? false) === isEvened);
    const next = widerNext(form, scores, alike);
    if (next) await begin({ wider: next, evened }, all);
    else if (isEvened) await begin({ wider: [], evened: NOT_EVENED }, all);
    else return { made, score: came, scores, wider, evened, tries: all };
  }
}
