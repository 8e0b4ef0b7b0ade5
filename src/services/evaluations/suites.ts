import { SillError } from '../../core/errors.ts';
import { type EvaluationCase, parseSuite, readSuite } from '../../core/evaluation.ts';
import { isModelId, type ModelId } from '../../core/ids.ts';
import type { Manifest, ManifestFile } from '../../core/manifest.ts';
import { publisherSuite, suiteModel } from '../../core/ownSuite.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { Suite, SuiteSummary } from '../../protocol/evaluations.ts';
import type { Hub } from '../hub.ts';

/** A suite as it is run. */
export interface RunnableSuite {
  readonly id: string;
  readonly digest: string;
  readonly cases: readonly EvaluationCase[];
}

export interface Suites {
  list(): Promise<SuiteSummary[]>;
  /** @throws SillError `invalid_request` where there is none | `installation_damaged` */
  get(id: string): Promise<Suite>;
  /** @throws SillError as `get`, and `invalid_suite` | `invalid_manifest` where a line is none */
  open(id: string): Promise<RunnableSuite>;
  /** @throws SillError `invalid_suite` | `quota_exceeded` */
  save(suite: { readonly name: string; readonly text: string; readonly replaces?: string | undefined }): Promise<Suite>;
  remove(id: string): Promise<boolean>;
}

export interface SuitesDeps {
  readonly store: Store;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly hub: Hub;
}

/** Suites in the manifests of installed models, and those that a person wrote here. */
export function createSuites({ store, digests, clock, hub }: SuitesDeps): Suites {
  /** The suite of the revision that runs: each other revision is asked the same, so that they can be compared. */
  const published = async (model: ModelId): Promise<string | undefined> => {
    const active = (await store.models.slots(model))?.active;
    const manifest = active && (await store.models.manifest(active.revision));
    const file = manifest?.files.find(({ path }) => path === manifest.evaluation);
    return manifest && file ? textOf(store, manifest, file) : undefined;
  };

  const textById = async (id: string): Promise<Pick<Suite, 'by' | 'text' | 'model' | 'savedAtMs'>> => {
    const model = suiteModel(id);
    if (model === undefined) {
      const own = await store.suites.get(id);
      if (own) return { by: 'person', text: own.text, savedAtMs: own.savedAtMs };
      throw new SillError('invalid_request', `There is no suite "${id}" on this device. Write or import one in the Evaluations view.`, {
        details: { suite: id },
      });
    }
    const text = isModelId(model) ? await published(model) : undefined;
    if (text !== undefined) return { by: 'publisher', text, model };
    throw new SillError(
      'invalid_request',
      `${model} brings no evaluation suite with it, or is not installed. Choose another suite, or write one in the Evaluations view.`,
      { details: { suite: id, model } },
    );
  };

  const summary = (id: string, { text, ...suite }: Pick<Suite, 'by' | 'text' | 'model' | 'savedAtMs'>): SuiteSummary => {
    const { cases, faults } = readSuite(text);
    return { id, ...suite, cases: cases.length, faults };
  };

  const get: Suites['get'] = async (id) => {
    const found = await textById(id);
    return { ...summary(id, found), text: found.text };
  };

  return {
    async list() {
      const suites: SuiteSummary[] = [];
      for (const { modelId } of await store.models.allSlots()) {
        const text = await published(modelId).catch(() => undefined);
        if (text !== undefined) suites.push(summary(publisherSuite(modelId), { by: 'publisher', text, model: modelId }));
      }
      const own = (await store.suites.list()).map(({ id, text, savedAtMs }) => summary(id, { by: 'person', text, savedAtMs }));
      return [...suites.sort((a, b) => (a.id < b.id ? -1 : 1)), ...own];
    },
    get,
    async open(id) {
      const { text, by } = await textById(id);
      return { id, digest: await digests.sha256(new TextEncoder().encode(text)), cases: parseSuite(text, by) };
    },
    async save({ name, text, replaces }) {
      parseSuite(text, 'person');
      await store.suites.put({ id: name, text, savedAtMs: Math.max(0, clock.now()) });
      if (replaces !== undefined && replaces !== name) await store.suites.delete(replaces);
      hub.tell({ type: 'evaluations' });
      return get(name);
    },
    async remove(id) {
      const removed = await store.suites.delete(id);
      if (removed) hub.tell({ type: 'evaluations' });
      return removed;
    },
  };
}

async function textOf({ chunks }: Pick<Store, 'chunks'>, manifest: Manifest, file: ManifestFile): Promise<string> {
  const blob = await chunks.join(file.chunks.map(({ digest }) => digest));
  if (blob) return blob.text();
  throw new SillError('installation_damaged', `The evaluation suite of ${manifest.name} is missing on this device. Repair the model.`, {
    details: { id: manifest.id, path: file.path },
  });
}
