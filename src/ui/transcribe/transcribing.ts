import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { Transcription, TranscriptionProgress } from '../../protocol/openai.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';

export interface TranscribeOptions {
  readonly model: string;
  /** Absent: the model finds out. */
  readonly language?: string;
  readonly translate: boolean;
}

/** One recording at a time on its way to text. */
export class Transcribing implements ReactiveController {
  status: 'idle' | 'running' | 'done' | 'stopped' | 'failed' = 'idle';
  name = '';
  audioUrl: string | undefined;
  progress: TranscriptionProgress | undefined;
  result: Transcription | undefined;
  error: SillError | undefined;
  elapsedSeconds = 0;
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

  /** What is known so far: of a long recording the windows that are done. */
  get segments(): Transcription['segments'] {
    return this.result?.segments ?? this.progress?.segments ?? [];
  }

  stop(): void {
    this.#abort?.abort();
  }

  async run(sill: Sill, activity: Activity, file: Blob, name: string, { model, language, translate }: TranscribeOptions): Promise<void> {
    if (this.running) return;
    this.#begin(file, name);
    const abort = new AbortController();
    this.#abort = abort;
    const startedAt = performance.now();
    const onProgress = (progress: TranscriptionProgress): void => {
      this.progress = progress;
      this.elapsedSeconds = (performance.now() - startedAt) / 1000;
      this.#host.requestUpdate();
    };
    try {
      const request = { model, file, translate, ...(language !== undefined && { language }) };
      this.result = await activity.during(() => sill.audio.transcriptions.create(request, { signal: abort.signal, onProgress }));
      this.status = 'done';
    } catch (error) {
      this.status = isAbort(error) ? 'stopped' : 'failed';
      if (!isAbort(error)) this.error = toSillError(error);
    } finally {
      this.#host.requestUpdate();
    }
  }

  #begin(file: Blob, name: string): void {
    if (this.audioUrl) URL.revokeObjectURL(this.audioUrl);
    this.audioUrl = URL.createObjectURL(file);
    this.name = name;
    this.status = 'running';
    this.progress = undefined;
    this.result = undefined;
    this.error = undefined;
    this.elapsedSeconds = 0;
    this.#host.requestUpdate();
  }
}
