import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { ChatFinishReason, ChatLogprobs, ChatToolCall, ChatToolCallDelta, FinishReason, Usage } from '../protocol/openai.ts';

const count = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);
const UsageSchema = v.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: v.nullish(v.object({ cached_tokens: v.fallback(v.nullish(count), 0) })),
});

const scored = { token: v.string(), logprob: v.number(), bytes: v.nullish(v.array(v.number())) };
const LogprobsSchema = v.object({
  content: v.nullish(v.array(v.object({ ...scored, top_logprobs: v.optional(v.array(v.object(scored)), []) }))),
});

const index = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1024)), 0);
const ChunkSchema = v.object({
  choices: v.pipe(
    v.array(
      v.object({
        index,
        text: v.nullish(v.string()),
        delta: v.nullish(
          v.object({
            content: v.nullish(v.string()),
            tool_calls: v.nullish(
              v.array(
                v.object({
                  index,
                  id: v.nullish(v.string()),
                  function: v.nullish(v.object({ name: v.nullish(v.string()), arguments: v.nullish(v.string()) })),
                }),
              ),
            ),
          }),
        ),
        finish_reason: v.nullish(v.string()),
        logprobs: v.fallback(v.nullish(LogprobsSchema), undefined),
      }),
    ),
    v.maxLength(64),
  ),
  usage: v.nullish(UsageSchema),
});

/** What came of one answer with one event. */
export interface UpstreamPart {
  readonly index: number;
  readonly text: string;
  readonly toolCalls: readonly ChatToolCallDelta[];
  readonly logprobs: ChatLogprobs | null;
  readonly finish: ChatFinishReason | undefined;
}

/** @throws SillError `upstream_failed` for what is no chunk of OpenAI's, of either endpoint */
export function readChunk(event: unknown): { readonly parts: readonly UpstreamPart[]; readonly usage: Usage | undefined } {
  const result = v.safeParse(ChunkSchema, event);
  if (!result.success)
    throw new SillError('upstream_failed', `The server sent something else than an answer: ${result.issues[0].message}.`);
  const { choices, usage } = result.output;
  return {
    parts: choices.map((choice) => ({
      index: choice.index,
      text: choice.delta?.content ?? choice.text ?? '',
      toolCalls: (choice.delta?.tool_calls ?? []).map((call) => ({
        index: call.index,
        ...(call.id ? { id: call.id, type: 'function' as const } : {}),
        function: { ...(call.function?.name ? { name: call.function.name } : {}), arguments: call.function?.arguments ?? '' },
      })),
      logprobs: choice.logprobs?.content
        ? {
            content: choice.logprobs.content.map(({ top_logprobs, ...token }) => ({
              ...withBytes(token),
              top_logprobs: top_logprobs.map(withBytes),
            })),
            refusal: null,
          }
        : null,
      finish: choice.finish_reason ? finishOf(choice.finish_reason) : undefined,
    })),
    usage: usage
      ? {
          prompt_tokens: usage.prompt_tokens,
          completion_tokens: usage.completion_tokens,
          total_tokens: usage.total_tokens,
          prompt_tokens_details: { cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0 },
        }
      : undefined,
  };
}

const withBytes = ({ token, logprob, bytes }: { token: string; logprob: number; bytes?: number[] | null | undefined }) => ({
  token,
  logprob,
  bytes: bytes ?? [...new TextEncoder().encode(token)],
});

/** What other servers say besides is an end by the model. */
const finishOf = (text: string): ChatFinishReason => (text === 'length' || text === 'tool_calls' ? text : 'stop');

/** What there is of one answer so far. */
export class UpstreamAnswer {
  text = '';
  finish: ChatFinishReason | undefined;
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();
  readonly #logprobs: Array<ChatLogprobs['content'][number]> = [];

  take({ text, toolCalls, logprobs, finish }: UpstreamPart): void {
    this.text += text;
    this.finish = finish ?? this.finish;
    if (logprobs) this.#logprobs.push(...logprobs.content);
    for (const { index, id, function: part } of toolCalls) {
      const call = this.#calls.get(index) ?? { id: '', name: '', arguments: '' };
      this.#calls.set(index, {
        id: call.id || (id ?? ''),
        name: call.name || (part.name ?? ''),
        arguments: call.arguments + part.arguments,
      });
    }
  }

  get toolCalls(): readonly ChatToolCall[] {
    return [...this.#calls.values()].map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    }));
  }

  get logprobs(): ChatLogprobs | null {
    return this.#logprobs.length > 0 ? { content: this.#logprobs, refusal: null } : null;
  }

  get textFinish(): FinishReason {
    return this.finish === 'length' ? 'length' : 'stop';
  }
}
