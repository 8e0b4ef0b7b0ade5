import { createTextStream } from '../core/detokenize.ts';
import { SillError } from '../core/errors.ts';
import { prefillBlocks } from '../core/prefill.ts';
import { createSampler } from '../core/sampling.ts';
import type { GeneratedPiece, GenerateRequest, GenerateResult } from '../ports/runtime.ts';
import type { CausalModel } from './causalModel.ts';
import { guarded } from './failures.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Pieces that come faster than this travel together: at 300 tokens a second a message each costs a tenth of the speed. */
const PIECE_INTERVAL_MS = 8;

export interface TextModel {
  readonly model: CausalModel;
  readonly tokenizer: TextTokenizer;
  /** Awaited between steps, so that an abort can arrive. */
  readonly breathe: () => Promise<void>;
  readonly contextLength: number;
  readonly eosTokenIds: ReadonlySet<number>;
  /** After each of these the prefill is cut; empty where one pass is as good. */
  readonly sinkTokens: ReadonlySet<number>;
}

export interface GenerateCall {
  readonly signal: AbortSignal;
  /** Awaited: a slow reader holds generation back. */
  readonly onPiece: (piece: GeneratedPiece) => Promise<void>;
}

/**
 * Prompt to text, token by token, until an end token, a stop string, `maxTokens` or the end of the context.
 * @throws SillError `context_length_exceeded` | `empty_input` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function generateText(text: TextModel, request: GenerateRequest, { signal, onPiece }: GenerateCall): Promise<GenerateResult> {
  const { model, tokenizer, breathe } = text;
  const startMs = performance.now();
  const prompt = promptIds(text, request.input);
  const sampler = createSampler(request, model.vocabularySize, prompt);
  const stream = createTextStream(tokenizer.decode, prompt, request.stop);
  const forward = (ids: readonly number[]) => guarded('generating text', () => model.forward(ids));
  const limit = Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, text.contextLength - prompt.length);

  model.reset();
  const prefillStartMs = performance.now();
  let logits: Float32Array = new Float32Array();
  for (const block of prefillBlocks(prompt, text.sinkTokens)) {
    await breathe();
    signal.throwIfAborted();
    logits = await forward(block);
  }
  const prefillMs = performance.now() - prefillStartMs;

  const tokenIds: number[] = [];
  let answer = '';
  let waiting = '';
  let waitingIds: number[] = [];
  let sentMs = 0;
  let ttftMs = 0;
  let lastMs = 0;
  const send = async () => {
    if (waiting === '' && waitingIds.length === 0) return;
    const piece = { text: waiting, tokenIds: waitingIds };
    waiting = '';
    waitingIds = [];
    sentMs = performance.now();
    await onPiece(piece);
  };

  let finishReason: GenerateResult['finishReason'] = 'length';
  while (true) {
    const id = sampler.choose(logits);
    lastMs = performance.now();
    if (tokenIds.length === 0) ttftMs = lastMs - startMs;
    tokenIds.push(id);
    if (text.eosTokenIds.has(id)) {
      finishReason = 'stop';
      break;
    }
    waitingIds.push(id);
    const piece = stream.push(id);
    answer += piece;
    waiting += piece;
    if (stream.stopped) {
      finishReason = 'stop';
      break;
    }
    if (tokenIds.length >= limit) break;
    if (waiting !== '' && lastMs - sentMs >= PIECE_INTERVAL_MS) await send();
    await breathe();
    signal.throwIfAborted();
    logits = await forward([id]);
  }
  const rest = stream.finish();
  answer += rest;
  waiting += rest;
  await send();
  model.reset();
  return {
    text: answer,
    tokenIds,
    promptTokens: prompt.length,
    completionTokens: tokenIds.length,
    finishReason,
    ttftMs,
    prefillMs,
    decodeMs: lastMs - startMs - ttftMs,
  };
}

/** @throws SillError `empty_input` | `context_length_exceeded` | `chat_template_missing` */
export function promptIds({ tokenizer, contextLength }: TextModel, input: GenerateRequest['input']): readonly number[] {
  if (input.kind === 'text' ? input.text === '' : input.kind === 'tokens' ? input.ids.length === 0 : input.messages.length === 0) {
    throw new SillError('empty_input', 'The prompt is empty: write a few words for the model to go on from.');
  }
  const ids =
    input.kind === 'text'
      ? tokenizer.encode(input.text)
      : input.kind === 'tokens'
        ? input.ids
        : tokenizer.chat(input.messages, input.template);
  if (ids.length < contextLength) return ids;
  throw new SillError(
    'context_length_exceeded',
    `The prompt has ${ids.length} tokens, and this model holds ${contextLength} in all, the answer included. Shorten the prompt.`,
    { details: { promptTokens: ids.length, contextLength } },
  );
}
