import type { VariantFit } from '../../core/fit.ts';
import { TASKS, type Task } from '../../core/tasks.ts';
import { TIERS, type Tier } from '../../core/tier.ts';
import { folded, hasWords, wordsOf } from '../../core/words.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';

const FACETS = ['task', 'size', 'licence', 'fit', 'place'] as const;
export type Facet = (typeof FACETS)[number];

/** What a person wants to see; a facet without a value lets everything through. */
export interface ModelFilter extends Readonly<Partial<Record<Facet, string | undefined>>> {
  /** Words that all have to occur, in any case. */
  readonly words?: string | undefined;
}

type Filtered = Pick<ModelSummary, 'id' | 'name' | 'description' | 'task' | 'tier' | 'licence' | 'fits' | 'installed' | 'derived'>;

/** What a model is in each facet. Where nothing is known of a fit there is none. */
const valueIn = (model: Filtered, facet: Facet): string | undefined => {
  switch (facet) {
    case 'task':
      return model.task;
    case 'size':
      return model.tier;
    case 'licence':
      return model.licence.spdx;
    case 'fit':
      return model.fits[0]?.verdict;
    case 'place':
      return model.installed || model.derived ? 'here' : 'offered';
  }
};

export function matches(model: Filtered, filter: ModelFilter): boolean {
  return (
    FACETS.every((facet) => filter[facet] === undefined || valueIn(model, facet) === filter[facet]) &&
    hasWords(folded(`${model.id} ${model.name} ${model.description}`), wordsOf(filter.words ?? ''))
  );
}

const VERDICTS: ReadonlyArray<VariantFit['verdict']> = ['fits', 'tight', 'no'];
const ORDER: Readonly<Record<Facet, readonly string[]>> = {
  task: TASKS satisfies readonly Task[],
  size: TIERS satisfies readonly Tier[],
  licence: [],
  fit: VERDICTS,
  place: ['here', 'offered'],
};

/**
 * The facets in which the models differ, each with the values that occur. One that is chosen stays, also where the last model of that
 * value has gone: a person could not take it back otherwise.
 */
export function facetsOf(models: readonly Filtered[], filter: ModelFilter): ReadonlyArray<{ facet: Facet; values: readonly string[] }> {
  return FACETS.flatMap((facet) => {
    const chosen = filter[facet];
    const found = new Set(models.flatMap((model) => valueIn(model, facet) ?? []));
    if (chosen !== undefined) found.add(chosen);
    const rank = (value: string) => ORDER[facet].indexOf(value);
    const values = [...found].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    return values.length > 1 || chosen !== undefined ? [{ facet, values }] : [];
  });
}

/** From so many models on, looking for one by its name is quicker than looking at all. */
export const MANY = 7;

/** Whether there is anything to choose by. */
export const canFilter = (models: readonly Filtered[], filter: ModelFilter): boolean =>
  models.length >= MANY || facetsOf(models, filter).length > 0;
