import type { TranscriptSegment } from '../ports/runtime.ts';
import type { Transcription, TranscriptionProgress } from '../protocol/openai.ts';
import type { Inference, InferenceCall } from '../services/inference/inference.ts';
import { parseModelRef } from './modelRef.ts';

export interface TranscriptionParams {
  readonly model: string;
  readonly audio: Float32Array;
  readonly language?: string | null | undefined;
  readonly translate?: boolean | null | undefined;
}

/** OpenAI's `POST /v1/audio/transcriptions`, with `response_format: verbose_json`. */
export async function createTranscription(
  inference: Inference,
  params: TranscriptionParams,
  { emit, ...call }: InferenceCall & { emit(progress: TranscriptionProgress): void },
): Promise<Transcription> {
  const result = await inference.transcribe(
    parseModelRef(params.model),
    {
      audio: params.audio,
      ...(params.language ? { language: params.language } : {}),
      ...(params.translate ? { translate: true } : {}),
    },
    {
      ...call,
      onProgress: ({ segments, doneSeconds, totalSeconds }) =>
        emit({ segments: segments.map(segmentOf), done_seconds: doneSeconds, total_seconds: totalSeconds }),
    },
  );
  return {
    text: result.text,
    duration: result.audioSeconds,
    segments: result.segments.map(segmentOf),
    sill: {
      ...result.run,
      transcribe_ms: result.transcribeMs,
      audio_seconds_per_second: (result.audioSeconds * 1000) / Math.max(result.transcribeMs, 0.1),
    },
  };
}

const segmentOf = (segment: TranscriptSegment, id: number): Transcription['segments'][number] => ({
  id,
  start: segment.fromSeconds,
  end: segment.toSeconds,
  text: segment.text,
});
