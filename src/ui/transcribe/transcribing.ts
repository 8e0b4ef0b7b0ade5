import type { Transcription, TranscriptionProgress } from '../../protocol/openai.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { OneRun } from '../one-run.ts';
import { noteUse } from '../used-models.ts';

export interface TranscribeOptions {
  readonly model: string;
  /** Absent: the model finds out. */
  readonly language?: string;
  readonly translate: boolean;
}

/** One recording at a time on its way to text. */
export class Transcribing extends OneRun {
  name = '';
  audioUrl: string | undefined;
  progress: TranscriptionProgress | undefined;
  result: Transcription | undefined;
  elapsedSeconds = 0;

  /** What is known so far: of a long recording the windows that are done. */
  get segments(): Transcription['segments'] {
    return this.result?.segments ?? this.progress?.segments ?? [];
  }

  async run(sill: Sill, activity: Activity, file: Blob, name: string, { model, language, translate }: TranscribeOptions): Promise<void> {
    if (this.running) return;
    noteUse(model);
    this.#begin(file, name);
    const startedAt = performance.now();
    const onProgress = (progress: TranscriptionProgress): void => {
      this.progress = progress;
      this.elapsedSeconds = (performance.now() - startedAt) / 1000;
      this.draw();
    };
    await this.during(activity, async (signal) => {
      const request = { model, file, translate, ...(language !== undefined && { language }) };
      this.result = await sill.audio.transcriptions.create(request, { signal, onProgress });
    });
  }

  #begin(file: Blob, name: string): void {
    if (this.audioUrl) URL.revokeObjectURL(this.audioUrl);
    this.audioUrl = URL.createObjectURL(file);
    this.name = name;
    this.progress = undefined;
    this.result = undefined;
    this.elapsedSeconds = 0;
  }
}
