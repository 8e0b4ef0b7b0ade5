import * as v from 'valibot';
import { KeepAliveMsSchema } from '../core/keepAlive.ts';

const model = v.pipe(v.string('name the model, for example "stories15m"'), v.minLength(1, 'name the model, for example "stories15m"'));
const tokens = v.pipe(v.number(), v.integer(), v.minValue(1, 'must be at least 1'));
const range = (low: number, high: number) =>
  v.pipe(v.number(), v.minValue(low, `must be at least ${low}`), v.maxValue(high, `must be at most ${high}`));

/** What every endpoint takes. */
export const scheduling = {
  /** Ollama's: how long the model stays in memory after this request. A duration ("5m"), seconds, 0 for not at all, -1 for ever. */
  keep_alive: v.nullish(KeepAliveMsSchema),
  /** OpenAI's: `flex` is for work that nobody waits for; it lets all other requests go first. */
  service_tier: v.nullish(v.picklist(['auto', 'default', 'flex', 'priority'])),
};

/** What both completion endpoints take: OpenAI's names, and `top_k`, `min_p`, `repetition_penalty` by the names that llama.cpp and vLLM use. */
const sampling = {
  ...scheduling,
  max_tokens: v.nullish(tokens),
  temperature: v.nullish(range(0, 2)),
  top_p: v.nullish(range(0, 1)),
  top_k: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  min_p: v.nullish(range(0, 1)),
  repetition_penalty: v.nullish(range(0.1, 10)),
  presence_penalty: v.nullish(range(-2, 2)),
  frequency_penalty: v.nullish(range(-2, 2)),
  /** By token id. -100 forbids a token, 100 takes no other. */
  logit_bias: v.nullish(v.record(v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'must be named by token ids')), range(-100, 100))),
  seed: v.nullish(v.pipe(v.number(), v.integer())),
  /** What the page drew for the case that neither the request nor its model states a seed: with it another engine goes on as the last one would have. */
  drawn_seed: v.nullish(v.pipe(v.number(), v.integer())),
  /** The answer is JSON, or is valid under a schema (docs/structured-output.md). */
  response_format: v.nullish(
    v.variant('type', [
      v.object({ type: v.literal('text') }),
      v.object({ type: v.literal('json_object') }),
      v.object({
        type: v.literal('json_schema'),
        json_schema: v.object({
          name: v.nullish(v.string()),
          description: v.nullish(v.string()),
          schema: v.union([v.record(v.string(), v.unknown()), v.boolean()], 'must be a JSON Schema'),
          /** Always true here. */
          strict: v.nullish(v.boolean()),
        }),
      }),
    ]),
  ),
  stop: v.nullish(v.union([v.string(), v.pipe(v.array(v.string()), v.maxLength(16))])),
  /** Answers to the same prompt; each holds a cache of its own. */
  n: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1, 'must be at least 1'), v.maxValue(16, 'must be at most 16'))),
  /** llama.cpp's: when the context is full, the beginning and the latest half of the rest go on. Needs no other graph. */
  context_shift: v.nullish(v.boolean()),
  /** llama.cpp's: tokens of the prompt that stay at a shift, besides the very first; -1 for all. */
  n_keep: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(-1))),
  /**
   * llama.cpp's: false neither uses nor feeds the prefix cache. `persist` also keeps on the device what was evaluated of the instructions, so that
   * the first token of the next start does not wait for them. The answer is the same.
   */
  cache_prompt: v.nullish(v.union([v.boolean(), v.literal('persist')], 'must be true, false or "persist"')),
  /** vLLM's: only requests of the same salt share beginnings. Absent means the pages of this origin. */
  cache_salt: v.nullish(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  /** vLLM's: each choice of a chunk has the ids of its tokens as `token_ids`. */
  return_token_ids: v.nullish(v.boolean()),
  /** Of an answer that was begun elsewhere: its id, and the tokens of each of its choices so far. They are not streamed again; the whole has them. */
  resume: v.nullish(
    v.object({
      id: v.pipe(v.string(), v.maxLength(100)),
      token_ids: v.pipe(v.array(v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))), v.maxLength(16)),
    }),
  ),
  stream: v.nullish(v.boolean()),
  stream_options: v.nullish(v.object({ include_usage: v.nullish(v.boolean()) })),
};

const alternatives = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20, 'must be at most 20'));

export const CompletionRequestSchema = v.object({
  model,
  prompt: v.string('the prompt must be text'),
  /** Log-probabilities of the tokens, and of so many of the likeliest in each place. */
  logprobs: v.nullish(alternatives),
  ...sampling,
});

/** Text, or its parts one after the other. */
const content = v.union([v.string(), v.array(v.object({ type: v.literal('text'), text: v.string() }))], 'must be text');
const functionName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be up to 64 letters, digits, "_" and "-"'));

const MessageSchema = v.variant('role', [
  v.object({ role: v.picklist(['system', 'developer', 'user']), content, name: v.nullish(v.string()) }),
  v.object({
    role: v.literal('assistant'),
    content: v.nullish(content),
    name: v.nullish(v.string()),
    refusal: v.nullish(v.string()),
    tool_calls: v.nullish(
      v.array(
        v.object({
          id: v.string(),
          type: v.literal('function'),
          function: v.object({ name: functionName, arguments: v.string('must be JSON text') }),
        }),
      ),
    ),
  }),
  v.object({ role: v.literal('tool'), content, tool_call_id: v.nullish(v.string()), name: v.nullish(v.string()) }),
]);

const ToolSchema = v.object({
  type: v.literal('function', 'only functions can be called'),
  function: v.object({
    name: functionName,
    description: v.nullish(v.string()),
    /** JSON Schema of an object. */
    parameters: v.nullish(v.record(v.string(), v.unknown())),
    /** Always true here. */
    strict: v.nullish(v.boolean()),
  }),
});

export const ChatRequestSchema = v.pipe(
  v.object({
    model,
    messages: v.pipe(v.array(MessageSchema), v.minLength(1, 'there must be at least one message')),
    tools: v.nullish(v.pipe(v.array(ToolSchema), v.maxLength(128))),
    tool_choice: v.nullish(
      v.union(
        [v.picklist(['none', 'auto', 'required']), v.object({ type: v.literal('function'), function: v.object({ name: functionName }) })],
        'must be "none", "auto", "required", or {"type": "function", "function": {"name": "…"}}',
      ),
    ),
    parallel_tool_calls: v.nullish(v.boolean()),
    /** Jinja source that stands in for the model's own template. */
    chat_template: v.nullish(v.string()),
    max_completion_tokens: v.nullish(tokens),
    logprobs: v.nullish(v.boolean()),
    top_logprobs: v.nullish(alternatives),
    ...sampling,
  }),
  v.forward(
    v.partialCheck(
      [['logprobs'], ['top_logprobs']],
      ({ logprobs, top_logprobs }) => logprobs === true || !top_logprobs,
      'needs "logprobs": true',
    ),
    ['top_logprobs'],
  ),
);

export const EmbeddingRequestSchema = v.object({
  model,
  input: v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(2048))]),
  encoding_format: v.nullish(v.picklist(['float'])),
  ...scheduling,
});

/** The page decodes the file: only a page can. */
export const TranscriptionRequestSchema = v.object({
  model,
  /** Mono, 16 kHz. */
  audio: v.instance(Float32Array),
  language: v.nullish(v.pipe(v.string(), v.regex(/^[a-z]{2,3}$/, 'must be a two or three letter code such as "en"'))),
  translate: v.nullish(v.boolean()),
  ...scheduling,
});

/** A request as it is after parsing. */
export type CompletionParams = v.InferOutput<typeof CompletionRequestSchema>;
export type ChatParams = v.InferOutput<typeof ChatRequestSchema>;

export type CompletionRequest = v.InferInput<typeof CompletionRequestSchema>;
export type ChatRequest = v.InferInput<typeof ChatRequestSchema>;
export type EmbeddingRequest = v.InferInput<typeof EmbeddingRequestSchema>;
export type TranscriptionParams = v.InferInput<typeof TranscriptionRequestSchema>;
