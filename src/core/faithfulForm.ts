import { type FormScores, isFaithful } from './importGate.ts';
import type { FormRecipe } from './making.ts';
import { type FormErrors, type FormTry, outliersOf, widerNext } from './widening.ts';

interface Making<Made, Score> {
  readonly dtype: FormRecipe['dtype'];
  readonly reference: number;
  /** By how many nats a token the form may be worse than that. */
  readonly bound: number;
  /** Where an earlier run was cut off; from the beginning where it is absent. */
  readonly begun?: { readonly wider: readonly string[]; readonly tries: readonly FormTry[] };
  /** @param wider names of the matrices that are to be kept in a higher form */
  make(wider: readonly string[]): Promise<Made>;
  /** What was made last. */
  score(): Promise<Score>;
  /** Before it is made in another way. */
  onAgain?(wider: readonly string[], tries: readonly FormTry[]): Promise<void>;
}

/** How it ended: the last form that was made, with its scores, and how those before it came out. */
export interface FormOutcome<Made, Score> {
  readonly made: Made;
  readonly score: Score;
  readonly scores: FormScores;
  readonly wider: readonly string[];
  /** Tries that lost too much, in turn; with the last one where all did. */
  readonly tries: readonly FormTry[];
}

/**
 * Makes a form until it is faithful, or another try is not worth it. Matrices that are much further from the file than others of their kind are kept higher
 * in any case, without a score; where that is not enough the worst of the others, step by step.
 */
export async function makeFaithful<Made extends Pick<FormErrors, 'errors'>, Score extends { readonly nll: number }>({
  dtype,
  reference,
  bound,
  begun,
  make,
  score,
  onAgain,
}: Making<Made, Score>): Promise<FormOutcome<Made, Score>> {
  let { wider, tries } = begun ?? { wider: [], tries: [] };
  const begin = async (next: readonly string[], all: readonly FormTry[]): Promise<void> => {
    [wider, tries] = [next, all];
    await onAgain?.(wider, tries);
  };
  for (;;) {
    const made = await make(wider);
    const form: FormErrors = { dtype, errors: made.errors, wider };
    const outliers = wider.length === 0 ? outliersOf(form) : [];
    if (outliers.length > 0) {
      await begin(outliers, tries);
      continue;
    }
    const came = await score();
    const scores: FormScores = { reference, measured: came.nll, bound };
    if (isFaithful(scores)) return { made, score: came, scores, wider, tries };
    const all = [...tries, { wider, measured: came.nll }];
    const next = widerNext(form, scores, all);
    if (!next) return { made, score: came, scores, wider, tries: all };
    await begin(next, all);
  }
}
