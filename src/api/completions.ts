import type { ModelId } from '../core/ids.ts';
import type { Random } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion, FinishReason, SillExtension, Usage } from '../protocol/openai.ts';
import type { Generated, GenerateOptions, Inference } from '../services/inference.ts';
import { parseModelRef } from './modelRef.ts';

interface SamplingParams {
  readonly model: string;
  readonly max_tokens?: number | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly top_k?: number | null | undefined;
  readonly repetition_penalty?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly stop?: string | string[] | null | undefined;
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
}

export interface CompletionParams extends SamplingParams {
  readonly prompt: string;
}

export interface ChatParams extends SamplingParams {
  readonly messages: ReadonlyArray<{ readonly role: 'system' | 'user' | 'assistant' | 'tool'; readonly content: string }>;
  readonly chat_template?: string | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
}

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
  const part = (text: string, finish_reason: FinishReason | null) => [{ index: 0, text, finish_reason, logprobs: null }];
  const options = { ...samplingOptions(params), input: { kind: 'text', text: params.prompt } } as const;
  const result = await deps.inference.generate(id, options, {
    signal: call.signal,
    ...(params.stream ? { onPiece: (piece) => call.emit({ ...head, choices: part(piece.text, null) }) } : {}),
  });
  const usage = usageOf(result);
  const sill = extensionOf(result);
  if (params.stream) {
    await call.emit({ ...head, choices: part('', result.finishReason), sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  return { ...head, choices: part(result.text, result.finishReason), usage, sill };
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
  const delta = (content: ChatCompletionChunk['choices'][number]['delta'], finish_reason: FinishReason | null) => [
    { index: 0, delta: content, finish_reason, logprobs: null },
  ];
  const result = await deps.inference.generate(
    model,
    {
      ...samplingOptions(params),
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
    await call.emit({ ...head, choices: delta({}, result.finishReason), sill });
    if (params.stream_options?.include_usage) await call.emit({ ...head, choices: [], usage });
  }
  const message = { role: 'assistant', content: result.text, refusal: null } as const;
  return {
    ...base,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: result.finishReason, logprobs: null }],
    usage,
    sill,
  };

  /** The role comes once, with the first piece. */
  function streamer(): (piece: { readonly text: string }) => Promise<void> {
    let first = true;
    return (piece) => {
      const content = first ? { role: 'assistant' as const, content: piece.text } : { content: piece.text };
      first = false;
      return call.emit({ ...head, choices: delta(content, null) });
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
    repetitionPenalty: params.repetition_penalty ?? undefined,
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
