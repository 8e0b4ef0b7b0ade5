import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { BenchmarkList, BenchmarkOutcome, BenchmarkProgress, BenchmarkRequest } from '../protocol/benchmarks.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** A run that this page asked for, until the next. */
export type BenchmarkRun =
  | { readonly kind: 'running'; readonly model: string; readonly progress?: BenchmarkProgress }
  | { readonly kind: 'done'; readonly model: string; readonly outcome: BenchmarkOutcome }
  | { readonly kind: 'stopped'; readonly model: string }
  | { readonly kind: 'failed'; readonly model: string; readonly error: SillError };

/**
 * Results as the engine last told, and the run of this page. Results are read when somebody looks at them first: there may be thousands.
 *
 * @fires change
 */
export class BenchmarksStore extends EventTarget {
  list: BenchmarkList | undefined;
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  run: BenchmarkRun | undefined;
  readonly #activity: Activity;
  #sill: Sill | undefined;
  #abort: AbortController | undefined;
  #isLookedAt = false;

  constructor(activity: Activity) {
    super();
    this.#activity = activity;
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Sill): () => void {
    this.#sill = sill;
    const stop = sill.watch(({ type }) => {
      if (type === 'benchmarks' && this.#isLookedAt) void this.refresh();
    });
    if (this.#isLookedAt) void this.refresh();
    return stop;
  }

  /** Somebody looks at the results from now on. */
  look(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    void this.refresh();
  }

  readonly refresh = oneAtATime(async () => {
    if (!this.#sill) return;
    try {
      this.list = await this.#sill.benchmarks.overview();
      this.error = undefined;
    } catch (error) {
      this.error = toSillError(error);
    }
    this.#changed();
  });

  /** Resolves when the run has ended, well or not. */
  async start(request: BenchmarkRequest): Promise<BenchmarkRun | undefined> {
    const sill = this.#sill;
    if (!sill || this.run?.kind === 'running') return this.run;
    const abort = new AbortController();
    const { model } = request;
    this.#abort = abort;
    this.#become({ kind: 'running', model });
    try {
      const outcome = await this.#activity.during(() =>
        sill.benchmarks.run(request, {
          signal: abort.signal,
          onProgress: (progress) => {
            // What was on its way when the run ended tells nothing any more.
            if (this.run?.kind === 'running') this.#become({ kind: 'running', model, progress });
          },
        }),
      );
      this.#become({ kind: 'done', model, outcome });
    } catch (error) {
      this.#become(isAbort(error) ? { kind: 'stopped', model } : { kind: 'failed', model, error: toSillError(error) });
    }
    return this.run;
  }

  stop(): void {
    this.#abort?.abort();
  }

  #become(run: BenchmarkRun): void {
    this.run = run;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
