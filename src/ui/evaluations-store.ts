import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { EvaluationList, EvaluationProgress, EvaluationRequest, EvaluationRun, SuiteSummary } from '../protocol/evaluations.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { RunsStore } from './runs-store.ts';

/** `paused` and `failed` ones go on by their id, where anything was judged. */
type Ended =
  | { readonly kind: 'done'; readonly model: string; readonly run: EvaluationRun }
  | { readonly kind: 'paused' | 'cancelled'; readonly model: string; readonly id?: string }
  | { readonly kind: 'failed'; readonly model: string; readonly error: SillError; readonly id?: string };

type RunOptions = NonNullable<Parameters<Sill['evaluations']['run']>[1]>;

/** Evaluation suites, and runs of them. */
export class EvaluationsStore extends RunsStore<EvaluationProgress, Ended> {
  list: EvaluationList | undefined;
  suites: readonly SuiteSummary[] | undefined;
  /** Absent while a run is not to be dropped. */
  #offerBack: ((bring: () => Promise<void>) => void) | undefined;

  constructor(activity: Activity) {
    // What a model brings with it comes and goes with it.
    super(activity, ['evaluations', 'models']);
  }

  start(request: EvaluationRequest): Promise<void> {
    return this.#follow(request.model, (sill, options) => sill.evaluations.run(request, options));
  }

  resume({ id, model }: EvaluationRun): Promise<void> {
    return this.#follow(model.id, (sill, options) => sill.evaluations.resume(id, options));
  }

  /** What was judged is kept, and the run goes on from there by `resume`. */
  pause(): void {
    this.abort();
  }

  /** Ends it, and drops what it had judged, before a pause too. @param offerBack is given the way to have it all again, as a run that is paused */
  cancel(offerBack: (bring: () => Promise<void>) => void): void {
    this.#offerBack = offerBack;
    this.abort();
  }

  #follow(model: string, work: (sill: Sill, options: RunOptions) => Promise<EvaluationRun>): Promise<void> {
    let id: string | undefined;
    return this.during(
      model,
      async (sill, { signal, onProgress }) => {
        this.#offerBack = undefined;
        const run = await work(sill, {
          signal,
          onProgress(progress) {
            id = progress.id;
            onProgress(progress);
          },
        });
        return { kind: 'done', model, run };
      },
      async (error, sill) => {
        const named = id === undefined ? {} : { id };
        if (!isAbort(error)) return { kind: 'failed', model, error: toSillError(error), ...named };
        const paused = { kind: 'paused', model, ...named } as const;
        if (!this.#offerBack) return paused;
        // What cannot be dropped is there still.
        const isGone = id === undefined || (await this.#drop(sill, model, id, this.#offerBack).catch(() => false));
        return isGone ? { kind: 'cancelled', model } : paused;
      },
    );
  }

  async #drop({ evaluations }: Sill, model: string, id: string, offerBack: (bring: () => Promise<void>) => void): Promise<true> {
    const copy = await evaluations.export([id]);
    // Before its first case was judged there is nothing of it.
    if ((await evaluations.remove(id)) === 0) return true;
    offerBack(async () => {
      await evaluations.import(copy);
      // Meanwhile another one may have begun, or ended.
      if (this.run?.kind === 'cancelled') this.become({ kind: 'paused', model, id });
    });
    return true;
  }

  protected override async read({ evaluations }: Sill): Promise<void> {
    [this.list, this.suites] = await Promise.all([evaluations.overview(), evaluations.suites()]);
  }
}
