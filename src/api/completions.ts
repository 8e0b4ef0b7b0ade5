import type { ModelId } from '../core/ids.ts';
import type { Random } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { GeneratedPiece } from '../ports/runtime.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatParams,
  Completion,
  CompletionParams,
  FinishReason,
  SillExtension,
  Usage,
} from '../protocol/openai.ts';
import type { Generated, GenerateOptions, Inference } from '../services/inference.ts';
import { chatLogprobs, completionLogprobs } from './logprobs.ts';
import { parseModelRef } from './modelRef.ts';

type SamplingParams = Omit<CompletionParams, 'prompt' | 'logprobs'>;
/** What of a piece or of a whole answer is shown. */
type Part = Pick<GeneratedPiece, 'text' | 'logprobs'>;
type Delta = ChatCompletionChunk['choices'][number]['delta'];

interface Call<Chunk> {
  readonly signal: AbortSignal;
  emit(chunk: Chunk): Promise<void>;
}

export interface CompletionsDeps {
  readonly inference: Inference;
  readonly clock: Clock;
  readonly random: Random;
}

/** OpenAI's `POST /v1/completions`. Chunks are emitted when `stream` is true; the whole is returned either way. */
export async function createCompletion(deps: CompletionsDeps, params: CompletionParams, call: Call<Completion>): Promise<Completion> {
  const id = parseModelRef(params.model);
  const head = { id: `cmpl-${deps.random.uuid()}`, object: 'text_completion', created: seconds(deps.clock), model: params.model } as const;
  const part = ({ text, logprobs }: Part, finish_reason: FinishReason | null) => [
    { index: 0, text, finish_reason, logprobs: completionLogprobs(logprobs) },
  ];
  const options = {
    ...samplingOptions(params),
    logprobs: params.logprobs ?? undefined,
    input: { kind: 'text', text: params.prompt },
  } as const;
  const result = await deps.inference.generate(id, options, {
    signal: call.signal,
    ...(params.stream ? { onPiece: (piece) => call.emit({ ...head, choices: part(piece, null) }) } : {}),
  });
  const usage = usageOf(result);
  const sill = extensionOf(result);
  if (params.stream) {
    await call.emit({ ...head, choices: part({ text: '' }, result.finishReason), sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  return { ...head, choices: part(result, result.finishReason), usage, sill };
}

/** OpenAI's `POST /v1/chat/completions`. @throws SillError `chat_template_missing` for a base model without a template in the request. */
export async function createChatCompletion(
  deps: CompletionsDeps,
  params: ChatParams,
  call: Call<ChatCompletionChunk>,
): Promise<ChatCompletion> {
  const model: ModelId = parseModelRef(params.model);
  const base = { id: `chatcmpl-${deps.random.uuid()}`, created: seconds(deps.clock), model: params.model };
  const head = { ...base, object: 'chat.completion.chunk' } as const;
  const part = (delta: Delta, logprobs: Part['logprobs'], finish_reason: FinishReason | null) => [
    { index: 0, delta, finish_reason, logprobs: chatLogprobs(logprobs) },
  ];
  const result = await deps.inference.generate(
    model,
    {
      ...samplingOptions(params),
      logprobs: params.logprobs ? (params.top_logprobs ?? 0) : undefined,
      maxTokens: params.max_completion_tokens ?? params.max_tokens ?? undefined,
      input: { kind: 'chat', messages: params.messages, ...(params.chat_template ? { template: params.chat_template } : {}) },
    },
    {
      signal: call.signal,
      ...(params.stream ? { onPiece: streamer() } : {}),
    },
  );
  const usage = usageOf(result);
  const sill = extensionOf(result);
  if (params.stream) {
    await call.emit({ ...head, choices: part({}, undefined, result.finishReason), sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  const message = { role: 'assistant', content: result.text, refusal: null } as const;
  return {
    ...base,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: result.finishReason, logprobs: chatLogprobs(result.logprobs) }],
    usage,
    sill,
  };

  /** The role comes once, with the first piece. */
  function streamer(): (piece: Part) => Promise<void> {
    let first = true;
    return (piece) => {
      const content = first ? { role: 'assistant' as const, content: piece.text } : { content: piece.text };
      first = false;
      return call.emit({ ...head, choices: part(content, piece.logprobs, null) });
    };
  }
}

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
    logitBias: params.logit_bias ? Object.entries(params.logit_bias).map(([id, bias]) => [Number(id), bias]) : undefined,
    seed: params.seed ?? undefined,
    stop: typeof stop === 'string' ? [stop] : stop,
  };
}

const usageOf = (result: Generated): Usage => ({
  prompt_tokens: result.promptTokens,
  completion_tokens: result.completionTokens,
  total_tokens: result.promptTokens + result.completionTokens,
});

function extensionOf(result: Generated): SillExtension {
  const decoded = result.completionTokens - 1;
  return {
    ...result.run,
    seed: result.seed,
    timings: {
      ttft_ms: result.requestTtftMs,
      prompt_tokens_per_second: perSecond(result.promptTokens, result.prefillMs),
      ...(decoded > 0 && result.decodeMs > 0 ? { decode_tokens_per_second: perSecond(decoded, result.decodeMs) } : {}),
    },
  };
}

/** The clock of a page is coarse: a span of 0 ms is counted as its resolution. */
const perSecond = (count: number, spanMs: number): number => (count * 1000) / Math.max(spanMs, 0.1);
