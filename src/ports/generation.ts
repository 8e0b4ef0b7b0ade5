import type { AnswerFormat } from '../core/grammar/answerGrammar.ts';
import type { SamplingOptions } from '../core/sampling.ts';
import type { ToolCallPart } from '../core/toolCalls.ts';
import type { ToolCall, ToolUse } from '../core/toolUse.ts';

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
  /** What several answers may take in memory, in bytes, with those of other such requests; absent means whatever they take. */
  readonly roomBytes?: number;
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

export interface GenerateCallOptions {
  readonly signal?: AbortSignal;
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
