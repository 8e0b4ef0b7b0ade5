import * as v from 'valibot';
import { RUNTIME_BUILDS } from '../core/builds.ts';
import { type Digest, isDigest } from '../core/ids.ts';
import { DTYPES, EXECUTION_DEVICES } from '../core/manifest.ts';
import type { TokenHarm } from '../core/sinkSearch.ts';
import { TASKS } from '../core/tasks.ts';
import type { Computed } from '../ports/calculator.ts';
import type { GeneratedPiece, GenerateResult, GenerationAccepted } from '../ports/generation.ts';
import type { EmbedResult, LoadReport, MemoryUse, ScoreResult, Timed, TranscribeProgress, TranscribeResult } from '../ports/runtime.ts';
import type { PipelineResult, RunProgress } from '../ports/task.ts';
import { method } from './contract.ts';
import { AnyInputSchema } from './taskInput.ts';

const ids = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));

const ChatMessageSchema = v.object({
  role: v.picklist(['system', 'user', 'assistant', 'tool']),
  content: v.string(),
  toolCalls: v.exactOptional(
    v.array(v.object({ id: v.exactOptional(v.string()), name: v.string(), arguments: v.record(v.string(), v.unknown()) })),
  ),
  toolCallId: v.exactOptional(v.string()),
  name: v.exactOptional(v.string()),
});

const ToolUseSchema = v.object({
  tools: v.array(v.object({ name: v.string(), description: v.exactOptional(v.string()), parameters: v.optional(v.unknown()) })),
  choice: v.picklist(['auto', 'required']),
  only: v.exactOptional(v.string()),
  isParallel: v.boolean(),
});

const FormatSchema = v.variant('kind', [
  v.object({ kind: v.literal('object') }),
  v.object({ kind: v.literal('schema'), schema: v.unknown() }),
]);

const FilesSchema = v.array(v.object({ path: v.string(), blob: v.blob() }));

const LoadSpecSchema = v.object({
  modelId: v.string(),
  task: v.picklist(TASKS),
  dtype: v.picklist(DTYPES),
  device: v.picklist(EXECUTION_DEVICES),
  files: FilesSchema,
  contextLength: v.exactOptional(v.number()),
  generation: v.exactOptional(
    v.object({
      bosTokenId: v.optional(v.number()),
      eosTokenIds: ids,
      temperature: v.optional(v.number()),
      topP: v.optional(v.number()),
      topK: v.optional(v.number()),
      repetitionPenalty: v.optional(v.number()),
      maxTokens: v.optional(v.number()),
    }),
  ),
  chatTemplate: v.exactOptional(v.string()),
  sinkTokens: v.exactOptional(ids),
  build: v.picklist(RUNTIME_BUILDS),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

const InputSchema = v.variant('kind', [
  v.object({ kind: v.literal('text'), text: v.string() }),
  v.object({ kind: v.literal('tokens'), ids }),
  v.object({ kind: v.literal('chat'), messages: v.array(ChatMessageSchema), template: v.exactOptional(v.string()) }),
]);

const GenerateRequestSchema = v.object({
  input: InputSchema,
  maxTokens: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  temperature: v.pipe(v.number(), v.minValue(0)),
  topP: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  topK: v.pipe(v.number(), v.integer(), v.minValue(0)),
  minP: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  repetitionPenalty: v.pipe(v.number(), v.gtValue(0)),
  presencePenalty: v.exactOptional(v.pipe(v.number(), v.finite())),
  frequencyPenalty: v.exactOptional(v.pipe(v.number(), v.finite())),
  logitBias: v.exactOptional(v.array(v.tuple([v.pipe(v.number(), v.integer(), v.minValue(0)), v.pipe(v.number(), v.finite())]))),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  stop: v.array(v.string()),
  format: v.exactOptional(FormatSchema),
  tools: v.exactOptional(ToolUseSchema),
  n: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  roomBytes: v.exactOptional(v.pipe(v.number(), v.finite())),
  contextShift: v.exactOptional(v.object({ keep: v.pipe(v.number(), v.integer(), v.minValue(-1)) })),
  contextLength: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  cachePrompt: v.exactOptional(v.boolean()),
  cacheSalt: v.exactOptional(v.string()),
  given: v.exactOptional(v.array(ids)),
  logprobs: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const some = v.pipe(v.number(), v.integer(), v.minValue(1));
const TimedWorkSchema = v.variant('kind', [
  v.object({ kind: v.picklist(['pp', 'tg']), tokens: some, depth: count, seed: count }),
  v.object({ kind: v.literal('request'), promptTokens: some, tokens: some, seed: count }),
]);

const ComputeSpecSchema = v.object({
  build: v.picklist(RUNTIME_BUILDS),
  device: v.picklist(EXECUTION_DEVICES),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1)),
  jobs: v.array(
    v.object({
      files: FilesSchema,
      calls: v.array(
        v.array(
          v.object({
            name: v.string(),
            dims: v.array(v.number()),
            data: v.union([v.instance(Float32Array), v.instance(Uint16Array), v.instance(BigInt64Array)]),
          }),
        ),
      ),
      repeatForMs: v.pipe(v.number(), v.minValue(0)),
    }),
  ),
});

/** Between the engine and the worker that holds one model, or computes once. */
export const inferenceContract = {
  /** Takes a lock for as long as the worker lives: whoever is given it next knows that the worker is gone. */
  hold: method<never, null>()(v.object({ lock: v.string() })),
  /** Ends the worker from within, its threads first: told from without they stay for two seconds, and all memory with them. Has no answer. */
  leave: method<never, null>()(v.object({})),
  /** Starts the runtime of text models on the processor, for the `load` that follows. */
  prepare: method<never, null>()(v.object({ threads: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  load: method<never, LoadReport>()(LoadSpecSchema),
  compute: method<never, Computed[]>()(ComputeSpecSchema),
  /** Tells how long a step of it may take, in ms, and each time that a long one ended. Has no answer. */
  steps: method<number, never>()(v.object({})),
  /** Answered by a worker that holds no model, too. */
  memory: method<never, MemoryUse>()(v.object({})),
  generate: method<GeneratedPiece | GenerationAccepted, GenerateResult>()(GenerateRequestSchema),
  score: method<never, ScoreResult>()(v.object({ text: v.string(), as: v.exactOptional(v.object({ sinkTokens: v.exactOptional(ids) })) })),
  measureSinks: method<never, TokenHarm[] | undefined>()(
    v.object({ text: v.string(), candidates: ids, always: ids, begin: v.exactOptional(v.number()) }),
  ),
  time: method<never, Timed>()(v.object({ work: TimedWorkSchema })),
  tokenize: method<never, number[]>()(v.object({ text: v.string() })),
  /** Streams how many tokens each piece had. */
  readAhead: method<number, null>()(
    v.object({
      messages: v.array(ChatMessageSchema),
      template: v.exactOptional(v.string()),
      answer: v.string(),
      tools: v.exactOptional(ToolUseSchema),
      contextLength: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      cacheSalt: v.exactOptional(v.string()),
    }),
  ),
  beginningOf: method<never, number[]>()(v.object({ input: InputSchema })),
  exportBeginning: method<never, Uint8Array<ArrayBuffer> | undefined>()(v.object({ ids, salt: v.string() })),
  restoreBeginnings: method<never, Digest[]>()(
    v.object({
      kept: v.array(v.object({ key: v.pipe(v.string(), v.guard(isDigest)), tokens: some, bytes: v.instance(Uint8Array<ArrayBuffer>) })),
      ground: v.string(),
    }),
  ),
  forgetBeginnings: method<never, null>()(v.object({})),
  embed: method<never, EmbedResult>()(v.object({ texts: v.array(v.string()) })),
  transcribe: method<TranscribeProgress, TranscribeResult>()(
    v.object({ audio: v.instance(Float32Array), language: v.exactOptional(v.string()), translate: v.exactOptional(v.boolean()) }),
  ),
  run: method<RunProgress, PipelineResult>()(
    v.object({ input: AnyInputSchema, options: v.exactOptional(v.record(v.string(), v.unknown())) }),
  ),
};
export type InferenceContract = typeof inferenceContract;
