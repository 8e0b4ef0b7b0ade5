import { shiftContext } from '../core/contextShift.ts';
import { SillError } from '../core/errors.ts';
import { answerGrammar } from '../core/grammar/answerGrammar.ts';
import type { ToolUse } from '../core/toolUse.ts';
import type { GeneratedAnswer, GeneratedPiece, GenerateRequest, GenerateResult } from '../ports/generation.ts';
import { type Answer, createAnswer } from './answer.ts';
import type { Sequence } from './causalModel.ts';
import { evaluating, prefill } from './prefill.ts';
import type { TextModel } from './textModel.ts';
import { shareOf } from './turns.ts';

/** Pieces that come faster than this travel together: at 300 tokens a second a message each costs a tenth of the speed. */
const PIECE_INTERVAL_MS = 8;

export interface GenerateCall {
  readonly signal: AbortSignal;
  /** Awaited: a slow reader holds generation back. */
  readonly onPiece: (piece: GeneratedPiece) => Promise<void>;
  readonly onAccepted?: () => void;
}

/**
 * Prompt to text, token by token, until an end token, a stop string, `maxTokens` or the end of the context. Several calls take turns with each
 * step, and so do several answers of one call with those that are its own.
 * @throws SillError `context_length_exceeded` | `empty_input` | `invalid_request` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function generateText(loaded: TextModel, request: GenerateRequest, call: GenerateCall): Promise<GenerateResult> {
  const contextLength = Math.min(loaded.contextLength, request.contextLength ?? loaded.contextLength);
  const text: TextModel = { ...loaded, contextLength, turns: shareOf(loaded.turns) };
  const startMs = performance.now();
  const whole = promptIds(text, request.input, request.contextShift !== undefined, request.tools);
  refuseUnknownTokens(request, text.model.vocabularySize);
  const prompt = whole.length < contextLength ? whole : shiftContext(whole, keptTokens(request, whole), contextLength);
  const room = request.contextShift ? contextLength : contextLength - prompt.length;
  const limit = request.contextShift ? (request.maxTokens ?? room) : Math.min(request.maxTokens ?? room, room);
  const giveBack = await takeRoom(text, request, Math.min(contextLength, prompt.length + limit), call.signal);
  try {
    return await writeAnswers(text, request, { startMs, whole, prompt, limit }, call);
  } finally {
    giveBack?.();
  }
}

/** For several answers, each with a cache of its own. @param tokens of one of them, its prompt included @throws as `CacheRoom.take` */
async function takeRoom(
  { cacheRoom, model: { tokenBytes }, contextLength }: TextModel,
  { n: answers = 1, roomBytes: ofBytes }: GenerateRequest,
  tokens: number,
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  if (answers === 1 || ofBytes === undefined) return undefined;
  return cacheRoom.take({ answers, tokens, tokenBytes, contextLength, ofBytes }, signal);
}

interface Plan {
  readonly startMs: number;
  /** As it was asked, and as much of it as the context holds. */
  readonly whole: readonly number[];
  readonly prompt: readonly number[];
  /** Tokens that each answer may have. */
  readonly limit: number;
}

async function writeAnswers(
  text: TextModel,
  request: GenerateRequest,
  { startMs, whole, prompt, limit }: Plan,
  { signal, onPiece, onAccepted }: GenerateCall,
): Promise<GenerateResult> {
  const { model, contextLength } = text;
  const setup = { tokenizer: text.tokenizer, vocabularySize: model.vocabularySize, eosTokenIds: text.eosTokenIds, prompt, limit };
  const toolStyle = request.tools && text.tokenizer.toolStyle(request.input.kind === 'chat' ? request.input.template : undefined);
  const grammar = answerGrammar({ format: request.format, use: request.tools, style: toolStyle });
  const growing = Array.from({ length: request.n ?? 1 }, (_, index) =>
    createAnswer(
      { ...request, seed: (request.seed + index) >>> 0 },
      { ...setup, toolStyle, constraint: grammar === undefined ? undefined : text.grammars.begin(grammar) },
    ),
  );

  // A form may still be refused, when it is compiled: before the first token.
  if (grammar === undefined) onAccepted?.();
  const prefillStartMs = performance.now();
  const salt = request.cachePrompt === false ? {} : { salt: request.cacheSalt ?? '' };
  const close = () => {
    for (const answer of growing) answer.close();
  };
  const { sequence, logits, cachedTokens } = await prefill(text, prompt, { signal, ...salt }).catch((reason: unknown) => {
    close();
    throw reason;
  });
  const prefillMs = performance.now() - prefillStartMs;

  const answers: OpenAnswer[] = [];
  let writing: Promise<void>[] = [];
  let isOver = false;
  let ttftMs = 0;
  let lastMs = 0;
  let truncated = prompt !== whole;

  /** The turn is not held for an answer that is not ready for its next token. */
  const choose = async (open: OpenAnswer, scores: Float32Array): Promise<void> => {
    await open.answer.ready(signal);
    if (open.answer.finishReason === undefined) open.last = open.answer.take(scores);
  };

  const step = async (open: OpenAnswer): Promise<void> => {
    if (open.answer.isFull) return open.answer.ready(signal);
    if (open.sequence.length < contextLength) {
      const kept = await text.turns.take(async () => {
        if (isOver) return undefined;
        const scores = await evaluating(() => open.sequence.forward([open.last]), 1);
        open.context.push(open.last);
        if (open.answer.isHeld) return scores.slice();
        open.last = open.answer.take(scores);
        return undefined;
      });
      if (kept) await choose(open, kept);
      return;
    }
    await choose(open, await shift(open));
  };

  /** Where the context is full. @returns the scores behind the latest token, which it holds now */
  const shift = async (open: OpenAnswer) => {
    truncated = true;
    open.context = shiftContext([...open.context, open.last], keptTokens(request, prompt), contextLength);
    const next = await prefill(text, open.context, { signal });
    open.sequence.release();
    open.sequence = next.sequence;
    return next.logits.slice();
  };

  /** Brings an answer to where it was when another worker had given these tokens of it. @returns the scores of the next one */
  const goOn = async (open: OpenAnswer): Promise<Float32Array> => {
    const { answer } = open;
    const given = request.given?.[open.index] ?? [];
    // What is measured needs the scores of each step; all else is evaluated like a prompt.
    const isMeasured = request.logprobs !== undefined;
    let scores: Float32Array = logits.slice();
    for (const id of given) {
      if (answer.finishReason !== undefined || answer.isFull) break;
      signal.throwIfAborted();
      if (!isMeasured) answer.follow(id);
      else {
        open.last = answer.take(scores, id);
        if (open.sequence.length >= contextLength) {
          scores = await shift(open);
          continue;
        }
        scores = await text.turns.take(async () => (await evaluating(() => open.sequence.forward([id]), 1)).slice());
      }
      open.context.push(id);
    }
    // Whoever asks has it.
    answer.piece();
    if (isMeasured || given.length === 0 || answer.finishReason !== undefined) return scores;
    if (open.context.length >= contextLength) open.context = shiftContext(open.context, keptTokens(request, prompt), contextLength);
    const next = await prefill(text, open.context, { signal, ...salt });
    open.sequence.release();
    open.sequence = next.sequence;
    return next.logits.slice();
  };

  const write = async (open: OpenAnswer): Promise<void> => {
    const { index, answer } = open;
    let sentMs = 0;
    const send = async () => {
      const piece = answer.piece();
      if (!piece) return;
      sentMs = performance.now();
      await onPiece(index === 0 ? piece : { index, ...piece });
    };
    const scores = await goOn(open);
    if (answer.finishReason === undefined) await choose(open, scores);
    lastMs = performance.now();
    if (index === 0) ttftMs = lastMs - startMs;
    if (index === 0 && grammar !== undefined) onAccepted?.();
    while (answer.finishReason === undefined) {
      // Many who write at once send as many messages as one does.
      if (lastMs - sentMs >= PIECE_INTERVAL_MS * (text.turns.waiting + 1)) await send();
      await text.breathe();
      signal.throwIfAborted();
      if (isOver) return;
      await step(open);
      lastMs = performance.now();
    }
    await send();
  };

  try {
    for (const [index, answer] of growing.entries()) {
      const own = index === 0 ? sequence : await text.turns.take(() => evaluating(async () => sequence.fork()));
      answers.push({ index, answer, sequence: own, context: [...prompt], last: 0 });
    }
    writing = answers.map(write);
    await Promise.all(writing);
  } finally {
    // One failure ends all, and nothing is released while another still evaluates.
    isOver = true;
    await Promise.allSettled(writing);
    for (const open of answers) open.sequence.release();
    close();
  }
  const [first, ...others] = answers.map(({ answer }) => closed(answer, request));
  if (!first) throw new SillError('invalid_request', 'No answer was asked for: n must be at least 1.');
  return {
    ...first,
    ...(others.length === 0 ? {} : { others }),
    promptTokens: whole.length,
    cachedTokens,
    completionTokens: answers.reduce((sum, { answer }) => sum + answer.tokenIds.length, 0),
    ...(request.given ? { givenTokens: request.given.reduce((sum, ids) => sum + ids.length, 0) } : {}),
    ...(truncated ? { truncated } : {}),
    ttftMs,
    prefillMs,
    decodeMs: lastMs - startMs - ttftMs,
  };
}

interface OpenAnswer {
  readonly index: number;
  readonly answer: Answer;
  sequence: Sequence;
  /** The tokens that the sequence holds. */
  context: number[];
  /** The latest token, which the sequence does not hold yet. */
  last: number;
}

function closed(answer: Answer, request: GenerateRequest): GeneratedAnswer {
  const { text, tokenIds, toolCalls, finishReason = 'length', logprobs } = answer;
  return { text, tokenIds, finishReason, ...(request.tools ? { toolCalls } : {}), ...(request.logprobs === undefined ? {} : { logprobs }) };
}

/** Beside the first one. */
const keptTokens = ({ contextShift }: GenerateRequest, prompt: readonly number[]): number =>
  contextShift === undefined ? 0 : contextShift.keep < 0 ? prompt.length - 1 : contextShift.keep;

/** A graph that is asked for what it does not have ends its worker. @throws SillError `invalid_request` for a token that the model does not have */
function refuseUnknownTokens({ logitBias = [], given = [], input }: GenerateRequest, vocabularySize: number): void {
  const refuse = (name: string, ids: readonly number[]) => {
    const token = ids.find((id) => !(id >= 0 && id < vocabularySize));
    if (token === undefined) return;
    throw new SillError(
      'invalid_request',
      `${name} names token ${token}, but this model's tokens end at ${vocabularySize - 1}. Ids differ from model to model.`,
      { details: { token, vocabularySize } },
    );
  };
  refuse(
    'logit_bias',
    logitBias.map(([id]) => id),
  );
  for (const ids of given) refuse('resume', ids);
  if (input.kind === 'tokens') refuse('The prompt', input.ids);
}

/** @throws SillError `empty_input` | `context_length_exceeded` | `chat_template_missing` */
export function promptIds(
  { tokenizer, contextLength }: TextModel,
  input: GenerateRequest['input'],
  mayBeLonger = false,
  use?: ToolUse,
): readonly number[] {
  if (input.kind === 'text' ? input.text === '' : input.kind === 'tokens' ? input.ids.length === 0 : input.messages.length === 0) {
    throw new SillError('empty_input', 'The prompt is empty: write a few words for the model to go on from.');
  }
  const ids =
    input.kind === 'text'
      ? tokenizer.encode(input.text)
      : input.kind === 'tokens'
        ? input.ids
        : tokenizer.chat(input.messages, input.template, use);
  if (ids.length < contextLength || mayBeLonger) return ids;
  throw new SillError(
    'context_length_exceeded',
    `The prompt has ${ids.length} tokens, and this model holds ${contextLength} in all, the answer included. Shorten the prompt, or ask for context_shift, which leaves out its middle.`,
    { details: { promptTokens: ids.length, contextLength } },
  );
}
