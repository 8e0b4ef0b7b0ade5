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
  #isCancelled = false;

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

  /** Ends it, and drops what it had judged. */
  cancel(): void {
    this.#isCancelled = true;
    this.abort();
  }

  #follow(model: string, work: (sill: Sill, options: RunOptions) => Promise<EvaluationRun>): Promise<void> {
    let id: string | undefined;
    return this.during(
      model,
      async (sill, { signal, onProgress }) => {
        this.#isCancelled = false;
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
        if (!this.#isCancelled) return { kind: 'paused', model, ...named };
        if (id !== undefined) await sill.evaluations.remove(id).catch(() => 0);
        return { kind: 'cancelled', model };
      },
    );
  }

  protected override async read({ evaluations }: Sill): Promise<void> {
    [this.list, this.suites] = await Promise.all([evaluations.overview(), evaluations.suites()]);
  }
}
