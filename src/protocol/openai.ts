import type { ErrorData } from '../core/errors.ts';
import type { RunInfo } from './engineReports.ts';

export type FinishReason = 'stop' | 'length';
export type ChatFinishReason = FinishReason | 'tool_calls';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Tokens of the prompt that an earlier one began with and that were not evaluated again. */
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** Speeds of one answer, by the field's terms: TTFT includes tokenisation, waiting and loading; pp and tg do not. */
export interface Timings {
  readonly ttft_ms: number;
  /** Of those that were evaluated; absent when all came from the cache. */
  readonly prompt_tokens_per_second?: number;
  /** Absent for an answer of one token. */
  readonly decode_tokens_per_second?: number;
  /** Evaluation of the prompt alone, and from the first token to the last: as llama.cpp's server calls them. Absent of what was computed elsewhere. */
  readonly prompt_ms?: number;
  readonly predicted_ms?: number;
}

/** A server that the operator named for requests of an alias. */
export interface UpstreamName {
  /** As the operator calls it. */
  readonly name: string;
  readonly url: string;
  /** As the server calls the model. */
  readonly model: string;
}

/** Of an answer that was computed on this device: by what. Sill's own addition to OpenAI's shapes. */
export interface SillExtension extends RunInfo {
  /** Of a request for an alias: which server was to answer, and why it did not. */
  readonly instead_of?: UpstreamName & { readonly error: ErrorData };
  /** Given again with the same request on the same device, it gives the same text. Of `n` answers each has the next one. */
  readonly seed: number;
  readonly timings: Timings;
  /** True when something fell out of the context (`context_shift`). */
  readonly truncated: boolean;
}

/** Of an answer that another computer gave, because its request named one of the operator's aliases: what was written went there. */
export type UpstreamExtension = {
  readonly computed_by: 'upstream';
  /** The alias. */
  readonly model: string;
  readonly upstream: UpstreamName;
  /** As seen from here: how long the server took for which part, it alone knows. */
  readonly timings: Pick<Timings, 'ttft_ms'> & Partial<Timings>;
} & {
  // Nothing is known of how it was computed there; told, so that whoever reads either kind may ask.
  readonly [Field in Exclude<keyof SillExtension, 'computed_by' | 'model' | 'timings'>]?: undefined;
};

export interface ChatLogprob {
  readonly token: string;
  readonly logprob: number;
  /** Of its UTF-8; a token may be a part of a character. */
  readonly bytes: readonly number[];
}

/** Of the model's scores before biases, penalties and temperature. */
export interface ChatLogprobs {
  readonly content: ReadonlyArray<ChatLogprob & { readonly top_logprobs: readonly ChatLogprob[] }>;
  readonly refusal: null;
}

/** As `ChatLogprobs`, in the shape of the older endpoint. */
export interface CompletionLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: ReadonlyArray<Readonly<Record<string, number>>>;
  /** Where each token begins in the answer's text, in UTF-16 units as strings count. */
  readonly text_offset: readonly number[];
}

export interface Completion {
  readonly id: string;
  readonly object: 'text_completion';
  readonly created: number;
  readonly model: string;
  readonly choices: ReadonlyArray<{
    readonly index: number;
    readonly text: string;
    readonly finish_reason: FinishReason | null;
    readonly logprobs: CompletionLogprobs | null;
    /** With `return_token_ids`, of a chunk. */
    readonly token_ids?: readonly number[];
  }>;
  readonly usage?: Usage;
  readonly sill?: SillExtension | UpstreamExtension;
}

export interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  /** `arguments` is JSON text. */
  readonly function: { readonly name: string; readonly arguments: string };
}

/** `id`, `type` and `name` come with the first part of a call; the parts of its `arguments` make up the whole. */
export interface ChatToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

export interface ChatCompletion {
  readonly id: string;
  readonly object: 'chat.completion';
  readonly created: number;
  readonly model: string;
  readonly choices: ReadonlyArray<{
    readonly index: number;
    readonly message: {
      readonly role: 'assistant';
      /** `null` where there is nothing but calls. */
      readonly content: string | null;
      readonly refusal: null;
      readonly tool_calls?: readonly ChatToolCall[];
    };
    readonly finish_reason: ChatFinishReason;
    readonly logprobs: ChatLogprobs | null;
  }>;
  readonly usage: Usage;
  readonly sill: SillExtension | UpstreamExtension;
}

export interface ChatCompletionChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: ReadonlyArray<{
    readonly index: number;
    readonly delta: {
      readonly role?: 'assistant';
      readonly content?: string | null;
      readonly tool_calls?: readonly ChatToolCallDelta[];
    };
    readonly finish_reason: ChatFinishReason | null;
    readonly logprobs: ChatLogprobs | null;
    /** With `return_token_ids`. */
    readonly token_ids?: readonly number[];
  }>;
  readonly usage?: Usage;
  readonly sill?: SillExtension | UpstreamExtension;
}

export interface EmbeddingResponse {
  readonly object: 'list';
  readonly model: string;
  readonly data: ReadonlyArray<{ readonly object: 'embedding'; readonly index: number; readonly embedding: readonly number[] }>;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  /** `truncated`: of a text, or of several, the model read only the beginning. */
  readonly sill: RunInfo & { readonly truncated: boolean; readonly embed_ms: number };
}

export interface Transcription {
  readonly text: string;
  readonly duration: number;
  readonly segments: ReadonlyArray<{ readonly id: number; readonly start: number; readonly end: number; readonly text: string }>;
  readonly sill: RunInfo & { readonly transcribe_ms: number; readonly audio_seconds_per_second: number };
}

export interface TranscriptionProgress {
  readonly done_seconds: number;
  readonly total_seconds: number;
  readonly segments: Transcription['segments'];
}
