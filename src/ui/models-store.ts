import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { Task } from '../core/tasks.ts';
import type { FileImportProgress } from '../protocol/importReports.ts';
import type { RepairProgress, RepairReport } from '../protocol/integrityReports.ts';
import type { ModelList, ModelSummary } from '../protocol/modelReports.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** What is being done to a model at the person's wish, besides installing, which the engine itself reports. */
export type ModelAction = 'removing' | 'loading' | 'unloading';

/** A repair that a person asked for on this page. */
export type RepairState =
  | { readonly kind: 'running'; readonly progress?: RepairProgress }
  | { readonly kind: 'done'; readonly report: RepairReport; readonly atMs: number }
  | { readonly kind: 'failed'; readonly error: SillError };

/**
 * The models as the engine last told, shared by all views, and what people do to them.
 *
 * @fires change
 */
export class ModelsStore extends EventTarget {
  list: ModelList | undefined;
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  /** Why the last action on a model failed, by id, until the next. */
  readonly failures = new Map<string, SillError>();
  readonly actions = new Map<string, ModelAction>();
  /** By id, until the next. */
  readonly repairs = new Map<string, RepairState>();
  readonly #activity: Activity;
  #sill: Sill | undefined;

  constructor(activity: Activity) {
    super();
    this.#activity = activity;
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Sill): () => void {
    this.#sill = sill;
    const stop = sill.watch((event) => {
      if (event.type === 'models') void this.#follow();
      // A model that is on trial is installed all the while.
      if (event.type === 'install' && event.progress.phase !== 'trying')
        this.#patch(event.id, { state: 'installing', progress: event.progress });
      if (event.type === 'making') this.#move(event.id, event.progress);
    });
    const refresh = (): void => void this.refresh();
    addEventListener('online', refresh);
    refresh();
    return () => {
      removeEventListener('online', refresh);
      stop();
    };
  }

  #asks = false;
  /** After a change on this device, which needs no word of the server. */
  readonly #follow = oneAtATime(() => this.#fetch());

  /** Asks the server too. */
  refresh(): Promise<void> {
    this.#asks = true;
    return this.#follow();
  }

  byTask(task: Task): readonly ModelSummary[] {
    return this.list?.models.filter((model) => model.task === task) ?? [];
  }

  /** Also what was made of an installed model, where that writes. */
  installed(task: Task): readonly ModelSummary[] {
    return this.byTask(task).filter(
      ({ installed, derived, state }) => installed || (derived && task === 'text-generation' && state === 'installed'),
    );
  }

  /** Resolves when the install ended, well or not: failures are told on the model. */
  async install(id: string, variant?: string): Promise<void> {
    await this.#act(id, async (sill) => {
      await this.#activity.during(() => sill.models.install(id, variant === undefined ? {} : { variant }));
    });
  }

  /** As `install`, of a model from elsewhere: `reference` is its id with a commit. */
  async add(
    id: string,
    reference: string,
    from: { readonly source?: string; readonly variant?: string; readonly task?: Task } = {},
  ): Promise<void> {
    await this.#act(id, async (sill) => {
      await this.#activity.during(() => sill.sources.add(reference, from));
    });
  }

  /** Drops what this device recorded of a model that nobody signed, and what is unfinished of it. */
  async forget(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.sources.forget(id)));
  }

  /** Of a paused or failed one: goes on. Of one that waits on a connection that costs: the word that it may. */
  async resume(id: string): Promise<void> {
    await this.#act(id, (sill) => sill.downloads.resume(id));
  }

  async pause(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.downloads.pause(id)));
  }

  /** Gives an unfinished install up, with what was stored of it. */
  async discard(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.downloads.cancel(id)));
  }

  async remove(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.models.remove(id)), 'removing');
  }

  /** Resolves when the repair ended: how is in `repairs`. `metered` says that it may cost. */
  async repair(id: string, metered?: 'allow'): Promise<void> {
    const sill = this.#sill;
    if (!sill || this.repairs.get(id)?.kind === 'running') return;
    const show = (state: RepairState): void => {
      this.repairs.set(id, state);
      this.#changed();
    };
    show({ kind: 'running' });
    try {
      const report = await this.#activity.during(() =>
        sill.models.repair(id, {
          ...(metered ? { metered } : {}),
          onProgress: (progress) => show({ kind: 'running', progress }),
        }),
      );
      show({ kind: 'done', report, atMs: performance.now() });
    } catch (error) {
      show({ kind: 'failed', error: toSillError(error) });
    }
    await this.refresh();
  }

  async load(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.models.load(id)), 'loading');
  }

  async unload(id: string): Promise<void> {
    await this.#act(id, async (sill) => void (await sill.models.unload(id)), 'unloading');
  }

  async place(id: string, device: 'wasm' | 'webgpu' | undefined): Promise<void> {
    await this.#act(id, (sill) => sill.models.place(id, device));
  }

  async #act(id: string, work: (sill: Sill) => Promise<void>, action?: ModelAction): Promise<void> {
    if (!this.#sill) return;
    this.failures.delete(id);
    if (action) this.actions.set(id, action);
    this.#changed();
    try {
      await work(this.#sill);
    } catch (error) {
      if (!isAbort(error)) this.failures.set(id, toSillError(error));
    } finally {
      this.actions.delete(id);
      await this.#follow();
    }
  }

  async #fetch(): Promise<void> {
    if (!this.#sill) return;
    const recent = !this.#asks;
    this.#asks = false;
    try {
      this.list = withRemembered(await this.#sill.models.overview({ recent }), this.list);
      this.error = undefined;
    } catch (error) {
      this.error = toSillError(error);
    }
    this.#changed();
  }

  /** Of a form that is made: those that were made of its model wait for it too. */
  #move(id: string, progress: FileImportProgress | undefined): void {
    if (!progress) return void this.#follow();
    for (const model of this.list?.models ?? [])
      if (model.id === id || model.derived?.base === id) this.#patch(model.id, { making: progress });
  }

  #patch(id: string, change: Partial<ModelSummary>): void {
    if (!this.list) return;
    this.list = { ...this.list, models: this.list.models.map((model) => (model.id === id ? { ...model, ...change } : model)) };
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

/**
 * Without the catalog the engine knows the installed models only. What this page was told before stays in sight, or an install that
 * lost the network would vanish together with the reason.
 */
export function withRemembered(list: ModelList, before: ModelList | undefined): ModelList {
  if (!list.catalogError || !before) return list;
  const now = new Map(list.models.map((model) => [model.id, model]));
  const remembered = before.models
    .filter((model) => !(model.installed || model.derived) || now.has(model.id))
    .map((model): ModelSummary => {
      const known = now.get(model.id);
      now.delete(model.id);
      if (known) return { ...known, offered: model.offered };
      return model.state === 'installing' ? { ...model, state: 'unfinished' } : model;
    });
  return { ...list, models: [...remembered, ...now.values()] };
}
