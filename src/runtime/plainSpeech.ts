import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { LoadSpec } from '../ports/runtime.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';
import { loadPipeline } from './pipelineModel.ts';
import type { SpeechModel } from './speech.ts';

const SAMPLE_RATE = 16_000;
/** What such a model holds in memory at once; none of them says where a sentence ends. */
const WINDOW_SECONDS = 30;

/**
 * Speech models other than Whisper (wav2vec2, Moonshine and their kin): text alone, without times or a choice of language.
 * @throws SillError `installation_damaged` | `runtime_failed` | `out_of_memory`
 */
export async function loadPlainSpeechModel(ort: Ort, files: ModelFiles, spec: LoadSpec): Promise<SpeechModel> {
  const { pipe, tokenizer, watching } = await loadPipeline(ort, files, spec, 'automatic-speech-recognition');
  const Heard = v.object({ text: v.string() });
  return {
    tokenize: (text) => tokenizer?.encode(text) ?? [],
    async transcribe({ audio, language, translate }, { signal, onProgress }) {
      if (language !== undefined || translate) {
        throw new SillError(
          'invalid_request',
          `${spec.modelId} knows one language and does not translate: leave language and translate out.`,
        );
      }
      const startMs = performance.now();
      const totalSeconds = audio.length / SAMPLE_RATE;
      const segments: Array<{ readonly text: string; readonly fromSeconds: number; readonly toSeconds: number }> = [];
      for (let fromSeconds = 0; fromSeconds < totalSeconds; fromSeconds += WINDOW_SECONDS) {
        const toSeconds = Math.min(fromSeconds + WINDOW_SECONDS, totalSeconds);
        const window = audio.slice(fromSeconds * SAMPLE_RATE, Math.round(toSeconds * SAMPLE_RATE));
        const heard = await watching({ signal, onProgress: () => undefined }, async () => v.parse(Heard, await pipe(window)));
        segments.push({ text: heard.text.trim(), fromSeconds, toSeconds });
        await onProgress({ segments: [...segments], doneSeconds: toSeconds, totalSeconds });
      }
      return {
        text: segments
          .map(({ text }) => text)
          .join(' ')
          .trim(),
        segments,
        audioSeconds: totalSeconds,
        transcribeMs: performance.now() - startMs,
      };
    },
  };
}
