import type { LogitsProcessorList, Tensor } from '@huggingface/transformers';
import type { InferenceSession } from 'onnxruntime-web';
import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { readWindow } from '../core/transcript.ts';
import type { TranscribeProgress, TranscribeRequest, TranscribeResult, TranscriptSegment } from '../ports/runtime.ts';
import { guarded } from './failures.ts';
import { createBreather } from './macrotask.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';
import { stepping } from './steps.ts';
import { FROM_FILES, loadTransformers, MODEL_NAME, type Transformers } from './transformers.ts';

const SAMPLE_RATE = 16_000;
const WINDOW_SECONDS = 30;
/** A rest this short after the last segment is breath, and Whisper makes words up for it. */
const SHORTEST_REST_SECONDS = 0.4;
/** Below this peak a window is silence: asked for text, Whisper would invent some. */
const SILENCE_PEAK = 0.002;
/** Half of the decoder's 448 positions, as in OpenAI's Whisper: the other half belongs to a prompt. */
const MAX_WINDOW_TOKENS = 224;

const GenerationConfigSchema = v.looseObject({
  decoder_start_token_id: v.number(),
  no_timestamps_token_id: v.number(),
  eos_token_id: v.number(),
  is_multilingual: v.optional(v.boolean(), true),
  lang_to_id: v.optional(v.record(v.string(), v.number()), {}),
  task_to_id: v.optional(v.record(v.string(), v.number()), {}),
});

export interface SpeechModel {
  tokenize(text: string): number[];
  transcribe(
    request: TranscribeRequest,
    call: { readonly signal: AbortSignal; readonly onProgress: (progress: TranscribeProgress) => Promise<void> },
  ): Promise<TranscribeResult>;
}

/**
 * Whisper by transformers.js, in windows of 30 seconds that follow each other by its own timestamps.
 * @throws SillError `installation_damaged` | `runtime_failed` | `out_of_memory`
 */
export async function loadSpeechModel(
  ort: Ort,
  files: ModelFiles,
  spec: { readonly modelId: string; readonly dtype: 'fp32' | 'fp16' | 'int8' | 'q8' | 'q4' | 'q4f16'; readonly device: 'wasm' | 'webgpu' },
): Promise<SpeechModel> {
  const config = await files.json('generation_config.json', GenerationConfigSchema);
  const breathe = createBreather();
  const transformers = await loadTransformers(attentive(ort, breathe), files);
  const options = { device: spec.device, dtype: spec.dtype, ...FROM_FILES };
  const { processor, model } = await guarded('loading the model', async () => ({
    processor: await transformers.AutoProcessor.from_pretrained(MODEL_NAME, options),
    model: await transformers.WhisperForConditionalGeneration.from_pretrained(MODEL_NAME, options),
  }));
  const { tokenizer } = processor;
  if (!tokenizer)
    throw new SillError('installation_damaged', `The tokenizer of ${spec.modelId} is missing. Repair or reinstall the model.`);
  const Features = v.object({ input_features: v.instance(transformers.Tensor) });
  const timestampBegin = config.no_timestamps_token_id + 1;

  const run = async (
    features: Tensor,
    start: readonly number[],
    processors: LogitsProcessorList,
    settings: { readonly max_new_tokens: number; readonly return_timestamps: boolean },
  ): Promise<number[]> => {
    const output = await stepping('transcribing', () =>
      model.generate({ inputs: features, decoder_input_ids: [...start], logits_processor: processors, ...settings }),
    );
    if (!(output instanceof transformers.Tensor)) throw new SillError('runtime_failed', 'The speech model returned no tokens.');
    return Array.from(output.data, Number)
      .slice(start.length)
      .filter((id) => id !== config.eos_token_id);
  };

  const detectLanguage = async (features: Tensor, signal: AbortSignal): Promise<number | undefined> => {
    const languages = new Set(Object.values(config.lang_to_id));
    const settings = { max_new_tokens: 1, return_timestamps: false };
    const [id] = await run(features, [config.decoder_start_token_id], processors(transformers, signal, languages), settings);
    return id;
  };

  const startTokens = async (request: TranscribeRequest, features: Tensor, signal: AbortSignal): Promise<number[]> => {
    const start = [config.decoder_start_token_id];
    if (!config.is_multilingual) return start;
    const named = request.language === undefined ? undefined : config.lang_to_id[`<|${request.language.toLowerCase()}|>`];
    if (request.language !== undefined && named === undefined) throw unknownLanguage(request.language, Object.keys(config.lang_to_id));
    const language = named ?? (await detectLanguage(features, signal));
    const task = config.task_to_id[request.translate ? 'translate' : 'transcribe'];
    return [...start, language, task].filter((id) => id !== undefined);
  };

  return {
    tokenize: (text) => tokenizer.encode(text),
    async transcribe(request, { signal, onProgress }) {
      const { audio } = request;
      if (audio.length === 0) throw new SillError('empty_input', 'There is nothing to transcribe: the recording is empty.');
      const startMs = performance.now();
      const totalSeconds = audio.length / SAMPLE_RATE;
      const segments: TranscriptSegment[] = [];
      let start: number[] | undefined;
      let seekSeconds = 0;
      while (seekSeconds === 0 || totalSeconds - seekSeconds > SHORTEST_REST_SECONDS) {
        await breathe();
        signal.throwIfAborted();
        const from = Math.round(seekSeconds * SAMPLE_RATE);
        const window = audio.subarray(from, from + WINDOW_SECONDS * SAMPLE_RATE);
        const windowSeconds = window.length / SAMPLE_RATE;
        let advanceSeconds = windowSeconds;
        if (!isSilent(window)) {
          const features = await guarded('reading the recording', async () => v.parse(Features, await processor(window)).input_features);
          start ??= await startTokens(request, features, signal);
          const settings = { max_new_tokens: MAX_WINDOW_TOKENS, return_timestamps: true };
          const tokens = await run(features, start, processors(transformers, signal), settings);
          const reading = readWindow(tokens, timestampBegin, windowSeconds);
          advanceSeconds = reading.advanceSeconds;
          for (const { ids, fromSeconds, toSeconds } of reading.segments) {
            const text = tokenizer.decode(ids, { skip_special_tokens: true });
            // A decoder that is caught in a loop says the same line again and again: two are speech, a third is not.
            if (text.trim() === '' || segments.slice(-2).filter((segment) => segment.text === text).length === 2) continue;
            segments.push({ text, fromSeconds: seekSeconds + fromSeconds, toSeconds: seekSeconds + toSeconds });
          }
        }
        seekSeconds += advanceSeconds;
        await onProgress({ segments: [...segments], doneSeconds: Math.min(seekSeconds, totalSeconds), totalSeconds });
      }
      return {
        text: segments
          .map((segment) => segment.text)
          .join('')
          .trim(),
        segments,
        audioSeconds: totalSeconds,
        transcribeMs: performance.now() - startMs,
      };
    },
  };
}

/**
 * A runtime whose sessions let messages through between runs (otherwise an abort would wait for the end of a window), and
 * whose encoder remembers its last window: detecting the language and transcribing ask for the same one.
 */
function attentive(ort: Ort, breathe: () => Promise<void>): Pick<Ort, 'InferenceSession' | 'Tensor' | 'env'> {
  const create = async (...args: unknown[]) => {
    const session: InferenceSession = await Reflect.apply(ort.InferenceSession.create, ort.InferenceSession, args);
    const { run } = session;
    let last: { readonly features: unknown; readonly outputs: object } | undefined;
    Reflect.set(session, 'run', async (feeds: { readonly input_features?: unknown }, ...rest: unknown[]) => {
      await breathe();
      const { input_features: features } = feeds;
      if (features === undefined) return Reflect.apply(run, session, [feeds, ...rest]);
      if (last?.features !== features) last = { features, outputs: await Reflect.apply(run, session, [feeds, ...rest]) };
      // A copy, because transformers.js wraps the tensors in place.
      return { ...last.outputs };
    });
    return session;
  };
  const factory = new Proxy(ort.InferenceSession, { get: (target, key) => (key === 'create' ? create : Reflect.get(target, key)) });
  return { Tensor: ort.Tensor, env: ort.env, InferenceSession: factory };
}

/** Stops at an abort (Whisper's `generate` drops stopping criteria) and, where asked, leaves only some tokens possible. */
function processors(
  { LogitsProcessor, LogitsProcessorList }: Transformers,
  signal: AbortSignal,
  only?: ReadonlySet<number>,
): LogitsProcessorList {
  class Guard extends LogitsProcessor {
    override _call(_ids: bigint[][], logits: Tensor): Tensor {
      signal.throwIfAborted();
      if (only) for (let id = 0; id < logits.data.length; id++) if (!only.has(id)) logits.data[id] = Number.NEGATIVE_INFINITY;
      return logits;
    }
  }
  const list = new LogitsProcessorList();
  list.push(new Guard());
  return list;
}

function isSilent(samples: Float32Array): boolean {
  return samples.every((sample) => Math.abs(sample) < SILENCE_PEAK);
}

const unknownLanguage = (language: string, known: string[]) =>
  new SillError(
    'invalid_request',
    `This model does not know the language "${language.slice(0, 20)}". Leave it out to let the model decide.`,
    {
      details: { known: known.map((token) => token.slice(2, -2)) },
    },
  );
