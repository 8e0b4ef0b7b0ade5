import * as v from 'valibot';
import { SillError } from './errors.ts';
import type { Task } from './tasks.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const template = v.pipe(v.string(), v.includes('{}', 'must have {} where the label goes'), v.maxLength(1000));
const language = v.pipe(v.string(), v.minLength(2), v.maxLength(20));

const ranked = { top_k: v.optional(count, 5) };
const generated = {
  max_new_tokens: v.optional(v.pipe(count, v.maxValue(4096))),
  min_new_tokens: v.optional(count),
  do_sample: v.optional(v.boolean()),
  temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  top_k: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  repetition_penalty: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10))),
  no_repeat_ngram_size: v.optional(count),
};
const masked = {
  threshold: v.optional(share, 0.5),
  mask_threshold: v.optional(share, 0.5),
  overlap_mask_area_threshold: v.optional(share, 0.8),
};

/** Names, and defaults but for `top_k`, as in transformers.js. What a task does not know is refused, so that a slip of the pen is no silent default. */
export const TASK_OPTIONS = {
  'text-generation': v.strictObject({
    max_new_tokens: v.optional(count),
    temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
    top_p: v.optional(share),
    top_k: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    repetition_penalty: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10))),
    /** The same seed gives the same text on the same device. */
    seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    stop: v.optional(v.array(v.string())),
  }),
  'feature-extraction': v.strictObject({}),
  'automatic-speech-recognition': v.strictObject({
    /** BCP 47 primary tag, as `en`; absent lets the model decide. Whisper only. */
    language: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{2,3}$/, 'must be a code such as "en"'))),
    task: v.optional(v.picklist(['transcribe', 'translate'])),
  }),
  'text-classification': v.strictObject(ranked),
  'token-classification': v.strictObject({
    /** `simple` joins the pieces of a name, `none` leaves each token alone. */
    aggregation_strategy: v.optional(v.picklist(['none', 'simple']), 'simple'),
    ignore_labels: v.optional(v.array(v.string()), ['O']),
  }),
  'question-answering': v.strictObject({ top_k: v.optional(count, 1) }),
  'fill-mask': v.strictObject(ranked),
  summarization: v.strictObject(generated),
  translation: v.strictObject({ ...generated, src_lang: v.optional(language), tgt_lang: v.optional(language) }),
  'text2text-generation': v.strictObject(generated),
  'zero-shot-classification': v.strictObject({
    hypothesis_template: v.optional(template),
    /** Each label alone, so that several may be right. */
    multi_label: v.optional(v.boolean()),
  }),
  'image-classification': v.strictObject(ranked),
  'zero-shot-image-classification': v.strictObject({ hypothesis_template: v.optional(template) }),
  'object-detection': v.strictObject({ threshold: v.optional(share, 0.5) }),
  'zero-shot-object-detection': v.strictObject({ threshold: v.optional(share, 0.1), top_k: v.optional(count) }),
  'image-segmentation': v.strictObject(masked),
  'background-removal': v.strictObject(masked),
  'depth-estimation': v.strictObject({}),
  'image-to-image': v.strictObject({}),
  'image-to-text': v.strictObject(generated),
  'image-feature-extraction': v.strictObject({
    /** One vector for the picture, of models that have such an output. */
    pool: v.optional(v.boolean()),
  }),
  'document-question-answering': v.strictObject(generated),
  'audio-classification': v.strictObject(ranked),
  'zero-shot-audio-classification': v.strictObject({ hypothesis_template: v.optional(template) }),
  'text-to-audio': v.strictObject({
    /** Name of one of the voices that the model came with, as `F1`. */
    voice: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,60}$/))),
    speaker_embeddings: v.optional(v.instance(Float32Array)),
    num_inference_steps: v.optional(v.pipe(count, v.maxValue(100))),
    speed: v.optional(v.pipe(v.number(), v.minValue(0.25), v.maxValue(4))),
  }),
} as const satisfies Readonly<Record<Task, v.GenericSchema>>;

/** As a caller writes them. */
export type TaskOptions<T extends Task> = v.InferInput<(typeof TASK_OPTIONS)[T]>;
/** With their defaults. */
export type ParsedTaskOptions<T extends Task> = v.InferOutput<(typeof TASK_OPTIONS)[T]>;

/** @throws SillError `invalid_request` naming the option that is wrong, and those that the task has */
export function parseTaskOptions<T extends Task>(task: T, options: unknown = {}): ParsedTaskOptions<T> {
  const schema: (typeof TASK_OPTIONS)[T] = TASK_OPTIONS[task];
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const path = v.getDotPath(issue) ?? '';
  const known = Object.keys(schema.entries);
  throw new SillError(
    'invalid_request',
    `The option ${path === '' ? 'list' : `"${path.slice(0, 60)}"`} does not fit: ${issue.message}. ${
      known.length === 0 ? `${task} has no options.` : `${task} has: ${known.join(', ')}.`
    }`,
    { details: { path, known } },
  );
}
