import * as v from 'valibot';
import { wrongParam } from './ask.ts';
import type { JsonObject } from './request.ts';
import { inWords } from './words.ts';

const ONLY_TEXT = 'must be text: neither images nor files are understood here';
const parts = v.array(
  v.variant(
    'type',
    [
      v.object({ type: v.picklist(['input_text', 'output_text', 'text']), text: v.string() }),
      v.pipe(
        v.object({ type: v.literal('refusal'), refusal: v.string() }),
        v.transform(({ refusal }) => ({ type: 'text' as const, text: refusal })),
      ),
    ],
    ONLY_TEXT,
  ),
);
const content = v.pipe(
  v.union([v.string(), parts], ONLY_TEXT),
  v.transform((given) => (typeof given === 'string' ? given : given.map(({ text }) => text).join(''))),
);

const MessageItem = v.object({
  type: v.optional(v.literal('message'), 'message'),
  role: v.picklist(['user', 'assistant', 'system', 'developer']),
  content,
});
const CallItem = v.object({ type: v.literal('function_call'), call_id: v.string(), name: v.string(), arguments: v.string() });
const OutputItem = v.object({ type: v.literal('function_call_output'), call_id: v.string(), output: content });
/** Comes back from models that think, of which there is none here. */
const ReasoningItem = v.object({ type: v.literal('reasoning') });

const ResponseSchema = v.object({
  model: v.string('name the model, for example "stories15m"'),
  input: v.union(
    [v.string(), v.array(v.union([MessageItem, CallItem, OutputItem, ReasoningItem], 'is no message, call or output of a call in text'))],
    'must be text, or a list of messages, calls and their outputs, in text: pictures, files and references to items are not understood here',
  ),
  instructions: v.optional(v.string()),
  max_output_tokens: v.optional(v.number()),
  top_logprobs: v.optional(v.number()),
  include: v.optional(v.array(v.string()), []),
  text: v.optional(
    v.object({
      format: v.optional(
        v.variant('type', [
          v.object({ type: v.literal('text') }),
          v.object({ type: v.literal('json_object') }),
          v.object({
            type: v.literal('json_schema'),
            name: v.string(),
            description: v.nullish(v.string()),
            schema: v.record(v.string(), v.unknown()),
            strict: v.nullish(v.boolean()),
          }),
        ]),
      ),
    }),
  ),
  tools: v.optional(
    v.array(
      v.object({
        type: v.literal('function', 'must be "function": no other tools are there'),
        name: v.string(),
        description: v.nullish(v.string()),
        parameters: v.nullish(v.record(v.string(), v.unknown())),
        strict: v.nullish(v.boolean()),
      }),
    ),
  ),
  tool_choice: v.optional(
    v.union(
      [v.picklist(['none', 'auto', 'required']), v.object({ type: v.literal('function'), name: v.string() })],
      'must be "none", "auto", "required", or {"type": "function", "name": "…"}',
    ),
  ),
  parallel_tool_calls: v.optional(v.boolean()),
  truncation: v.optional(v.picklist(['auto', 'disabled']), 'disabled'),
  metadata: v.optional(v.record(v.string(), v.string()), {}),
  stream: v.optional(v.boolean(), false),
});
export type ResponseParams = v.InferOutput<typeof ResponseSchema>;

/** @throws SillError `invalid_request` with the `param` that is wrong */
export function responseParams(request: JsonObject): ResponseParams {
  const parsed = v.safeParse(ResponseSchema, request);
  if (parsed.success) return parsed.output;
  throw wrongParam(parsed.issues[0]);
}

/** A refusal in the words of whoever asked: the contract calls some fields otherwise. */
export const inResponsesWords = <T>(work: () => Promise<T>): Promise<T> =>
  inWords({ messages: 'input', max_completion_tokens: 'max_output_tokens', response_format: 'text.format' }, work);

/** The same request as `v1/chat/completions` takes it. */
export function chatRequestOf(params: ResponseParams, given: JsonObject): JsonObject {
  const { text, tools, tool_choice: choice, top_logprobs, include, truncation } = params;
  const hasLogprobs = include.includes('message.output_text.logprobs') || top_logprobs !== undefined;
  const { temperature, top_p, top_k, min_p, seed, keep_alive, service_tier, chat_template } = given;
  return {
    ...{ model: params.model, temperature, top_p, top_k, min_p, seed, keep_alive, service_tier, chat_template },
    messages: messagesOf(params),
    max_completion_tokens: params.max_output_tokens,
    ...(hasLogprobs ? { logprobs: true, top_logprobs } : {}),
    ...(truncation === 'auto' ? { context_shift: true } : {}),
    response_format: text?.format?.type === 'json_schema' ? { type: 'json_schema', json_schema: text.format } : text?.format,
    ...(tools ? { tools: tools.map(({ type, ...tool }) => ({ type, function: tool })) } : {}),
    tool_choice: typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice,
    parallel_tool_calls: params.parallel_tool_calls,
  };
}

/** Calls that follow each other are one message, as a chat has them. */
function messagesOf({ instructions, input }: ResponseParams): object[] {
  const messages: object[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  let calls: object[] | undefined;
  for (const item of input) {
    if (item.type === 'reasoning') continue;
    if (item.type === 'function_call') {
      const { call_id: id, name, arguments: text } = item;
      if (!calls) {
        calls = [];
        messages.push({ role: 'assistant', content: null, tool_calls: calls });
      }
      calls.push({ id, type: 'function', function: { name, arguments: text } });
      continue;
    }
    calls = undefined;
    if (item.type === 'function_call_output') messages.push({ role: 'tool', tool_call_id: item.call_id, content: item.output });
    else messages.push({ role: item.role, content: item.content });
  }
  return messages;
}
