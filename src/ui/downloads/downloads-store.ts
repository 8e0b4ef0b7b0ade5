import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { DownloadSettings, DownloadSettingsData, DownloadSummary } from '../../protocol/downloadReports.ts';
import type { OperatorReport } from '../../protocol/engineReports.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { oneAtATime } from '../one-at-a-time.ts';

/**
 * The queue as the engine last told, and what people do to it.
 *
 * @fires change
 */
export class DownloadsStore extends EventTarget {
  list: readonly DownloadSummary[] | undefined;
  settings: DownloadSettings | undefined;
  operator: OperatorReport | undefined;
  /** Why nothing could be told, or the last action failed. */
  error: SillError | undefined;
  readonly #sill: Sill;

  constructor(sill: Sill) {
    super();
    this.#sill = sill;
  }

  /** Starts following the engine. Returns the way to stop. */
  connect(): () => void {
    const stop = this.#sill.watch((event) => {
      if (event.type === 'downloads') void this.refresh();
      if (event.type === 'install') this.#move(event.id, event.progress);
    });
    // The words for a wait tell an absent network from a silent one.
    const onNetwork = (): void => this.#changed();
    addEventListener('online', onNetwork);
    addEventListener('offline', onNetwork);
    void this.refresh();
    return () => {
      removeEventListener('online', onNetwork);
      removeEventListener('offline', onNetwork);
      stop();
    };
  }

  readonly refresh = oneAtATime(() => this.#fetch());

  pause = (id: string): Promise<void> => this.#do(async ({ downloads }) => void (await downloads.pause(id)));
  resume = (id: string): Promise<void> => this.#do(({ downloads }) => downloads.resume(id));
  prioritise = (id: string): Promise<void> => this.#do(({ downloads }) => downloads.prioritise(id));
  cancel = (id: string): Promise<void> => this.#do(async ({ downloads }) => void (await downloads.cancel(id)));

  /** Rejects where they cannot be stored: the form says so. */
  async setSettings(settings: DownloadSettingsData): Promise<void> {
    this.settings = await this.#sill.downloads.setSettings(settings);
    this.#changed();
  }

  async #do(work: (sill: Sill) => Promise<void>): Promise<void> {
    this.error = undefined;
    try {
      await work(this.#sill);
    } catch (reason) {
      if (!isAbort(reason)) this.error = toSillError(reason);
    }
    this.#changed();
  }

  async #fetch(): Promise<void> {
    try {
      const { downloads } = this.#sill;
      [this.list, this.settings, this.operator] = await Promise.all([downloads.list(), downloads.settings(), this.#sill.operator()]);
    } catch (reason) {
      this.error = toSillError(reason);
    }
    this.#changed();
  }

  /** Between two looks at the queue. */
  #move(id: string, progress: InstallProgress): void {
    const download = this.list?.find((each) => each.id === id && each.state === 'running');
    if (!download) return;
    const speeds = [...download.speeds];
    const atMs = Date.now();
    const isTold = progress.phase === 'downloading' && (progress.bytesPerSecond !== undefined || progress.waiting !== undefined);
    if (isTold && atMs - (speeds.at(-1)?.atMs ?? 0) >= 1000) speeds.push({ atMs, bytesPerSecond: progress.bytesPerSecond ?? 0 });
    this.list = this.list?.map((each) => (each === download ? { ...each, progress, speeds } : each));
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
