import { isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { BenchmarkList, BenchmarkOutcome, BenchmarkProgress, BenchmarkRequest } from '../protocol/benchmarks.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { RunsStore } from './runs-store.ts';

type Ended =
  | { readonly kind: 'done'; readonly model: string; readonly outcome: BenchmarkOutcome }
  | { readonly kind: 'stopped'; readonly model: string }
  | { readonly kind: 'failed'; readonly model: string; readonly error: SillError };

/** Results of benchmarks. */
export class BenchmarksStore extends RunsStore<BenchmarkProgress, Ended> {
  list: BenchmarkList | undefined;

  constructor(activity: Activity) {
    super(activity, ['benchmarks']);
  }

  /** Resolves when the run has ended, well or not. */
  async start(request: BenchmarkRequest): Promise<BenchmarksStore['run']> {
    const { model } = request;
    await this.during(
      model,
      async (sill, options) => ({ kind: 'done', model, outcome: await sill.benchmarks.run(request, options) }),
      (error) => (isAbort(error) ? { kind: 'stopped', model } : { kind: 'failed', model, error: toSillError(error) }),
    );
    return this.run;
  }

  stop(): void {
    this.abort();
  }

  protected override async read(sill: Sill): Promise<void> {
    this.list = await sill.benchmarks.overview();
  }
}
