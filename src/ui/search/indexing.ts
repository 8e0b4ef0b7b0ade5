import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { noteUse } from '../used-models.ts';
import { type ReadResult, type Refusal, readTextFile } from './text-file.ts';

export interface IndexingStep {
  readonly name: string;
  readonly donePassages: number;
  readonly totalPassages: number;
  /** Absent until a passage is done. */
  readonly passagesPerSecond?: number;
  /** Documents that wait behind this one. */
  readonly waiting: number;
}

export interface Refused {
  readonly name: string;
  readonly reason: Refusal | SillError;
}

/** Documents on their way into the index, one after the other. */
export class Indexing implements ReactiveController {
  step: IndexingStep | undefined;
  refused: readonly Refused[] = [];
  readonly #host: ReactiveControllerHost;
  readonly #queue: Array<() => Promise<ReadResult>> = [];
  #abort: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get running(): boolean {
    return this.#abort !== undefined;
  }

  /** Stops the document under way and forgets those that wait; what is indexed stays. */
  stop(): void {
    this.#queue.length = 0;
    this.#abort?.abort();
  }

  async addFiles(sill: Sill, activity: Activity, model: string, files: readonly File[]): Promise<void> {
    await this.#add(
      sill,
      activity,
      model,
      files.map((file) => () => readTextFile(file)),
    );
  }

  async addText(sill: Sill, activity: Activity, model: string, name: string, text: string): Promise<void> {
    await this.#add(sill, activity, model, [async () => ({ name, text })]);
  }

  async #add(sill: Sill, activity: Activity, model: string, documents: Array<() => Promise<ReadResult>>): Promise<void> {
    this.#queue.push(...documents);
    if (this.running) {
      this.#host.requestUpdate();
      return;
    }
    this.refused = [];
    const abort = new AbortController();
    this.#abort = abort;
    this.#host.requestUpdate();
    try {
      await activity.during(() => this.#drain(sill, model, abort.signal));
    } finally {
      this.#abort = undefined;
      this.step = undefined;
      this.#host.requestUpdate();
    }
  }

  async #drain(sill: Sill, model: string, signal: AbortSignal): Promise<void> {
    noteUse(model);
    for (let next = this.#queue.shift(); next && !signal.aborted; next = this.#queue.shift()) {
      const document = await next();
      if ('refusal' in document) this.#refuse(document.name, document.refusal);
      else await this.#embed(sill, model, document, signal);
    }
  }

  async #embed(sill: Sill, model: string, { name, text }: { name: string; text: string }, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    this.#tell({ name, donePassages: 0, totalPassages: 0, waiting: this.#queue.length });
    try {
      await sill.documents.add(
        { model, name, text },
        {
          signal,
          onProgress: ({ donePassages, totalPassages }) => {
            const seconds = (performance.now() - startedAt) / 1000;
            const speed = donePassages > 0 && seconds > 0 ? { passagesPerSecond: donePassages / seconds } : {};
            this.#tell({ name, donePassages, totalPassages, waiting: this.#queue.length, ...speed });
          },
        },
      );
    } catch (error) {
      if (!isAbort(error)) this.#refuse(name, toSillError(error));
    }
  }

  #tell(step: IndexingStep): void {
    this.step = step;
    this.#host.requestUpdate();
  }

  #refuse(name: string, reason: Refused['reason']): void {
    this.refused = [...this.refused, { name, reason }];
    this.#host.requestUpdate();
  }
}
