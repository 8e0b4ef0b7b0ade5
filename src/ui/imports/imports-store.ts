import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { FileImportProgress, FileInspection, ImportSummary, ImportsReport } from '../../protocol/importReports.ts';
import type { ModelFileSource } from '../../protocol/imports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Sill } from '../../protocol/sill.ts';
import { oneAtATime } from '../one-at-a-time.ts';

/** Files that were looked at and wait for a person's word. */
export interface Looked {
  readonly from: ModelFileSource;
  readonly inspection: FileInspection;
}

/** Of the public surface, what this needs. */
export type ImportsSill = Pick<Sill, 'watch' | 'imports'> & {
  readonly models: Pick<Sill['models'], 'list' | 'inspectFile' | 'importFile'>;
};

/**
 * Imports as the engine last told, what was chosen to be the next one, and what people do to them.
 *
 * @fires change
 */
export class ImportsStore extends EventTarget {
  report: ImportsReport | undefined;
  models: readonly ModelSummary[] = [];
  looked: Looked | undefined;
  looking = false;
  /** Of what has to be fetched first, to be looked at or, later, to be imported. */
  fetching: FileImportProgress | undefined;
  /** Between a person's word and the moment from which on it is in the list. */
  beginning = false;
  /** The id of what came of the last import here. */
  done: string | undefined;
  error: SillError | undefined;
  readonly #sill: ImportsSill;
  /** Ends what is looked at, or is about to begin. */
  #look: AbortController | undefined;

  constructor(sill: ImportsSill) {
    super();
    this.#sill = sill;
  }

  /** Starts following the engine. Returns the way to stop. */
  connect(): () => void {
    const stop = this.#sill.watch((event) => {
      if (event.type === 'imports' || event.type === 'models') void this.refresh();
      if (event.type === 'import') this.#move(event.id, event.progress);
    });
    void this.refresh();
    return stop;
  }

  readonly refresh = oneAtATime(() => this.#fetch());

  async look(from: ModelFileSource): Promise<void> {
    this.#look?.abort();
    const abort = new AbortController();
    this.#look = abort;
    Object.assign(this, { looked: undefined, looking: true, fetching: undefined, done: undefined, error: undefined });
    this.#changed();
    try {
      const inspection = await this.#sill.models.inspectFile(from, {
        signal: abort.signal,
        onProgress: (progress) => this.#look === abort && this.#fetched(progress),
      });
      // It may have been sent when it was dismissed.
      if (this.#look !== abort) return;
      this.looked = { from, inspection };
    } catch (reason) {
      if (this.#look !== abort) return;
      if (!isAbort(reason)) this.error = toSillError(reason);
    }
    this.looking = false;
    this.#changed();
  }

  #fetched(progress: FileImportProgress): void {
    this.fetching = progress.phase === 'fetching' ? progress : undefined;
    this.#changed();
  }

  /** What was looked at, is being, or is about to be imported, is not wanted. */
  dismiss = (): void => {
    this.#look?.abort();
    this.#look = undefined;
    Object.assign(this, { looked: undefined, looking: false, fetching: undefined });
    this.#changed();
  };

  async begin(variant: string): Promise<void> {
    const { looked } = this;
    if (!looked) return;
    const abort = new AbortController();
    this.#look = abort;
    this.beginning = true;
    const onProgress = (progress: FileImportProgress): void => {
      if (this.#look !== abort) return;
      this.#fetched(progress);
      if (progress.phase !== 'fetching' && progress.phase !== 'looking') this.#begun();
    };
    await this.#carry(() => this.#sill.models.importFile(looked.from, { variant, signal: abort.signal, onProgress }));
    if (this.#look !== abort) return;
    this.fetching = undefined;
    this.#changed();
  }

  resume = (id: string): Promise<void> => this.#carry(() => this.#sill.imports.resume(id));
  pause = (id: string): Promise<void> => this.#do(() => this.#sill.imports.pause(id));
  cancel = (id: string): Promise<void> => this.#do(() => this.#sill.imports.cancel(id));

  /** From now on it is paused and cancelled in the list. */
  #begun(): void {
    this.#look = undefined;
    this.beginning = false;
    this.looked = undefined;
    this.#changed();
  }

  async #carry(work: () => Promise<ModelSummary>): Promise<void> {
    this.done = undefined;
    await this.#do(async () => {
      this.done = (await work()).id;
    });
    this.beginning = false;
    await this.refresh();
  }

  async #do(work: () => Promise<unknown>): Promise<void> {
    this.error = undefined;
    this.#changed();
    try {
      await work();
    } catch (reason) {
      if (!isAbort(reason)) this.error = toSillError(reason);
    }
    this.#changed();
  }

  async #fetch(): Promise<void> {
    try {
      [this.report, this.models] = await Promise.all([this.#sill.imports.list(), this.#sill.models.list()]);
    } catch (reason) {
      this.error = toSillError(reason);
    }
    this.#changed();
  }

  /** Between two looks at the list. */
  #move(id: string, progress: FileImportProgress): void {
    const { report } = this;
    if (!report?.unfinished.some((each) => each.id === id)) return;
    this.report = {
      ...report,
      unfinished: report.unfinished.map((each) => (each.id === id ? running(each, progress) : each)),
    };
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

const running = ({ goesOn: _goesOn, error: _error, ...summary }: ImportSummary, progress: FileImportProgress): ImportSummary => ({
  ...summary,
  ...{ state: 'running', progress },
});
