import { createTextStream } from '../core/detokenize.ts';
import { createLogprobs, type RankedToken } from '../core/logprobs.ts';
import { createSampler } from '../core/sampling.ts';
import { createToolCallReader, joinParts, type ReadText, type ToolCallPart } from '../core/toolCalls.ts';
import type { ToolStyle } from '../core/toolUse.ts';
import type { GeneratedPiece, GeneratedToken, GenerateRequest, GenerateResult, ScoredToken } from '../ports/generation.ts';
import type { Constraint } from './grammars.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** One answer while it grows. */
export interface Answer {
  /** Absent while it goes on. */
  readonly finishReason: GenerateResult['finishReason'] | undefined;
  readonly tokenIds: readonly number[];
  /** Without calls of tools. */
  readonly text: string;
  readonly toolCalls: ReadonlyArray<{ readonly name: string; readonly arguments: string }>;
  readonly logprobs: readonly GeneratedToken[];
  /** Held to a grammar: it is `ready` for its next token only after a while. */
  readonly isHeld: boolean;
  /** It has all the tokens that it may have, and `ready` tells whether the last one made it whole. */
  readonly isFull: boolean;
  /** Until it is known what may come next, which may be nothing. @throws as `Constraint.allowed` */
  ready(signal: AbortSignal): Promise<void>;
  /** Chooses the next token by these scores, which it writes to, or takes the one that is given. Returns it. */
  take(logits: Float32Array, given?: number): number;
  /** Takes a token that was chosen elsewhere, with no scores to measure it by. */
  follow(id: number): void;
  /** What became final since it was asked last; absent when nothing did. */
  piece(): GeneratedPiece | undefined;
  /** It will not be asked any more. */
  close(): void;
}

interface AnswerSetup {
  readonly tokenizer: TextTokenizer;
  readonly vocabularySize: number;
  readonly eosTokenIds: ReadonlySet<number>;
  readonly prompt: readonly number[];
  /** Tokens that it may have. */
  readonly limit: number;
  readonly constraint?: Constraint | undefined;
  /** How calls of tools are written, where it may have some. */
  readonly toolStyle?: ToolStyle | undefined;
}

/** Scores in, text out: sampler, detokenizer, log-probabilities and the reasons to end. */
export function createAnswer(request: GenerateRequest, setup: AnswerSetup): Answer {
  const { tokenizer, vocabularySize, eosTokenIds, prompt, limit, constraint, toolStyle } = setup;
  const sampler = createSampler(request, vocabularySize, prompt);
  const stream = createTextStream(tokenizer.decode, prompt, request.stop);
  const measure = request.logprobs === undefined ? undefined : createLogprobs(vocabularySize, request.logprobs);
  const tokenIds: number[] = [];
  const logprobs: GeneratedToken[] = [];
  /** Measured tokens whose text is held back. */
  let held: GeneratedToken[] = [];
  /** Calls are read out of it. */
  let raw = '';
  let text = '';
  const toolCalls: Array<{ name: string; arguments: string }> = [];
  const reader = toolStyle && createToolCallReader(toolStyle);
  let finishReason: Answer['finishReason'];
  let allowed: Int32Array | undefined;
  let waiting: { text: string; tokenIds: number[]; logprobs: GeneratedToken[]; toolCalls: ToolCallPart[] } = nothing();

  const scored = ({ id, logprob }: RankedToken): ScoredToken => ({ ...tokenizer.token(id), logprob });

  const show = ({ content, parts }: ReadText) => {
    text += content;
    waiting.text += content;
    waiting.toolCalls.push(...parts);
    for (const { index, name = '', arguments: more } of parts) {
      const call = toolCalls[index] ?? { name, arguments: '' };
      toolCalls[index] = { ...call, arguments: call.arguments + more };
    }
  };

  const release = (piece: string) => {
    raw += piece;
    show(reader ? reader.push(piece) : { content: piece, parts: [] });
    // At a stop string what begins behind the text is dropped, at any other end nothing is held back any more.
    const isFinal = (token: GeneratedToken) => token.offset < raw.length || (finishReason !== undefined && !stream.stopped);
    const free = held.filter(isFinal);
    held = held.filter((token) => !isFinal(token));
    logprobs.push(...free);
    waiting.logprobs.push(...free);
  };

  const end = (reason: GenerateResult['finishReason']) => {
    finishReason = reason;
    release(stream.finish());
    if (reader) show(reader.finish());
  };

  const push = (id: number) => {
    release(stream.push(id));
    // A form that is cut is not whole, whatever cut it; among calls there may be text, which has none.
    if (stream.stopped)
      end(constraint && (request.format || !reader || reader.isInside || request.tools?.choice === 'required') ? 'length' : 'stop');
    else if (tokenIds.length >= limit && !constraint) end('length');
  };

  return {
    get finishReason() {
      return finishReason;
    },
    get text() {
      return text;
    },
    tokenIds,
    toolCalls,
    logprobs,
    isHeld: constraint !== undefined,
    get isFull() {
      return constraint !== undefined && tokenIds.length >= limit;
    },
    async ready(signal) {
      if (!constraint || finishReason !== undefined) return;
      const next = await constraint.allowed(signal);
      allowed = next.mask;
      if (next.isComplete) end('stop');
      else if (tokenIds.length >= limit) end('length');
    },
    take(logits, given) {
      measure?.read(logits);
      const id = given ?? sampler.choose(logits, allowed);
      if (given !== undefined) sampler.follow(given);
      tokenIds.push(id);
      if (eosTokenIds.has(id)) {
        end('stop');
        return id;
      }
      if (given === undefined) constraint?.accept(id);
      else constraint?.follow(id);
      waiting.tokenIds.push(id);
      if (measure) held.push({ ...scored(measure.of(id)), offset: stream.length, top: measure.top().map(scored) });
      push(id);
      return id;
    },
    follow(id) {
      sampler.follow(id);
      constraint?.follow(id);
      tokenIds.push(id);
      waiting.tokenIds.push(id);
      push(id);
    },
    piece() {
      const isEmpty = waiting.text === '' && waiting.toolCalls.length === 0;
      if (isEmpty && (finishReason === undefined || waiting.tokenIds.length === 0)) return undefined;
      const { logprobs: measured, toolCalls: parts, ...piece } = waiting;
      waiting = nothing();
      return { ...piece, ...(parts.length > 0 ? { toolCalls: joinParts(parts) } : {}), ...(measure ? { logprobs: measured } : {}) };
    },
    close: () => constraint?.end(),
  };
}

const nothing = () => ({ text: '', tokenIds: [], logprobs: [], toolCalls: [] });
