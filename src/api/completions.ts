import { type AnswerFormat, answerGrammar } from '../core/grammar/answerGrammar.ts';
import type { ModelId } from '../core/ids.ts';
import type { Random } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { GeneratedAnswer, GeneratedPiece } from '../ports/generation.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatFinishReason,
  Completion,
  FinishReason,
  SillExtension,
  Usage,
} from '../protocol/openai.ts';
import type { ChatParams, CompletionParams } from '../protocol/openaiRequests.ts';
import type { Generated, GenerateOptions, Inference } from '../services/inference/inference.ts';
import { askedOf } from './asked.ts';
import { chatMessage } from './chatMessages.ts';
import { assertForm, type SchemaCheck } from './heldForm.ts';
import { chatLogprobs, completionLogprobs } from './logprobs.ts';
import { parseModelRef } from './modelRef.ts';
import { finishOf, spoken, toolCallDeltas, toolUse } from './toolCalls.ts';

type SamplingParams = Omit<CompletionParams, 'prompt' | 'logprobs'>;
/** What of a piece or of a whole answer is shown. */
type Part = Pick<GeneratedPiece, 'text' | 'logprobs'>;
type Delta = ChatCompletionChunk['choices'][number]['delta'];

interface Call<Chunk> {
  readonly signal: AbortSignal;
  /** Whoever asks. */
  readonly client?: string;
  emit(chunk: Chunk): Promise<void>;
  readonly onAccepted?: (() => void) | undefined;
}

export interface CompletionsDeps {
  readonly inference: Inference;
  readonly clock: Clock;
  readonly random: Random;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
}

/** OpenAI's `POST /v1/completions`. Chunks are emitted when `stream` is true; the whole is returned either way. */
export async function createCompletion(deps: CompletionsDeps, params: CompletionParams, call: Call<Completion>): Promise<Completion> {
  const id = parseModelRef(params.model);
  const head = {
    id: params.resume?.id ?? `cmpl-${deps.random.uuid()}`,
    object: 'text_completion',
    created: seconds(deps.clock),
    model: params.model,
  } as const;
  const choice = (index: number, { text, logprobs }: Part, finish_reason: FinishReason | null) => ({
    index,
    text,
    finish_reason,
    logprobs: completionLogprobs(logprobs),
  });
  const options = {
    ...samplingOptions(params),
    logprobs: params.logprobs ?? undefined,
    input: { kind: 'text', text: params.prompt },
  } as const;
  const result = await deps.inference.generate(id, options, {
    signal: call.signal,
    onAccepted: call.onAccepted,
    ...askedOf(params, call.client),
    ...(params.stream
      ? { onPiece: (piece) => call.emit({ ...head, choices: [{ ...choice(piece.index ?? 0, piece, null), ...idsOf(params, piece) }] }) }
      : {}),
  });
  await assertForm(options, answersOf(result), deps.loadSchemaCheck);
  const usage = usageOf(result);
  const sill = extensionOf(result);
  if (params.stream) {
    await call.emit({ ...head, choices: answersOf(result).map((answer, index) => choice(index, { text: '' }, answer.finishReason)), sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  return { ...head, choices: answersOf(result).map((answer, index) => choice(index, answer, answer.finishReason)), usage, sill };
}

/** OpenAI's `POST /v1/chat/completions`. @throws SillError `chat_template_missing` for a base model without a template in the request. */
export async function createChatCompletion(
  deps: CompletionsDeps,
  params: ChatParams,
  call: Call<ChatCompletionChunk>,
): Promise<ChatCompletion> {
  const model: ModelId = parseModelRef(params.model);
  const base = { id: params.resume?.id ?? `chatcmpl-${deps.random.uuid()}`, created: seconds(deps.clock), model: params.model };
  const head = { ...base, object: 'chat.completion.chunk' } as const;
  const choice = (index: number, delta: Delta, logprobs: Part['logprobs'], finish_reason: ChatFinishReason | null) => ({
    index,
    delta,
    finish_reason,
    logprobs: chatLogprobs(logprobs),
  });
  const options = {
    ...samplingOptions(params),
    logprobs: params.logprobs ? (params.top_logprobs ?? 0) : undefined,
    maxTokens: params.max_completion_tokens ?? params.max_tokens ?? undefined,
    tools: toolUse(params),
    input: {
      kind: 'chat',
      messages: params.messages.map(chatMessage),
      ...(params.chat_template ? { template: params.chat_template } : {}),
    },
  } as const;
  const result = await deps.inference.generate(model, options, {
    signal: call.signal,
    onAccepted: call.onAccepted,
    ...askedOf(params, call.client),
    ...(params.stream ? { onPiece: streamer() } : {}),
  });
  await assertForm(options, answersOf(result), deps.loadSchemaCheck);
  const usage = usageOf(result);
  const sill = extensionOf(result);
  if (params.stream) {
    const ends = answersOf(result).map((answer, index) => choice(index, {}, undefined, finishOf(answer)));
    await call.emit({ ...head, choices: ends, sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  return {
    ...base,
    object: 'chat.completion',
    choices: answersOf(result).map((answer, index) => ({
      index,
      message: { role: 'assistant', refusal: null, ...spoken(answer, base.id, index) },
      finish_reason: finishOf(answer),
      logprobs: chatLogprobs(answer.logprobs),
    })),
    usage,
    sill,
  };

  /** The role comes once, with the first piece of each answer. */
  function streamer(): (piece: GeneratedPiece) => Promise<void> {
    const begun = new Set(params.resume?.token_ids.flatMap((ids, index) => (ids.length > 0 ? [index] : [])));
    return ({ index = 0, text, toolCalls, logprobs, tokenIds }) => {
      const delta = {
        ...(begun.has(index) ? {} : { role: 'assistant' as const }),
        ...(toolCalls ? { tool_calls: toolCallDeltas(toolCalls, base.id, index) } : {}),
        ...(text === '' && toolCalls ? {} : { content: text }),
      };
      begun.add(index);
      return call.emit({ ...head, choices: [{ ...choice(index, delta, logprobs, null), ...idsOf(params, { tokenIds }) }] });
    };
  }
}

const idsOf = ({ return_token_ids }: SamplingParams, { tokenIds }: Pick<GeneratedPiece, 'tokenIds'>) =>
  return_token_ids ? { token_ids: tokenIds } : {};

const answersOf = ({ others = [], ...first }: Generated): readonly GeneratedAnswer[] => [first, ...others];

const seconds = (clock: Clock): number => Math.floor(clock.now() / 1000);

function samplingOptions(params: SamplingParams): Omit<GenerateOptions, 'input'> {
  const stop = params.stop ?? undefined;
  return {
    maxTokens: params.max_tokens ?? undefined,
    temperature: params.temperature ?? undefined,
    topP: params.top_p ?? undefined,
    topK: params.top_k ?? undefined,
    minP: params.min_p ?? undefined,
    repetitionPenalty: params.repetition_penalty ?? undefined,
    presencePenalty: params.presence_penalty ?? undefined,
    frequencyPenalty: params.frequency_penalty ?? undefined,
    n: params.n ?? undefined,
    contextShift: params.context_shift ? { keep: params.n_keep ?? undefined } : undefined,
    cachePrompt: params.cache_prompt ?? undefined,
    cacheSalt: params.cache_salt ?? undefined,
    logitBias: params.logit_bias ? Object.entries(params.logit_bias).map(([id, bias]) => [Number(id), bias]) : undefined,
    seed: params.seed ?? undefined,
    drawnSeed: params.drawn_seed ?? undefined,
    given: params.resume?.token_ids,
    stop: typeof stop === 'string' ? [stop] : stop,
    format: formatOf(params),
  };
}

/** @throws SillError `unsupported_schema` | `invalid_request` */
function formatOf({ response_format: format }: Pick<SamplingParams, 'response_format'>): AnswerFormat | undefined {
  if (!format || format.type === 'text') return undefined;
  const wanted =
    format.type === 'json_object' ? ({ kind: 'object' } as const) : ({ kind: 'schema', schema: format.json_schema.schema } as const);
  // Here already, so that a schema which cannot be guaranteed is refused before a model is loaded for it.
  answerGrammar({ format: wanted });
  return wanted;
}

const usageOf = (result: Generated): Usage => ({
  prompt_tokens: result.promptTokens,
  completion_tokens: result.completionTokens,
  total_tokens: result.promptTokens + result.completionTokens,
  prompt_tokens_details: { cached_tokens: result.cachedTokens ?? 0 },
});

function extensionOf(result: Generated): SillExtension {
  const decoded = result.completionTokens - (result.givenTokens ?? 0) - 1;
  const evaluated = result.promptTokens - (result.cachedTokens ?? 0);
  return {
    ...result.run,
    seed: result.seed,
    truncated: result.truncated ?? false,
    timings: {
      ttft_ms: result.requestTtftMs,
      ...(evaluated > 0 ? { prompt_tokens_per_second: perSecond(evaluated, result.prefillMs) } : {}),
      ...{ prompt_ms: result.prefillMs, predicted_ms: result.decodeMs },
      ...(decoded > 0 && result.decodeMs > 0 ? { decode_tokens_per_second: perSecond(decoded, result.decodeMs) } : {}),
    },
  };
}

/** The clock of a page is coarse: a span of 0 ms is counted as its resolution. */
const perSecond = (count: number, spanMs: number): number => (count * 1000) / Math.max(spanMs, 0.1);
