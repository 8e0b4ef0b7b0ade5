import type { ModelId } from '../../core/ids.ts';
import { adaptationOf, baseOf, type DerivedModel } from '../../core/modelfile/derivedModel.ts';
import { tierOf } from '../../core/tier.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';

/**
 * The list with the models that were made of others at its end. A name stands there once: one that a model with weights has taken since is that one's,
 * one that a catalog has come to offer since is the derived model's.
 */
export function withDerived(models: readonly ModelSummary[], derived: readonly DerivedModel[]): ModelSummary[] {
  const all = new Map(derived.map((model) => [model.id, model]));
  const taken = new Set(models.flatMap(({ id, state }) => (state === 'available' ? [] : [id])));
  const summaries = derived.flatMap((model) => {
    if (taken.has(model.id)) return [];
    const weights = weightsOf(model, all);
    const found = models.find(({ id }) => id === weights.base);
    return [summaryOf(model, weights, found)];
  });
  return [...models.filter(({ id }) => taken.has(id) || !all.has(id)), ...summaries];
}

interface Weights {
  readonly base: ModelId;
  /** One of these Modelfiles says how conversations are written down. */
  readonly hasTemplate: boolean;
}

/** One that can no longer be read, or is made from itself since a copy was restored, is shown all the same: else nobody could mend or remove it. */
function weightsOf(model: DerivedModel, all: ReadonlyMap<ModelId, DerivedModel>): Weights {
  try {
    const { base, template } = adaptationOf(model, (id) => all.get(id));
    return { base, hasTemplate: template !== undefined };
  } catch {
    return { base: model.id, hasTemplate: false };
  }
}

function fromOf(model: DerivedModel): ModelId {
  try {
    return baseOf(model);
  } catch {
    return model.id;
  }
}

function summaryOf(model: DerivedModel, { base, hasTemplate }: Weights, found: ModelSummary | undefined): ModelSummary {
  const { id, about, changedAtMs } = model;
  const derived = { base, from: fromOf(model), changedAtMs };
  const talks = hasTemplate ? { holdsConversations: true } : {};
  if (found) {
    const { installed: _installed, lost: _lost, progress: _progress, error: _error, source: _source, ...shared } = found;
    // An update of the base goes on beside it.
    const state = found.installed ? 'installed' : found.state;
    return { ...shared, id, name: id, description: '', offered: false, state, derived, ...talks };
  }
  const { name: _name, provenance, ...rest } = about;
  return {
    ...rest,
    ...{ id, name: id, description: '', tier: tierOf(about.parameters), provenance, trust: 'signed', offered: false, state: 'available' },
    ...{ fits: [], derived, ...talks },
  };
}
