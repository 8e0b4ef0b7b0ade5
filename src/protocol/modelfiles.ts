import * as v from 'valibot';
import { isModelId, type ModelId } from '../core/ids.ts';
import type { ModelfileFault, ModelfileNote } from '../core/modelfile/faults.ts';
import { MAX_MODELFILE_LENGTH } from '../core/modelfile/parse.ts';
import { method } from './contract.ts';
import type { ModelSummary } from './modelReports.ts';

export type { ModelfileFault, ModelfileNote };

const id = v.pipe(
  v.string('name the model, for example "stories15m"'),
  v.guard(isModelId, 'is not a model id; expected a name such as "stories15m"'),
);
/** As Ollama's clients write it: the tag that means "this one" may stand behind. */
const name = v.pipe(
  v.string('name the new model, for example "mario"'),
  v.transform((text) => text.replace(/:latest$/, '')),
  v.guard(
    (text): text is ModelId => isModelId(text) && !text.includes(':'),
    'cannot be the name of a model; expected one such as "mario" or "me/mario"',
  ),
);
const text = v.pipe(v.string(), v.maxLength(MAX_MODELFILE_LENGTH));
const value = v.union([v.string(), v.number(), v.boolean()]);

const CreateModelSchema = v.pipe(
  v.object({
    name,
    /** In Ollama's grammar (docs/modelfile.md). */
    modelfile: v.optional(text),
    /** In place of `modelfile`, what would stand in it, as in Ollama's `api/create`. */
    from: v.optional(v.string()),
    system: v.optional(text),
    template: v.optional(text),
    parameters: v.optional(v.record(v.string(), v.union([value, v.array(v.string())]))),
    messages: v.optional(v.pipe(v.array(v.object({ role: v.string(), content: text })), v.maxLength(1000))),
    license: v.optional(v.union([text, v.pipe(v.array(text), v.maxLength(100))])),
  }),
  v.check(
    ({ modelfile, from }) => (modelfile === undefined) !== (from === undefined),
    'give either modelfile, or from and what goes with it',
  ),
);
export type CreateModelRequest = v.InferInput<typeof CreateModelSchema>;
export type CreateModelParams = v.InferOutput<typeof CreateModelSchema>;

/** What is to be said of a Modelfile before it is used. */
export interface ModelfileCheck {
  /** Empty where a model can be made of it. */
  readonly faults: readonly ModelfileFault[];
  /** What has no effect here, or another one than in Ollama. */
  readonly notes: readonly ModelfileNote[];
  /** What it is made from, and whether that is on this device. */
  readonly base?: { readonly id: ModelId; readonly isInstalled: boolean };
}

export const modelfileContract = {
  'models.create': method<never, ModelSummary>()(CreateModelSchema),
  'models.copy': method<never, ModelSummary>()(v.object({ source: id, destination: name })),
  'models.modelfile': method<never, string>()(v.object({ id })),
  'models.checkModelfile': method<never, ModelfileCheck>()(v.object({ modelfile: text })),
};

/** Models that are made of others: part of `sill.models`. */
export interface DerivedModels {
  /**
   * Makes a model of another by a Modelfile: with its system message, parameters, template and first messages. It takes no room of its own, follows
   * its base through updates and rollbacks, and replaces one of the same name that was made before.
   * @throws SillError `invalid_request` with all faults and their lines | `model_not_installed` without its base
   */
  create(request: CreateModelRequest): Promise<ModelSummary>;
  /** The same model under another name. @throws SillError `model_not_installed` | `invalid_request` for a name that is taken */
  copy(source: string, destination: string): Promise<ModelSummary>;
  /** The Modelfile of a derived model as it was written, or one that says what an installed model says by itself. @throws SillError `model_not_installed` */
  modelfile(id: string): Promise<string>;
  /** What is wrong with a Modelfile, line by line. Changes nothing. */
  checkModelfile(modelfile: string): Promise<ModelfileCheck>;
}
