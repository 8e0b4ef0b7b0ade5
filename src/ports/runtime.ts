import type { RuntimeBuild } from '../core/builds.ts';
import type { Dtype, ExecutionDevice, GenerationDefaults, Task } from '../core/manifest.ts';

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
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

export interface GenerateRequest {
  /** Raw text, to which the tokenizer adds its beginning; token ids, taken as they are; or messages for the chat template. */
  readonly input:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'tokens'; readonly ids: readonly number[] }
    | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[]; readonly template?: string };
  /** New tokens at most; absent means up to the end of the context. */
  readonly maxTokens?: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** 1 keeps all. */
  readonly topP: number;
  /** 0 keeps all. */
  readonly topK: number;
  /** 1 changes nothing. */
  readonly repetitionPenalty: number;
  /** The same seed gives the same text on the same device and variant. */
  readonly seed: number;
  readonly stop: readonly string[];
}

/** A piece of text that is final: whole characters, no half of a stop string. */
export interface GeneratedPiece {
  readonly text: string;
  readonly tokenIds: readonly number[];
}

export interface GenerateResult {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly finishReason: 'stop' | 'length';
  /** From the call to the first token, tokenisation and sampling included. */
  readonly ttftMs: number;
  /** Prompt evaluation alone. */
  readonly prefillMs: number;
  /** From the first token to the last. */
  readonly decodeMs: number;
}

/** A prompt and the part of its answer that was given. */
export interface Continued {
  /** Of both. */
  readonly ids: readonly number[];
  /** Tokens of the answer among them, and their text. */
  readonly tokens: number;
  readonly text: string;
}

/** How well a text model foretells a text. */
export interface ScoreResult {
  /** Mean negative log-likelihood of a token, in nats; its exponential is the perplexity. */
  readonly nll: number;
  /** Tokens that were foretold: all but the first. */
  readonly tokens: number;
}

export interface EmbedResult {
  /** texts x dimensions, row by row, each row of unit length. */
  readonly vectors: Float32Array;
  readonly dimensions: number;
  readonly promptTokens: number;
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

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** A model in its own worker. One call at a time; the caller queues. */
export interface LoadedModel {
  readonly report: LoadReport;
  /** @throws SillError `context_length_exceeded` | `empty_input` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `worker_lost` | `aborted` */
  generate(request: GenerateRequest, options: CallOptions & { onPiece?: (piece: GeneratedPiece) => void }): Promise<GenerateResult>;
  /**
   * Reads a text token by token, as decoding does: int8 gives the same figures as in an answer.
   * @throws SillError `empty_input` for a text of fewer than two tokens | what `generate` throws
   */
  score(text: string, options: CallOptions): Promise<ScoreResult>;
  /**
   * What to generate from so that an answer goes on which another worker began.
   * @param given all that was given of it
   */
  continued(input: GenerateRequest['input'], given: GeneratedPiece): Promise<Continued>;
  /** Token ids of a text with the model's own beginning and end. */
  tokenize(text: string): Promise<number[]>;
  embed(texts: readonly string[], options: CallOptions): Promise<EmbedResult>;
  transcribe(
    request: TranscribeRequest,
    options: CallOptions & { onProgress?: (progress: TranscribeProgress) => void },
  ): Promise<TranscribeResult>;
  /** Resolves when the worker is gone, which is the only way its memory comes back. */
  readonly lost: Promise<Error | undefined>;
  /** Terminates the worker: WASM memory never shrinks. */
  unload(): void;
}

/** A tensor that a graph takes. */
export interface ComputeFeed {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

/** A graph that is no model, with what to feed it. */
export interface ComputeJob {
  /** As in a LoadSpec: one `.onnx` with its weights beside it. */
  readonly files: LoadSpec['files'];
  readonly feeds: readonly ComputeFeed[];
  /** After its first run it is run again for this long, and timed. */
  readonly repeatForMs: number;
}

export interface ComputeSpec {
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly threads: number;
  readonly jobs: readonly ComputeJob[];
}

export interface Computed {
  /** Of the first run, by name, row after row. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  /** Of each run after the first, which compiles what it needs. */
  readonly runMs: readonly number[];
}

export interface Runtime {
  /** @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged` | `aborted` */
  load(spec: LoadSpec, options: CallOptions): Promise<LoadedModel>;
}

export interface Calculator {
  /**
   * Runs graphs in a worker of their own, which ends with them, also when the signal cuts them short.
   * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `worker_lost` | `aborted`
   */
  compute(spec: ComputeSpec, options: CallOptions): Promise<readonly Computed[]>;
}
