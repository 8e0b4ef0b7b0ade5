import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { OperatorReport } from '../protocol/engineReports.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';
import type { Sill } from '../protocol/sill.ts';
import type { ModelUpdate, UpdateOutcome, UpdatePolicyData, UpdateStatus } from '../protocol/updateReports.ts';
import type { Activity } from './activity.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** What is being done to the versions of a model at a person's wish. */
export type UpdateAction = 'updating' | 'rolling-back' | 'pinning';

/**
 * What the engine last found on offer for the installed models, and what people do about it; shared by all views.
 *
 * @fires change
 */
export class UpdatesStore extends EventTarget {
  status: UpdateStatus | undefined;
  operator: OperatorReport | undefined;
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  checking = false;
  readonly actions = new Map<string, UpdateAction>();
  /** Of the updates that run now, by model. */
  readonly progress = new Map<string, InstallProgress>();
  /** How the last update of a model ended, until the next. */
  readonly outcomes = new Map<string, UpdateOutcome>();
  /** Why the last action on a model failed, until the next. */
  readonly failures = new Map<string, SillError>();
  readonly #activity: Activity;
  readonly #aborts = new Map<string, AbortController>();
  #sill: Sill | undefined;

  constructor(activity: Activity) {
    super();
    this.#activity = activity;
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Sill): () => void {
    this.#sill = sill;
    const stop = sill.watch((event) => {
      if (event.type === 'install') this.#follow(event.id, event.progress);
      if (event.type === 'updates' || event.type === 'models') this.#forget();
      // What the catalog says may have been read for the list of models; what is installed decides what is news. What keeps the operator's file from
      // being heeded, or a model of theirs from being installed, is told of as what a kiosk lacks.
      if (event.type === 'updates' || event.type === 'models' || event.type === 'kiosk') void this.refresh();
    });
    void this.refresh();
    return stop;
  }

  /** Models for which something is on offer. */
  get offered(): readonly ModelUpdate[] {
    return this.status?.lastReport?.models.filter((model) => model.offer) ?? [];
  }

  /** What a person should look at: offers, and versions in use that were taken back. */
  get newsCount(): number {
    const models = this.status?.lastReport?.models ?? [];
    return models.filter((model) => model.offer || model.withdrawn.some(({ isActive }) => isActive)).length;
  }

  readonly refresh = oneAtATime(() =>
    this.#do(async (sill) => {
      [this.status, this.operator] = await Promise.all([sill.updates.policy(), sill.operator()]);
    }),
  );

  /** Asks the catalog, at a person's wish. */
  async check(): Promise<void> {
    this.checking = true;
    this.#changed();
    await this.#do(async (sill) => {
      await sill.updates.check();
      this.status = await sill.updates.policy();
    });
    this.checking = false;
    this.#changed();
  }

  /** Rejects where it cannot be stored: the form says so, since the list of models has nothing to do with it. */
  async setPolicy(policy: UpdatePolicyData): Promise<void> {
    if (!this.#sill) return;
    this.status = await this.#sill.updates.setPolicy(policy);
    this.#changed();
  }

  /** Download, trial, and in place where it passes. */
  async activate(id: string, revision: string): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    this.outcomes.delete(id);
    await this.#act(id, 'updating', async (sill) => {
      const outcome = await this.#activity.during(() =>
        sill.models.activate(id, revision, {
          signal: abort.signal,
        }),
      );
      this.outcomes.set(id, outcome);
    });
    this.progress.delete(id);
    this.#aborts.delete(id);
    this.#changed();
  }

  /** One after the other, as a slow line would have it. */
  async activateAll(): Promise<void> {
    for (const { id, offer } of this.offered) if (offer) await this.activate(id, offer.revision);
  }

  stop(id: string): void {
    this.#aborts.get(id)?.abort();
  }

  async rollBack(id: string, reason?: string): Promise<void> {
    await this.#act(id, 'rolling-back', async (sill) => void (await sill.models.rollback(id, reason === undefined ? {} : { reason })));
  }

  async pin(id: string, revision: string | undefined): Promise<void> {
    await this.#act(id, 'pinning', async (sill) => void (await sill.models.pin(id, revision)));
  }

  async #act(id: string, action: UpdateAction, work: (sill: Sill) => Promise<void>): Promise<void> {
    if (!this.#sill) return;
    this.failures.delete(id);
    this.actions.set(id, action);
    this.#changed();
    try {
      await work(this.#sill);
    } catch (error) {
      if (!isAbort(error)) this.failures.set(id, toSillError(error));
    } finally {
      this.actions.delete(id);
      this.#changed();
    }
  }

  /** Of an update that runs here, or by itself, or in another tab. */
  #follow(id: string, progress: InstallProgress): void {
    if (!this.status?.lastReport?.models.some((model) => model.id === id)) return;
    this.progress.set(id, progress);
    this.#changed();
  }

  /** What another tab did has ended, well or not: its next step tells anew. */
  #forget(): void {
    for (const id of this.progress.keys()) if (this.actions.get(id) !== 'updating') this.progress.delete(id);
  }

  async #do(work: (sill: Sill) => Promise<void>): Promise<void> {
    if (!this.#sill) return;
    try {
      await work(this.#sill);
      this.error = undefined;
    } catch (error) {
      this.error = toSillError(error);
    }
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
