import { type SillError, toSillError } from '../core/errors.ts';
import type { EngineEvent } from '../protocol/engineReports.ts';
import type { Sill } from '../protocol/sill.ts';
import type { Activity } from './activity.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { noteUse } from './used-models.ts';

export interface Running<Progress> {
  readonly kind: 'running';
  readonly model: string;
  readonly progress?: Progress;
}

interface RunOptions<Progress> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * What the engine keeps of runs, and the one that this page asked for, which goes on whatever view is in front. It is read when somebody looks at it
 * first: there may be thousands.
 *
 * @fires change
 */
export abstract class RunsStore<Progress, Ended extends { readonly kind: string }> extends EventTarget {
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  /** Until the next. */
  run: Running<Progress> | Ended | undefined;
  readonly #activity: Activity;
  readonly #news: ReadonlySet<EngineEvent['type']>;
  #sill: Sill | undefined;
  #abort: AbortController | undefined;
  #isLookedAt = false;

  /** @param news events after which it is read again */
  constructor(activity: Activity, news: readonly EngineEvent['type'][]) {
    super();
    this.#activity = activity;
    this.#news = new Set(news);
  }

  /** Starts following an engine. Returns the way to stop. */
  connect(sill: Sill): () => void {
    this.#sill = sill;
    const stop = sill.watch(({ type }) => {
      if (this.#news.has(type) && this.#isLookedAt) void this.refresh();
    });
    if (this.#isLookedAt) void this.refresh();
    return stop;
  }

  /** Somebody looks at it from now on. */
  look(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    void this.refresh();
  }

  readonly refresh = oneAtATime(async () => {
    if (!this.#sill) return;
    try {
      await this.read(this.#sill);
      this.error = undefined;
    } catch (error) {
      this.error = toSillError(error);
    }
    this.#changed();
  });

  protected abstract read(sill: Sill): Promise<void>;

  /**
   * Has the engine do it as the run of this page, unless one is under way. Resolves when it has ended, well or not.
   * @param onFailure what it became that was stopped, or failed
   */
  protected async during(
    model: string,
    work: (sill: Sill, options: RunOptions<Progress>) => Promise<Ended>,
    onFailure: (error: unknown, sill: Sill) => Ended | Promise<Ended>,
  ): Promise<void> {
    const sill = this.#sill;
    if (!sill || this.run?.kind === 'running') return;
    noteUse(model);
    const abort = new AbortController();
    this.#abort = abort;
    this.become({ kind: 'running', model });
    // What was on its way when the run ended tells nothing any more.
    const onProgress = (progress: Progress): void => {
      if (this.run?.kind === 'running') this.become({ kind: 'running', model, progress });
    };
    try {
      this.become(await this.#activity.during(() => work(sill, { signal: abort.signal, onProgress })));
    } catch (error) {
      this.become(await onFailure(error, sill));
    }
  }

  protected abort(): void {
    this.#abort?.abort();
  }

  protected become(run: Running<Progress> | Ended): void {
    this.run = run;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
