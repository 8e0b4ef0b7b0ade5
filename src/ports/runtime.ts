import type { RuntimeBuild } from '../core/builds.ts';
import type { Digest } from '../core/ids.ts';
import type { Dtype, ExecutionDevice, GenerationDefaults } from '../core/manifest.ts';
import type { SinkQuestion, TokenHarm } from '../core/sinkSearch.ts';
import type { Task } from '../core/tasks.ts';
import type { GenerateCallOptions, GenerateRequest, GenerateResult, ReadAheadRequest } from './generation.ts';
import type { PipelineRequest, PipelineResult, RunProgress } from './task.ts';

/** Everything a runtime needs to load a model: data only, no database, no URL of a weight. */
export interface LoadSpec {
  readonly modelId: string;
  readonly task: Task;
  readonly dtype: Dtype;
  readonly device: ExecutionDevice;
  /** By plain path, as `onnx/model_int8.onnx`; a Blob joined of stored chunks, read lazily. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly blob: Blob }>;
  readonly contextLength?: number;
  readonly generation?: GenerationDefaults;
  readonly chatTemplate?: string;
  readonly sinkTokens?: readonly number[];
  /** Chosen by what the browser has; its files are the ones kept for offline use. */
  readonly build: RuntimeBuild;
  /** WASM threads; 1 without isolation. */
  readonly threads: number;
}

export interface LoadReport {
  readonly loadMs: number;
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly threads: number;
  /** Workers that read the weights into the heap beside each other; absent where they came one after the other. */
  readonly weightReaders?: number;
  /** Of a text model: what its key-values are kept in. */
  readonly cacheType?: CacheType;
}

/** Numbers of a key-value cache; `mixed` where a graph of another maker has both. */
export type CacheType = 'float32' | 'float16' | 'mixed';

/** What a loaded model takes now, in bytes. */
export interface MemoryUse {
  /** The WebAssembly heap, which never shrinks: weights, the caches of sequences, the runtime's own. */
  readonly heapBytes: number;
  /** Buffers on the graphics processor. */
  readonly gpuBytes: number;
  /** Beginnings of prompts that are kept. They lie beside the heap, or among the buffers. */
  readonly prefixBytes: number;
  readonly totalBytes: number;
}

/** Something of a text model that is timed where it computes. Tokens are drawn by the seed: what they say does not matter to a decoder's speed. */
export type TimedWork =
  /** Prompt evaluation alone, behind `depth` tokens: no tokenisation, no sampling, nothing from the cache of beginnings. */
  | { readonly kind: 'pp'; readonly tokens: number; readonly depth: number; readonly seed: number }
  /** So many steps of one token, behind `depth` tokens: no sampling. */
  | { readonly kind: 'tg'; readonly tokens: number; readonly depth: number; readonly seed: number }
  /** From a text to a text, tokenisation, sampling and detokenisation included; end tokens do not end it. */
  | { readonly kind: 'request'; readonly promptTokens: number; readonly tokens: number; readonly seed: number };

export interface Timed {
  /** pp: of each call of the graph. tg: of each token. request: from each token to the next. */
  readonly stepMs: readonly number[];
  /** Of a request. */
  readonly ttftMs?: number;
  /** Tokens of the prompt; of a request those that its text came to. */
  readonly promptTokens: number;
}

/** How well a text model foretells a text. */
export interface ScoreResult {
  /** Mean negative log-likelihood of a token, in nats; its exponential is the perplexity. */
  readonly nll: number;
  /** Tokens that were foretold: all but the first. */
  readonly tokens: number;
  /** What they come to in UTF-8. */
  readonly bytes: number;
  /** The likeliest token in the place of each. */
  readonly top: readonly number[];
  /** How loud channels of the products' inputs became, of a graph that tells (`LOUDNESS_OUTPUT`): the largest magnitude of each. */
  readonly loudness?: Float32Array<ArrayBuffer>;
}

export interface EmbedResult {
  /** texts x dimensions, row by row, each row of unit length. */
  readonly vectors: Float32Array;
  readonly dimensions: number;
  readonly promptTokens: number;
  /** One of the texts, or more, is longer than the model reads, and only its beginning counts. */
  readonly truncated?: boolean;
  readonly embedMs: number;
}

export interface TranscribeRequest {
  /** Mono, 16 kHz, -1 to 1. */
  readonly audio: Float32Array;
  /** BCP 47 primary tag, as `en`; absent means the model decides. */
  readonly language?: string;
  readonly translate?: boolean;
}

/** A recording of which is known what it says. */
export interface SpeechSample {
  /** Mono, 16 kHz, -1 to 1. */
  readonly audio: Float32Array;
  readonly text: string;
  /** BCP 47 primary tag. */
  readonly language: string;
}

export interface TranscriptSegment {
  readonly text: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface TranscribeProgress {
  readonly segments: readonly TranscriptSegment[];
  readonly doneSeconds: number;
  readonly totalSeconds: number;
}

export interface TranscribeResult {
  readonly text: string;
  readonly segments: readonly TranscriptSegment[];
  readonly audioSeconds: number;
  readonly transcribeMs: number;
}

/** As a prompt, in the blocks in which a prefill reads it, and as much of a text as there is room for. */
export interface ReadAs {
  /** Around which it is cut; those of the manifest, where it is not given. */
  readonly sinkTokens?: readonly number[];
}

/** What an earlier run evaluated of some prompt's beginning. */
export interface KeptBeginning {
  /** SHA-256 of its `beginningName`. */
  readonly key: Digest;
  readonly tokens: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** A model in its own worker. Calls of `generate` take turns with each token; all others are one at a time. */
export interface LoadedModel {
  readonly report: LoadReport;
  /** @throws SillError `context_length_exceeded` | `empty_input` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `worker_lost` | `aborted` */
  generate(request: GenerateRequest, options: GenerateCallOptions): Promise<GenerateResult>;
  /**
   * Reads a text token by token, as decoding does: int8 gives the same figures as in an answer. Or as a prompt: the same as it makes of one.
   * @throws SillError `empty_input` for a text of fewer than two tokens | what `generate` throws
   */
  score(text: string, options: CallOptions & { readonly as?: ReadAs }): Promise<ScoreResult>;
  /**
   * How much tokens harm those that they share a call with, over a text. Undefined where the model has no room for it.
   * @throws SillError what `score` throws
   */
  measureSinks(text: string, question: SinkQuestion, options: CallOptions): Promise<TokenHarm[] | undefined>;
  /**
   * Times a text model in its worker. @throws SillError `context_length_exceeded` | `unsupported_task` | what `generate` throws
   */
  time(work: TimedWork, options: CallOptions): Promise<Timed>;
  /** Token ids of a text with the model's own beginning and end. */
  tokenize(text: string): Promise<number[]>;
  embed(texts: readonly string[], options: CallOptions): Promise<EmbedResult>;
  transcribe(
    request: TranscribeRequest,
    options: CallOptions & { onProgress?: (progress: TranscribeProgress) => void },
  ): Promise<TranscribeResult>;
  /**
   * The tokens with which a prompt begins whatever a person writes in it, as far as they can be kept; none where that is too little.
   * @throws SillError as `generate` does for its prompt
   */
  beginningOf(input: GenerateRequest['input']): Promise<number[]>;
  /** What was evaluated of a beginning, for a later run of the same model in the same form; absent where it is not kept any more, or cannot be had. */
  exportBeginning(ids: readonly number[], salt: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Takes what earlier runs exported into memory, in place of none of what is there. A prompt that begins with one finds it by its key, as if it had
   * been evaluated now; nobody says whose it is or what it begins with. The bytes are moved.
   * @param ground as `beginningName` has it
   * @returns keys of those that cannot be of this model
   */
  restoreBeginnings(kept: readonly KeptBeginning[], ground: string): Promise<Digest[]>;
  /**
   * Evaluates what the next turn of a conversation begins with, for the cache of beginnings; the answers are the same without. `onRead` tells of each
   * piece that was evaluated, in tokens. An abort waits for the piece that is under way.
   * @throws SillError `chat_template_missing` | `invalid_request` | what `generate` throws
   */
  readAhead(request: ReadAheadRequest, options: CallOptions & { onRead?: (tokens: number) => void }): Promise<void>;
  /** Lets go of every beginning that is kept in memory, whoever it was kept for. @throws SillError `worker_lost` */
  forgetBeginnings(): Promise<void>;
  /** Answered between two steps. @throws SillError `worker_lost` */
  memory(): Promise<MemoryUse>;
  /**
   * Any task that has no method of its own above.
   * @throws SillError `empty_input` | `invalid_request` | `image_undecodable` | `runtime_failed` | `out_of_memory` | `worker_lost` | `aborted`
   */
  run(request: PipelineRequest, options: CallOptions & { onProgress?: (progress: RunProgress) => void }): Promise<PipelineResult>;
  /** Resolves when the worker is gone, which is the only way its memory comes back. */
  readonly lost: Promise<Error | undefined>;
  /** Terminates the worker: WASM memory never shrinks. */
  unload(): void;
}

export interface Runtime {
  /**
   * Starts a worker, and in it the runtime of text models on the processor, before it is known which model it gets: the next such model that runs
   * with as many threads is loaded into that one. One at a time; it ends when no model comes for a while.
   */
  prepare(threads: number): void;
  /** @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged` | `aborted` */
  load(spec: LoadSpec, options: CallOptions): Promise<LoadedModel>;
}
