import type { Task } from '../../core/tasks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { PageInput, RunProgress, RunResult } from '../../protocol/tasks.ts';
import type { Activity } from '../activity.ts';
import { OneRun } from '../one-run.ts';
import { noteUse } from '../used-models.ts';

export interface RunWish {
  readonly model: string;
  readonly input: PageInput;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One run at a time, with what it worked on: the answer is drawn over that. */
export class Running extends OneRun {
  wish: RunWish | undefined;
  progress: RunProgress | undefined;
  result: RunResult<Task> | undefined;

  /** Another model: what the last one said is not its answer. */
  clear(): void {
    if (this.running) return;
    this.#forget();
    this.become('idle');
  }

  async run(sill: Sill, activity: Activity, wish: RunWish): Promise<void> {
    if (this.running) return;
    noteUse(wish.model);
    this.wish = wish;
    this.#forget();
    const onProgress = (progress: RunProgress): void => {
      this.progress = progress;
      this.draw();
    };
    await this.during(activity, async (signal) => {
      this.result = await sill.run<Task>(wish, { signal, onProgress });
    });
  }

  #forget(): void {
    this.progress = undefined;
    this.result = undefined;
  }
}
