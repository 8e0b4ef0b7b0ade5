import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { findSpans } from '../core/spans.ts';
import { type ParsedTaskOptions, parseTaskOptions } from '../core/taskOptions.ts';
import type { PipelineOutput, PipelineTask, Segment, TaskInput, TaskOutput } from '../ports/task.ts';
import { parseTaskInput } from '../protocol/taskInput.ts';
import type { ModelFiles } from './modelFiles.ts';
import { pixelsOf, plainTensor, readPicture } from './pictures.ts';
import type { LoadedPipeline, RunCall } from './pipelineModel.ts';
import type { Transformers } from './transformers.ts';

/** Calls the pipeline. @throws SillError `runtime_failed` | `out_of_memory` | `aborted` */
export type Pipe = (...args: readonly unknown[]) => Promise<unknown>;

interface Context extends Pick<LoadedPipeline, 'transformers' | 'tokenizer'> {
  readonly pipe: Pipe;
  readonly files: ModelFiles;
  readonly call: RunCall;
  /** Runs of the model since the call began. */
  readonly runsDone: () => number;
  readonly modelType: string | undefined;
}

/** How a task is asked of the pipeline, and what comes back made plain. */
type Run<T extends PipelineTask> = (context: Context, input: TaskInput<T>, options: ParsedTaskOptions<T>) => Promise<TaskOutput<T>>;

const Labels = v.array(v.object({ label: v.string(), score: v.number() }));
const Box = v.object({ xmin: v.number(), ymin: v.number(), xmax: v.number(), ymax: v.number() });
const Detections = v.array(v.object({ label: v.string(), score: v.number(), box: Box }));
const Tokens = v.array(
  v.pipe(
    v.object({ entity_group: v.optional(v.string()), entity: v.optional(v.string()), score: v.number(), word: v.string() }),
    v.transform(({ entity_group, entity, score, word }) => ({ label: entity_group ?? entity ?? '', score, word })),
  ),
);
const Answers = v.pipe(
  v.union([v.array(v.object({ answer: v.string(), score: v.number() })), v.object({ answer: v.string(), score: v.number() })]),
  v.transform((answers) => [answers].flat()),
);
const Fills = v.array(v.object({ score: v.number(), token: v.number(), token_str: v.string(), sequence: v.string() }));
const ZeroShot = v.pipe(
  v.object({ labels: v.array(v.string()), scores: v.array(v.number()) }),
  v.transform(({ labels, scores }) => labels.map((label, index) => ({ label, score: scores[index] ?? 0 }))),
);

/** What a library gave, as it is known to be. @throws SillError `unsupported_task` for anything else */
function known<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new SillError(
    'unsupported_task',
    `The model gave something else than its task promises: ${issue.message}. Its export may be for another task.`,
    {
      details: { path: v.getDotPath(issue) ?? '' },
    },
  );
}

const falling = <T extends { readonly score: number }>(list: readonly T[]): T[] => [...list].sort((a, b) => b.score - a.score);
const rawImage = ({ RawImage }: Transformers) => v.instance(RawImage);
/** Options that were left out are left to the library. */
const stated = (options: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Generates, and tells the text as it grows. */
async function generating<T>(context: Context, key: string, work: (options: object) => Promise<T>, options: object): Promise<string> {
  const { transformers, tokenizer, call } = context;
  let text = '';
  const streamer = tokenizer
    ? new transformers.TextStreamer(tokenizer, {
        skip_prompt: true,
        skip_special_tokens: true,
        callback_function(piece: string) {
          text += piece;
          call.onProgress({ text });
        },
      })
    : undefined;
  const result = await work({ ...stated(options), ...(streamer ? { streamer } : {}) });
  const [first] = known(v.pipe(v.array(v.record(v.string(), v.unknown())), v.minLength(1)), result);
  return known(v.string(), first?.[key]);
}

const textTo = (key: 'summary_text' | 'translation_text' | 'generated_text') => (context: Context, text: string, options: object) =>
  generating(context, key, (given) => context.pipe(text, given), options);

async function segments(context: Context, image: unknown, options: object): Promise<Segment[]> {
  const Segments = v.array(
    v.object({ label: v.nullable(v.string()), score: v.nullable(v.number()), mask: rawImage(context.transformers) }),
  );
  return known(Segments, await context.pipe(image, options)).map(({ mask, ...rest }) => ({ ...rest, mask: pixelsOf(mask) }));
}

/** The style of a voice that was installed with the model, or what the caller brought. */
async function voiceOf({ files, modelType }: Context, options: ParsedTaskOptions<'text-to-audio'>): Promise<Float32Array | undefined> {
  if (options.speaker_embeddings || modelType !== 'supertonic') return options.speaker_embeddings;
  const voices = files.paths().flatMap((path) => /^voices\/(.+)\.bin$/.exec(path)?.[1] ?? []);
  const voice = options.voice ?? voices[0];
  if (voice !== undefined && voices.includes(voice)) return new Float32Array(await files.need(`voices/${voice}.bin`).arrayBuffer());
  throw new SillError(
    'invalid_request',
    `This model speaks with a voice that is named by the option "voice" or given as "speaker_embeddings". It came with: ${voices.join(', ') || 'none'}.`,
    { details: { known: voices } },
  );
}

const RUNS: { readonly [T in PipelineTask]: Run<T> } = {
  'text-classification': async ({ pipe }, text, options) =>
    known(
      v.pipe(
        v.unknown(),
        v.transform((it) => [it].flat()),
        Labels,
      ),
      await pipe(text, options),
    ),
  async 'token-classification'({ pipe }, text, options) {
    const tokens = known(Tokens, await pipe(text, options));
    const spans = findSpans(
      text,
      tokens.map(({ word }) => word),
    );
    return tokens.map((token, index) => ({ ...token, ...spans[index] }));
  },
  async 'question-answering'({ pipe }, { question, context }, options) {
    const answers = falling(known(Answers, await pipe(question, context, options)));
    return answers.map((answer) => ({ ...answer, ...findSpans(context, [answer.answer])[0] }));
  },
  async 'fill-mask'({ pipe, tokenizer }, text, options) {
    const mask = tokenizer?.mask_token;
    if (mask && !text.includes(mask)) {
      throw new SillError('invalid_request', `The text has no gap to fill. Write ${mask} where the word is missing.`, {
        details: { mask },
      });
    }
    return known(Fills, await pipe(text, options));
  },
  summarization: async (context, text, options) => ({ summary_text: await textTo('summary_text')(context, text, options) }),
  translation: async (context, text, options) => ({ translation_text: await textTo('translation_text')(context, text, options) }),
  'text2text-generation': async (context, text, options) => ({ generated_text: await textTo('generated_text')(context, text, options) }),
  async 'zero-shot-classification'({ pipe, call, runsDone }, { text, candidate_labels: labels }, options) {
    // One run a label, in their order.
    const told = setInterval(() => call.onProgress({ done: runsDone(), total: labels.length }), 100);
    try {
      return known(ZeroShot, await pipe(text, [...labels], stated(options)));
    } finally {
      clearInterval(told);
    }
  },
  'image-classification': async ({ transformers, pipe }, { image }, options) =>
    known(Labels, await pipe(await readPicture(transformers, image), options)),
  'zero-shot-image-classification': async ({ transformers, pipe }, { image, candidate_labels: labels }, options) =>
    falling(known(Labels, await pipe(await readPicture(transformers, image), [...labels], stated(options)))),
  'object-detection': async ({ transformers, pipe }, { image }, options) =>
    falling(known(Detections, await pipe(await readPicture(transformers, image), options))),
  'zero-shot-object-detection': async ({ transformers, pipe }, { image, candidate_labels: labels }, options) =>
    falling(known(Detections, await pipe(await readPicture(transformers, image), [...labels], stated(options)))),
  'image-segmentation': async (context, { image }, options) => segments(context, await readPicture(context.transformers, image), options),
  'background-removal': async ({ transformers, pipe }, { image }, options) =>
    pixelsOf(
      known(
        v.pipe(
          v.unknown(),
          v.transform((it) => [it].flat()[0]),
          rawImage(transformers),
        ),
        await pipe(await readPicture(transformers, image), options),
      ),
    ),
  async 'depth-estimation'({ transformers, pipe }, { image }) {
    const Depth = v.object({ predicted_depth: v.instance(transformers.Tensor), depth: rawImage(transformers) });
    const { predicted_depth, depth } = known(Depth, await pipe(await readPicture(transformers, image)));
    return { predicted_depth: plainTensor(predicted_depth), depth: pixelsOf(depth) };
  },
  'image-to-image': async ({ transformers, pipe }, { image }) =>
    pixelsOf(known(rawImage(transformers), await pipe(await readPicture(transformers, image)))),
  async 'image-to-text'(context, { image }, options) {
    const picture = await readPicture(context.transformers, image);
    return { generated_text: await generating(context, 'generated_text', (given) => context.pipe(picture, given), options) };
  },
  'image-feature-extraction': async ({ transformers, pipe }, { image }, options) =>
    plainTensor(known(v.instance(transformers.Tensor), await pipe(await readPicture(transformers, image), stated(options)))),
  async 'document-question-answering'({ transformers, pipe }, { image, question }, options) {
    const Found = v.pipe(v.array(v.object({ answer: v.nullable(v.string()) })), v.minLength(1));
    const [found] = known(Found, await pipe(await readPicture(transformers, image), question, stated(options)));
    return { answer: found?.answer ?? null };
  },
  'audio-classification': async ({ pipe }, { audio }, options) => known(Labels, await pipe(audio, options)),
  'zero-shot-audio-classification': async ({ pipe }, { audio, candidate_labels: labels }, options) =>
    falling(known(Labels, await pipe(audio, [...labels], stated(options)))),
  async 'text-to-audio'(context, text, options) {
    const speaker_embeddings = await voiceOf(context, options);
    const { num_inference_steps, speed } = options;
    const spoken = await context.pipe(text, stated({ speaker_embeddings, num_inference_steps, speed }));
    return known(v.object({ audio: v.instance(Float32Array), sampling_rate: v.number() }), spoken);
  },
};

/**
 * Runs a task over an input that is parsed for it.
 * @throws SillError `empty_input` | `invalid_request` | `image_undecodable` | what the pipeline throws
 */
export async function runTask(task: PipelineTask, context: Context, input: unknown, options: unknown): Promise<PipelineOutput> {
  const answer = async <T extends PipelineTask>(which: T): Promise<TaskOutput<T>> =>
    RUNS[which](context, parseTaskInput(which, input), parseTaskOptions(which, options));
  // TypeScript knows of each task that its answer belongs to it, and forgets so for the union of all.
  return { task, output: await answer(task) } as PipelineOutput;
}
