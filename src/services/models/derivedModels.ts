import { SillError } from '../../core/errors.ts';
import { isGoTemplate } from '../../core/goTemplate/chat.ts';
import { type ModelId, shortRevision } from '../../core/ids.ts';
import type { Manifest } from '../../core/manifest.ts';
import { type Adaptation, adaptationOf, baseMissing, type DerivedModel, derivedFrom } from '../../core/modelfile/derivedModel.ts';
import { type ModelfileFault, modelfileRefused } from '../../core/modelfile/faults.ts';
import { type Modelfile, type ReadModelfile, readModelfile } from '../../core/modelfile/parse.ts';
import { printModelfile } from '../../core/modelfile/print.ts';
import { heldRevisions } from '../../core/slots.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { ModelfileCheck } from '../../protocol/modelfiles.ts';
import type { Hub } from '../hub.ts';
import { notInstalled } from '../notInstalled.ts';
import { createChatTemplates } from './chatTemplates.ts';

/** What is wrong with a chat template in Jinja; undefined when nothing is. */
export type TemplateCheck = (source: string) => string | undefined;

export interface DerivedModelsDeps {
  readonly store: Pick<Store, 'models' | 'modelfiles' | 'chunks'>;
  readonly clock: Clock;
  readonly hub: Hub;
  /** Ids of the models that can be installed, as far as that is known without a network. */
  readonly offered: () => Promise<readonly ModelId[]>;
  /** Loaded when a Modelfile brings one. */
  readonly loadTemplateCheck: () => Promise<TemplateCheck>;
}

/** Models that a person made of others. */
export interface DerivedModelsService {
  /**
   * Keeps it, in place of one of the same name that was made here before.
   * @throws SillError `invalid_request` | `model_not_installed` | `quota_exceeded`
   */
  create(id: ModelId, modelfile: string): Promise<void>;
  /** @throws SillError `model_not_installed` for a source that is neither installed nor made here | `invalid_request` */
  copy(source: ModelId, destination: ModelId): Promise<void>;
  /** @throws SillError `model_not_installed` */
  modelfile(id: ModelId): Promise<string>;
  check(modelfile: string): Promise<ModelfileCheck>;
  list(): Promise<DerivedModel[]>;
  /** @returns false where no derived model has the name @throws SillError `invalid_request` while others are made from it */
  remove(id: ModelId): Promise<boolean>;
  /**
   * What a request to this name is to have; undefined for a model with weights, and for a name that nobody has.
   * @throws SillError `model_not_installed` without its base, or while that runs in another version than FROM names
   */
  resolve(id: ModelId): Promise<Adaptation | undefined>;
  /** The model whose weights answer for this one: itself, where it has weights. */
  baseOf(id: ModelId): Promise<ModelId>;
  /** Those that do not answer without this model. */
  madeFrom(id: ModelId): Promise<readonly ModelId[]>;
}

export function createDerivedModels({ store, clock, hub, offered, loadTemplateCheck }: DerivedModelsDeps): DerivedModelsService {
  const templates = createChatTemplates(store);
  const activeOf = async (id: ModelId) => (await store.models.slots(id))?.active;

  /** A model with weights goes before: one may have been installed under the name since. */
  const find = async (id: ModelId): Promise<DerivedModel | undefined> => {
    const model = await store.modelfiles.get(id);
    return model && (await activeOf(id)) ? undefined : model;
  };

  const adapted = async (model: DerivedModel): Promise<Adaptation> => {
    const all = new Map((await store.modelfiles.list()).map((each) => [each.id, each]));
    return adaptationOf(model, (id) => all.get(id));
  };

  /** With what is known of Jinja elsewhere. */
  const read = async (source: string): Promise<ReadModelfile> => {
    const found = readModelfile(source);
    const { template } = found.modelfile ?? {};
    if (template === undefined || isGoTemplate(template)) return found;
    const why = (await loadTemplateCheck())(template);
    if (why === undefined) return found;
    const fault: ModelfileFault = { line: found.templateLine ?? 1, code: 'template', what: '', why };
    return { faults: [fault], notes: found.notes };
  };

  const manifestOf = async (id: ModelId): Promise<Manifest | undefined> => {
    const active = await activeOf(id);
    return active && (await store.models.manifest(active.revision));
  };

  /** What is known of a model with weights, which may still be on its way. */
  const aboutOf = async (id: ModelId): Promise<DerivedModel['about'] | undefined> => {
    const slots = await store.models.slots(id);
    const [held] = slots ? heldRevisions(slots) : [];
    const revision = held?.revision ?? (await store.models.journal()).find(({ modelId }) => modelId === id)?.revision;
    const manifest = revision && (await store.models.manifest(revision));
    if (!revision || !manifest) return undefined;
    const { name, task, parameters, languages, licence, contextLength, provenance } = manifest;
    return {
      ...{ name, task, parameters, languages, licence, provenance: provenance.source, revision },
      ...(contextLength === undefined ? {} : { contextLength }),
    };
  };

  const put = async (id: ModelId, source: string, modelfile: Modelfile): Promise<void> => {
    const all = new Map((await store.modelfiles.list()).map((each) => [each.id, each]));
    const written = { id, modelfile: source };
    const { base } = adaptationOf(written, (other) => (other === id ? written : all.get(other)));
    if (!all.has(id) && (await offered()).includes(id)) {
      throw new SillError('invalid_request', `${id} is the name of a model that can be installed here. Choose another name for yours.`, {
        details: { id },
      });
    }
    const about = await aboutOf(base);
    if (!about) throw baseMissing(id, base);
    refuseForeign(id, about, modelfile);
    const nowMs = clock.now();
    // The store looks at its premises again.
    await store.modelfiles.put({ ...written, about, createdAtMs: all.get(id)?.createdAtMs ?? nowMs, changedAtMs: nowMs });
    hub.tell({ type: 'models' });
  };

  return {
    async create(id, source) {
      const { modelfile, faults } = await read(source);
      if (!modelfile) throw modelfileRefused(faults);
      await put(id, source, modelfile);
    },
    async copy(source, destination) {
      const own = await find(source);
      if (!own && !(await activeOf(source))) throw notInstalled(source);
      const text = own?.modelfile ?? printModelfile({ from: source });
      const { modelfile, faults } = readModelfile(text);
      if (!modelfile) throw modelfileRefused(faults);
      await put(destination, text, modelfile);
    },
    async modelfile(id) {
      const own = await find(id);
      if (own) return own.modelfile;
      const manifest = await manifestOf(id);
      if (manifest) return modelfileOfManifest(manifest, await templates.of(manifest));
      throw notInstalled(id);
    },
    async check(source) {
      const { modelfile, faults, notes } = await read(source);
      if (!modelfile) return { faults, notes };
      const { id } = modelfile.from;
      const isInstalled = Boolean((await activeOf(id)) ?? (await store.modelfiles.get(id)));
      return { faults, notes, base: { id, isInstalled } };
    },
    list: () => store.modelfiles.list(),
    async remove(id) {
      if (!(await find(id))) return false;
      const removed = await store.modelfiles.delete(id);
      hub.tell({ type: 'models' });
      return removed;
    },
    async resolve(id) {
      const model = await find(id);
      if (!model) return undefined;
      const adaptation = await adapted(model);
      const active = await activeOf(adaptation.base);
      if (!active) throw baseMissing(id, adaptation.base);
      if (!isOfVersion(active.revision, adaptation.version)) throw otherVersion(id, adaptation, shortRevision(active.revision));
      return adaptation;
    },
    async baseOf(id) {
      const model = await find(id);
      return model ? (await adapted(model)).base : id;
    },
    async madeFrom(id) {
      return derivedFrom(id, await store.modelfiles.list());
    },
  };
}

/** @param version its first digits; absent means any */
export const isOfVersion = (revision: string, version: string | undefined): boolean =>
  version === undefined || revision.startsWith(`sha256:${version}`);

export const otherVersion = (id: ModelId, { base, version = '' }: Pick<Adaptation, 'base' | 'version'>, running: string): SillError =>
  new SillError(
    'model_not_installed',
    `${id} is made from version ${version.slice(0, 12)} of ${base}, and version ${running} runs. Go to that version in Versions, or name another in FROM.`,
    { details: { id: base, derived: id, version } },
  );

/** @throws SillError `invalid_request` for words about writing in a model that does not write */
function refuseForeign(id: ModelId, about: DerivedModel['about'], { parameters, template, system, messages }: Modelfile): void {
  const says = Object.keys(parameters).length > 0 || template !== undefined || system !== undefined || messages.length > 0;
  if (about.task === 'text-generation' || !says) return;
  throw new SillError(
    'invalid_request',
    `${about.name} is a model for ${about.task} and does not write: PARAMETER, TEMPLATE, SYSTEM and MESSAGE mean nothing to it. FROM alone gives it another name.`,
    { details: { id, task: about.task } },
  );
}

/** What a model with weights says by itself, as `ollama show --modelfile` writes it. */
function modelfileOfManifest({ id, generation, licence }: Manifest, template: string | undefined): string {
  const { temperature, topP, topK, repetitionPenalty, maxTokens } = generation ?? {};
  const given = { temperature, top_p: topP, top_k: topK, repeat_penalty: repetitionPenalty, num_predict: maxTokens };
  const parameters = Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return printModelfile({ from: id, parameters, ...(template === undefined ? {} : { template }), license: licence.text });
}
