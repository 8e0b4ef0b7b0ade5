import { type ErrorData, isAbort, type SillError, toSillError } from '../core/errors.ts';
import type { BenchmarkList, BenchmarkOutcome, BenchmarkProgress, BenchmarkRequest } from '../protocol/benchmarks.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { RunsStore } from './runs-store.ts';

/** What did not come to its end has an id where it began. */
type Ended =
  | { readonly kind: 'done'; readonly model: string; readonly outcome: BenchmarkOutcome }
  | { readonly kind: 'stopped'; readonly model: string; readonly id?: string }
  | { readonly kind: 'failed'; readonly model: string; readonly error: SillError; readonly id?: string };

/** Why what an address asks for has not begun. */
export type Addressed =
  | { readonly kind: 'waiting'; readonly model: string; readonly error?: ErrorData | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** Results of benchmarks. */
export class BenchmarksStore extends RunsStore<BenchmarkProgress, Ended> {
  list: BenchmarkList | undefined;
  /** What an address asks for on a device that somebody uses: they say whether it is to be. */
  question: BenchmarkRequest | undefined;
  /** Until anything is measured. */
  address: Addressed | undefined;
  #answered: ((isWanted: boolean) => void) | undefined;

  constructor(activity: Activity) {
    super(activity, ['benchmarks']);
  }

  /** Resolves when the run has ended, well or not. */
  async start(request: BenchmarkRequest): Promise<BenchmarksStore['run']> {
    const { model } = request;
    this.address = undefined;
    let id: string | undefined;
    await this.during(
      model,
      async (sill, { signal, onProgress }) => {
        const outcome = await sill.benchmarks.run(request, {
          signal,
          onProgress(progress) {
            id = progress.id;
            onProgress(progress);
          },
        });
        return { kind: 'done', model, outcome };
      },
      (error) => {
        const named = id === undefined ? {} : { id };
        return isAbort(error) ? { kind: 'stopped', model, ...named } : { kind: 'failed', model, error: toSillError(error), ...named };
      },
    );
    return this.run;
  }

  /** Resolves to what the person says, whatever view they look at meanwhile. */
  ask(request: BenchmarkRequest): Promise<boolean> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.address = undefined;
      this.#put(request);
    });
  }

  answer(isWanted: boolean): void {
    this.#put(undefined);
    this.#answered?.(isWanted);
  }

  #put(question: BenchmarkRequest | undefined): void {
    this.question = question;
    this.dispatchEvent(new Event('change'));
  }

  /** Says before the device what a lab reads elsewhere. */
  tellAddressed(address: Addressed): void {
    this.address = address;
    this.dispatchEvent(new Event('change'));
  }

  stop(): void {
    this.abort();
  }

  protected override async read(sill: Sill): Promise<void> {
    this.list = await sill.benchmarks.overview();
  }
}
