import { SillError } from '../core/errors.ts';
import { prefillBlocks } from '../core/prefill.ts';
import type { GeneratedPiece, GenerateRequest, GenerateResult } from '../ports/runtime.ts';
import { createAnswer } from './answer.ts';
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
 * @throws SillError `context_length_exceeded` | `empty_input` | `invalid_request` | `chat_template_missing` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function generateText(text: TextModel, request: GenerateRequest, { signal, onPiece }: GenerateCall): Promise<GenerateResult> {
  const { model, tokenizer, breathe } = text;
  const startMs = performance.now();
  const prompt = promptIds(text, request.input);
  refuseUnknownTokens(request, model.vocabularySize);
  const limit = Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, text.contextLength - prompt.length);
  const { vocabularySize } = model;
  const answer = createAnswer(request, { tokenizer, vocabularySize, eosTokenIds: text.eosTokenIds, prompt, limit });
  const forward = (ids: readonly number[]) => guarded('generating text', () => model.forward(ids));

  model.reset();
  const prefillStartMs = performance.now();
  let logits: Float32Array = new Float32Array();
  for (const block of prefillBlocks(prompt, text.sinkTokens)) {
    await breathe();
    signal.throwIfAborted();
    logits = await forward(block);
  }
  const prefillMs = performance.now() - prefillStartMs;

  let id = answer.take(logits);
  let lastMs = performance.now();
  const ttftMs = lastMs - startMs;
  let sentMs = 0;
  const send = async () => {
    const piece = answer.piece();
    if (!piece) return;
    sentMs = performance.now();
    await onPiece(piece);
  };
  while (answer.finishReason === undefined) {
    if (lastMs - sentMs >= PIECE_INTERVAL_MS) await send();
    await breathe();
    signal.throwIfAborted();
    id = answer.take(await forward([id]));
    lastMs = performance.now();
  }
  await send();
  model.reset();
  return {
    text: answer.text,
    tokenIds: answer.tokenIds,
    ...(request.logprobs === undefined ? {} : { logprobs: answer.logprobs }),
    promptTokens: prompt.length,
    completionTokens: answer.tokenIds.length,
    finishReason: answer.finishReason,
    ttftMs,
    prefillMs,
    decodeMs: lastMs - startMs - ttftMs,
  };
}

/** @throws SillError `invalid_request` for a bias of a token that the model does not have */
function refuseUnknownTokens({ logitBias = [] }: GenerateRequest, vocabularySize: number): void {
  const unknown = logitBias.find(([id]) => id >= vocabularySize);
  if (!unknown) return;
  throw new SillError(
    'invalid_request',
    `logit_bias names token ${unknown[0]}, but this model's tokens end at ${vocabularySize - 1}. Ids differ from model to model.`,
    { details: { token: unknown[0], vocabularySize } },
  );
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
