import type { RuntimeBuild } from '../core/builds.ts';
import type { AnswerFormat } from '../core/grammar/answerGrammar.ts';
import type { Dtype, ExecutionDevice, GenerationDefaults } from '../core/manifest.ts';
import type { SamplingOptions } from '../core/sampling.ts';
import type { SinkQuestion, TokenHarm } from '../core/sinkSearch.ts';
import type { Task } from '../core/tasks.ts';
import type { ToolCallPart } from '../core/toolCalls.ts';
import type { ToolCall, ToolUse } from '../core/toolUse.ts';
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
}

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

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** Empty in a message that only calls tools. */
  readonly content: string;
  /** Of an assistant: what it called. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool: which call it answers. */
  readonly toolCallId?: string;
  readonly name?: string;
}

/** The same seed gives the same text on the same device and variant. */
export interface GenerateRequest extends SamplingOptions {
  /** Raw text, to which the tokenizer adds its beginning; token ids, taken as they are; or messages for the chat template. */
  readonly input:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'tokens'; readonly ids: readonly number[] }
    | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[]; readonly template?: string };
  /** New tokens at most; absent means up to the end of the context. */
  readonly maxTokens?: number;
  readonly stop: readonly string[];
  /** An answer that ends by `stop` has this form; one that was cut, by a stop string as well, says `length`. */
  readonly format?: AnswerFormat;
  /** Functions that the answer may call. */
  readonly tools?: ToolUse;
  /** Answers to the same prompt, 1 by default. The seed of each is by one higher than that of the one before. */
  readonly n?: number;
  /**
   * When the context is full, its beginning and the latest half of the rest go on, in place of an end or a refusal: `keep` tokens besides
   * the very first one, -1 for the whole prompt.
   */
  readonly contextShift?: { readonly keep: number };
  /** Tokens of prompt and answer together, where that is to be less than the model holds. */
  readonly contextLength?: number;
  /** Whether the beginning may come from the cache and be added to it; true by default. The answer is the same. */
  readonly cachePrompt?: boolean;
  /** Requests of one salt share beginnings, others learn nothing of them, not even by the time it takes. */
  readonly cacheSalt?: string;
  /**
   * Tokens that an answer begins with, by its index: another worker chose them, and whoever asks has them. They count as tokens of the answer,
   * and are neither chosen again nor given as pieces.
   */
  readonly given?: ReadonlyArray<readonly number[]>;
  /** With each token its log-probability, and those of so many of the likeliest in its place; absent means neither. */
  readonly logprobs?: number;
}

export interface ScoredToken {
  /** A part of a character is written as `bytes:\\xf0`. */
  readonly text: string;
  readonly bytes: readonly number[];
  /** Natural logarithm of the probability that the model gave it, before biases, penalties and temperature. */
  readonly logprob: number;
}

export interface GeneratedToken extends ScoredToken {
  /** Where in the answer's text it begins. */
  readonly offset: number;
  /** In falling order. */
  readonly top: readonly ScoredToken[];
}

/** A piece of text that is final: whole characters, no half of a stop string. */
export interface GeneratedPiece {
  /** Which of several answers; absent means the first. */
  readonly index?: number;
  readonly text: string;
  /** Of calls, which are no part of the text. */
  readonly toolCalls?: readonly ToolCallPart[];
  readonly tokenIds: readonly number[];
  /** Where they were asked for: of the tokens that begin in what became final by now. */
  readonly logprobs?: readonly GeneratedToken[];
}

/** Goes before the first piece, for `onAccepted`. */
export interface GenerationAccepted {
  readonly accepted: true;
}

export interface GeneratedAnswer {
  readonly text: string;
  /** Calls of tools, their arguments in JSON; of one that was cut, as much as there was. */
  readonly toolCalls?: ReadonlyArray<{ readonly name: string; readonly arguments: string }>;
  readonly tokenIds: readonly number[];
  /** Where they were asked for: of the tokens that begin in the text, so that neither the end token nor a stop string is among them. */
  readonly logprobs?: readonly GeneratedToken[];
  readonly finishReason: 'stop' | 'length';
}

/** The first answer, and what is true of all. */
export interface GenerateResult extends GeneratedAnswer {
  /** The second and later ones, where several were asked for. */
  readonly others?: readonly GeneratedAnswer[];
  readonly promptTokens: number;
  /** Of these, tokens that were not evaluated, because an earlier prompt began with them; absent means none. */
  readonly cachedTokens?: number;
  /** Of all answers. */
  readonly completionTokens: number;
  /** Of these, tokens that came with the request; absent means none. */
  readonly givenTokens?: number;
  /** Something of the prompt or of an answer fell out of the context on the way. */
  readonly truncated?: boolean;
  /** From the call to the first token, tokenisation and sampling included. */
  readonly ttftMs: number;
  /** Prompt evaluation alone. */
  readonly prefillMs: number;
  /** From the first token to the last. */
  readonly decodeMs: number;
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

interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface GenerateCallOptions extends CallOptions {
  readonly onPiece?: (piece: GeneratedPiece) => void;
  /** The request was found to be one that the model can answer, and its prompt is being read: from here on nothing is refused. */
  readonly onAccepted?: (() => void) | undefined;
}

/** A conversation that may go on: what was asked as of a `GenerateRequest`, and what was answered. */
export interface ReadAheadRequest extends Pick<GenerateRequest, 'tools' | 'contextLength' | 'cacheSalt'> {
  readonly messages: readonly ChatMessage[];
  readonly template?: string;
  readonly answer: string;
}

/** A model in its own worker. Calls of `generate` take turns with each token; all others are one at a time. */
export interface LoadedModel {
  readonly report: LoadReport;
  /** @throws SillError `context_length_exceeded` | `empty_input` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `worker_lost` | `aborted` */
  generate(request: GenerateRequest, options: GenerateCallOptions): Promise<GenerateResult>;
  /**
   * Reads a text token by token, as decoding does: int8 gives the same figures as in an answer.
   * @throws SillError `empty_input` for a text of fewer than two tokens | what `generate` throws
   */
  score(text: string, options: CallOptions): Promise<ScoreResult>;
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
  /** Keeps it as if it had been evaluated now. The bytes are moved. @returns false where they cannot be of this beginning */
  importBeginning(ids: readonly number[], salt: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
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
  /**
   * Starts a worker, and in it the runtime of text models on the processor, before it is known which model it gets: the next such model that runs
   * with as many threads is loaded into that one. One at a time; it ends when no model comes for a while.
   */
  prepare(threads: number): void;
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
