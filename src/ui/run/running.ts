import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { Task } from '../../core/tasks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { PageInput, RunProgress, RunResult } from '../../protocol/tasks.ts';
import type { Activity } from '../activity.ts';

export interface RunWish {
  readonly model: string;
  readonly input: PageInput;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One run at a time, with what it worked on: the answer is drawn over that. */
export class Running implements ReactiveController {
  status: 'idle' | 'running' | 'done' | 'stopped' | 'failed' = 'idle';
  wish: RunWish | undefined;
  progress: RunProgress | undefined;
  result: RunResult<Task> | undefined;
  error: SillError | undefined;
  readonly #host: ReactiveControllerHost;
  #abort: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get running(): boolean {
    return this.status === 'running';
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Another model: what the last one said is not its answer. */
  clear(): void {
    if (this.running) return;
    this.#become('idle');
  }

  async run(sill: Sill, activity: Activity, wish: RunWish): Promise<void> {
    if (this.running) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.wish = wish;
    this.#become('running');
    try {
      const { model, input, options } = wish;
      const onProgress = (progress: RunProgress): void => {
        this.progress = progress;
        this.#host.requestUpdate();
      };
      this.result = await activity.during(() => sill.run<Task>({ model, input, options }, { signal: abort.signal, onProgress }));
      this.status = 'done';
    } catch (error) {
      this.status = isAbort(error) ? 'stopped' : 'failed';
      if (!isAbort(error)) this.error = toSillError(error);
    } finally {
      this.#host.requestUpdate();
    }
  }

  #become(status: 'idle' | 'running'): void {
    this.status = status;
    this.progress = undefined;
    this.result = undefined;
    this.error = undefined;
    this.#host.requestUpdate();
  }
}
