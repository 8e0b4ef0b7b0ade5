import * as v from 'valibot';
import { SillError } from '../errors.ts';
import { isModelId, isRevisionId, type ModelId } from '../ids.ts';
import { TASKS } from '../tasks.ts';
import type { DerivedParameters } from './parameters.ts';
import { MAX_MODELFILE_LENGTH, type Modelfile, type ModelfileMessage, readModelfile } from './parse.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const modelId = v.pipe(v.string(), v.guard(isModelId));

/** As it is kept on the device, and as it travels with a person's own data. */
export const DerivedModelSchema = v.object({
  id: modelId,
  /** The source, with its comments. */
  modelfile: v.pipe(
    text(MAX_MODELFILE_LENGTH),
    v.check((source) => readModelfile(source).modelfile !== undefined, 'it is no Modelfile'),
  ),
  createdAtMs: count,
  changedAtMs: count,
  /** What was known of its base when it was made, to be shown while that is gone. */
  about: v.object({
    name: text(120),
    task: v.picklist(TASKS),
    parameters: count,
    languages: v.array(text(35)),
    licence: v.object({ spdx: text(64), text: text(100_000) }),
    contextLength: v.exactOptional(count),
    provenance: text(500),
    revision: v.pipe(v.string(), v.guard(isRevisionId)),
  }),
});

/** A model that a person made from another: a Modelfile with a name. It shares all weights, and follows its base through updates and rollbacks. */
export type DerivedModel = v.InferOutput<typeof DerivedModelSchema>;

type Written = Pick<DerivedModel, 'id' | 'modelfile'>;

/** Derived of a derived, and so on: deeper is a mistake. */
const MAX_CHAIN = 8;

/** What all the Modelfiles on the way to a model with weights say together: what is nearer goes before. */
export interface Adaptation {
  /** The model with weights. */
  readonly base: ModelId;
  /** First digits of the only revision that will do. */
  readonly version?: string;
  readonly parameters: DerivedParameters;
  readonly template?: string;
  readonly system?: string;
  readonly messages: readonly ModelfileMessage[];
  readonly licences: readonly string[];
}

/** @throws SillError `internal`: what is kept was readable when it was written */
function modelfileOf({ id, modelfile: source }: Written): Modelfile {
  const { modelfile } = readModelfile(source, { isKept: true });
  if (modelfile) return modelfile;
  throw new SillError('internal', `The Modelfile of ${id} cannot be read by this version of Sill. Edit it in the Models view.`);
}

/** The id that it names in FROM, whatever that is. */
export const baseOf = (model: Written): ModelId => modelfileOf(model).from.id;

/**
 * @param find a derived model by its id; undefined for every other model
 * @throws SillError `invalid_request` where models are made from each other in a circle, or of too many
 */
export function adaptationOf(model: Written, find: (id: ModelId) => Written | undefined): Adaptation {
  const chain: Modelfile[] = [];
  const seen: ModelId[] = [];
  let current: Written | undefined = model;
  while (current) {
    if (seen.includes(current.id) || seen.length === MAX_CHAIN) {
      throw new SillError(
        'invalid_request',
        seen.includes(current.id)
          ? `${model.id} would be made from itself (${[...seen, current.id].join(' from ')}). Name another model in FROM.`
          : `${model.id} is made from a model that is made from another, and so on, more than ${MAX_CHAIN} times. Name a model nearer to the weights in FROM.`,
        { details: { id: model.id } },
      );
    }
    seen.push(current.id);
    const modelfile = modelfileOf(current);
    chain.push(modelfile);
    current = find(modelfile.from.id);
  }
  const nearest = <T>(of: (modelfile: Modelfile) => T | undefined): T | undefined => chain.map(of).find((value) => value !== undefined);
  const from = chain.at(-1)?.from ?? { id: model.id };
  const template = nearest((each) => each.template);
  const system = nearest((each) => each.system);
  return {
    base: from.id,
    ...(from.version === undefined ? {} : { version: from.version }),
    parameters: Object.assign({}, ...chain.map(({ parameters }) => parameters).reverse()) as DerivedParameters,
    ...(template === undefined ? {} : { template }),
    ...(system === undefined ? {} : { system }),
    messages: nearest((each) => (each.messages.length > 0 ? each.messages : undefined)) ?? [],
    licences: chain.flatMap(({ licences }) => licences),
  };
}

interface Neighbours {
  readonly derived: readonly DerivedModel[];
  /** Whether a model with weights has this id, installed or on its way. */
  readonly isInstalled: (id: ModelId) => boolean;
}

/**
 * Whether a derived model may be kept beside those that are there.
 * @throws SillError `invalid_request` for a name that is taken, a circle, a version of what has none | `model_not_installed` without its base
 */
export function assertDerivable(model: DerivedModel, { derived, isInstalled }: Neighbours): Adaptation {
  const { id } = model;
  if (isInstalled(id)) {
    throw new SillError(
      'invalid_request',
      `${id} is the name of an installed model. Choose another name for the one that you make from it.`,
      {
        details: { id },
      },
    );
  }
  const others = new Map(derived.map((other) => [other.id, other]));
  const { from } = modelfileOf(model);
  if (from.version !== undefined && others.has(from.id)) {
    throw new SillError('invalid_request', `${from.id} was made here and has no versions: write FROM ${from.id}.`, {
      details: { id: from.id },
    });
  }
  others.set(id, model);
  const adaptation = adaptationOf(model, (other) => others.get(other));
  if (!isInstalled(adaptation.base)) throw baseMissing(id, adaptation.base);
  return adaptation;
}

/** @throws SillError `invalid_request` while others are made from it */
export function assertRemovable(id: ModelId, derived: readonly DerivedModel[]): void {
  const users = derived.filter((other) => other.id !== id && baseOf(other) === id).map((other) => other.id);
  if (users.length === 0) return;
  throw new SillError(
    'invalid_request',
    `${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} made from ${id}. Remove that first, or name another model in its FROM.`,
    {
      details: { id, derived: users },
    },
  );
}

export const baseMissing = (id: ModelId, base: ModelId): SillError =>
  new SillError(
    'model_not_installed',
    `${id} is made from ${base}, which is not installed on this device. Install it in the Models view, or with sill.models.install("${base}").`,
    { details: { id: base, derived: id } },
  );

/** Those that need this model, at whatever distance. */
export function derivedFrom(id: ModelId, derived: readonly DerivedModel[]): ModelId[] {
  const found = new Set<ModelId>([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const each of derived) if (found.has(baseOf(each))) found.add(each.id);
  }
  found.delete(id);
  return [...found];
}
