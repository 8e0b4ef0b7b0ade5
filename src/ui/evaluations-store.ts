import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { EvaluationList, EvaluationProgress, EvaluationRequest, EvaluationRun, SuiteSummary } from '../protocol/evaluations.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** What this page asked for, until the next. `paused` and `failed` ones go on by their id, where anything was judged. */
export type PageRun =
  | { readonly kind: 'running'; readonly model: string; readonly progress?: EvaluationProgress }
  | { readonly kind: 'done'; readonly model: string; readonly run: EvaluationRun }
  | { readonly kind: 'paused' | 'cancelled'; readonly model: string; readonly id?: string }
  | { readonly kind: 'failed'; readonly model: string; readonly error: SillError; readonly id?: string };

type RunOptions = NonNullable<Parameters<Sill['evaluations']['run']>[1]>;

/**
 * Suites and runs as the engine last told, and the run of this page, which goes on whatever view is in front.
 *
 * @fires change
 */
export class EvaluationsStore extends EventTarget {
  list: EvaluationList | undefined;
  suites: readonly SuiteSummary[] | undefined;
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  run: PageRun | undefined;
  readonly #activity: Activity;
  #sill: Sill | undefined;
  #abort: AbortController | undefined;
  #isCancelled = false;
  #isLookedAt = false;

  constructor(activity: Activity) {
    super();
    this.#activity = activity;
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Sill): () => void {
    this.#sill = sill;
    const stop = sill.watch(({ type }) => {
      // What a model brings with it comes and goes with it.
      if ((type === 'evaluations' || type === 'models') && this.#isLookedAt) void this.refresh();
    });
    if (this.#isLookedAt) void this.refresh();
    return stop;
  }

  /** Somebody looks at the runs from now on. */
  look(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    void this.refresh();
  }

  readonly refresh = oneAtATime(async () => {
    if (!this.#sill) return;
    try {
      const { evaluations } = this.#sill;
      [this.list, this.suites] = await Promise.all([evaluations.overview(), evaluations.suites()]);
      this.error = undefined;
    } catch (error) {
      this.error = toSillError(error);
    }
    this.#changed();
  });

  start(request: EvaluationRequest): Promise<void> {
    return this.#follow(request.model, (sill, options) => sill.evaluations.run(request, options));
  }

  resume({ id, model }: EvaluationRun): Promise<void> {
    return this.#follow(model.id, (sill, options) => sill.evaluations.resume(id, options));
  }

  /** What was judged is kept, and the run goes on from there by `resume`. */
  pause(): void {
    this.#abort?.abort();
  }

  /** Ends it, and drops what it had judged. */
  cancel(): void {
    this.#isCancelled = true;
    this.#abort?.abort();
  }

  async #follow(model: string, work: (sill: Sill, options: RunOptions) => Promise<EvaluationRun>): Promise<void> {
    const sill = this.#sill;
    if (!sill || this.run?.kind === 'running') return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#isCancelled = false;
    let id: string | undefined;
    const named = () => (id === undefined ? {} : { id });
    this.#become({ kind: 'running', model });
    try {
      const run = await this.#activity.during(() =>
        work(sill, {
          signal: abort.signal,
          onProgress: (progress) => {
            id = progress.id;
            // What was on its way when the run ended tells nothing any more.
            if (this.run?.kind === 'running') this.#become({ kind: 'running', model, progress });
          },
        }),
      );
      this.#become({ kind: 'done', model, run });
    } catch (error) {
      if (!isAbort(error)) return this.#become({ kind: 'failed', model, error: toSillError(error), ...named() });
      if (!this.#isCancelled) return this.#become({ kind: 'paused', model, ...named() });
      if (id !== undefined) await sill.evaluations.remove(id).catch(() => 0);
      this.#become({ kind: 'cancelled', model });
    }
  }

  #become(run: PageRun): void {
    this.run = run;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
