import { SillError } from '../../core/errors.ts';
import type { JsonObject } from './request.ts';

/**
 * What becomes of a field of a request. `ignored`: the answer is the same without it, or as good. `refused`: the answer would not be what was asked
 * for, unless the field says what is done anyway (`allows`).
 */
export type Field = 'supported' | 'ignored' | { readonly refused: string; readonly allows?: (value: unknown) => boolean };
export type Fields = Readonly<Record<string, Field>>;

const each = (names: string, field: Field): Fields =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, field]),
  );
const supported = (names: string): Fields => each(names, 'supported');
const ignored = (names: string): Fields => each(names, 'ignored');

const SCHEDULING = 'keep_alive service_tier';
const SAMPLING = `max_tokens temperature top_p top_k min_p repetition_penalty presence_penalty frequency_penalty logit_bias seed response_format
  stop n context_shift n_keep cache_prompt cache_salt return_token_ids resume drawn_seed stream stream_options`;
const ACCOUNTING = 'metadata prompt_cache_key prompt_cache_retention safety_identifier store user';

export const CHAT_FIELDS: Fields = {
  ...supported(`model messages tools tool_choice parallel_tool_calls chat_template max_completion_tokens logprobs top_logprobs`),
  ...supported(`${SAMPLING} ${SCHEDULING}`),
  ...ignored(`${ACCOUNTING} prediction reasoning_effort verbosity`),
  audio: { refused: 'No model here speaks.' },
  modalities: {
    refused: 'Models here answer with text alone.',
    allows: (value) => Array.isArray(value) && value.every((each) => each === 'text'),
  },
  functions: { refused: 'Use "tools", which took its place.' },
  function_call: { refused: 'Use "tool_choice", which took its place.' },
  web_search_options: { refused: 'Everything runs on this device; nothing is searched for on the web.' },
};

export const COMPLETION_FIELDS: Fields = {
  ...supported(`model prompt logprobs ${SAMPLING} ${SCHEDULING}`),
  ...ignored('user'),
  best_of: { refused: 'Ask for several answers with "n" and choose among them.', allows: (value) => value === 1 },
  echo: { refused: 'The answer does not repeat the prompt.', allows: (value) => value === false },
  suffix: { refused: 'No model here fills in the middle.', allows: (value) => value === '' },
};

export const EMBEDDING_FIELDS: Fields = {
  ...supported(`model input encoding_format ${SCHEDULING}`),
  ...ignored('user'),
  dimensions: { refused: 'A vector is as long as its model makes it.' },
};

export const TRANSCRIPTION_FIELDS: Fields = {
  ...supported(`model file language response_format stream timestamp_granularities ${SCHEDULING}`),
  ...ignored('chunking_strategy prompt'),
  include: { refused: 'There are no log-probabilities of a transcript.' },
  temperature: { refused: 'A transcript takes the likeliest words.', allows: (value) => Number(value) === 0 },
};

export const RESPONSE_FIELDS: Fields = {
  ...supported(
    `model input instructions max_output_tokens temperature top_p top_logprobs include text tools tool_choice parallel_tool_calls`,
  ),
  ...supported(`truncation stream metadata chat_template top_k min_p seed ${SCHEDULING}`),
  ...ignored('max_tool_calls prompt_cache_key prompt_cache_retention reasoning safety_identifier store stream_options user'),
  background: { refused: 'An answer is written while somebody waits for it.', allows: (value) => value === false },
  conversation: { refused: 'Nothing of a conversation is kept here. Send all of it as "input".' },
  previous_response_id: { refused: 'Nothing of a conversation is kept here. Send all of it as "input".' },
  prompt: { refused: 'There are no prompts kept here. Send it as "instructions".' },
};

const NO_IMAGES: Field = { refused: 'No chat model here sees images.', allows: (value) => Array.isArray(value) && value.length === 0 };
const NO_THINKING: Field = { refused: 'No model here thinks before it answers. Leave "think" out.', allows: (value) => value === false };

export const OLLAMA_GENERATE_FIELDS: Fields = {
  ...supported(`model prompt system template raw format options stream keep_alive context logprobs top_logprobs shift truncate`),
  images: NO_IMAGES,
  suffix: { refused: 'No model here fills in the middle.', allows: (value) => value === '' },
  think: NO_THINKING,
  ...each('width height steps', { refused: 'No model here makes images.' }),
};

export const OLLAMA_CHAT_FIELDS: Fields = {
  ...supported(`model messages tools tool_choice format options stream keep_alive logprobs top_logprobs shift truncate chat_template`),
  think: NO_THINKING,
};

export const OLLAMA_MESSAGE_FIELDS: Fields = {
  ...supported('role content tool_calls tool_name tool_call_id'),
  ...ignored('thinking'),
  images: NO_IMAGES,
};

export const OLLAMA_OPTIONS: Fields = {
  ...supported(`num_predict num_keep seed stop temperature top_k top_p min_p repeat_penalty presence_penalty frequency_penalty`),
  ...ignored(`num_ctx num_batch num_gpu main_gpu num_thread numa low_vram f16_kv use_mmap use_mlock logits_all vocab_only embedding_only`),
  ...ignored(`penalize_newline repeat_last_n mirostat_tau mirostat_eta`),
  mirostat: { refused: 'Use "min_p" or "top_p".', allows: (value) => value === 0 },
  tfs_z: { refused: 'Use "min_p" or "top_p".', allows: (value) => value === 1 },
  typical_p: { refused: 'Use "min_p" or "top_p".', allows: (value) => value === 1 },
};

export const OLLAMA_EMBED_FIELDS: Fields = {
  ...supported('model input keep_alive truncate'),
  ...ignored('options'),
  dimensions: { refused: 'A vector is as long as its model makes it.' },
};

/** The older `api/embeddings`. */
export const OLLAMA_EMBEDDINGS_FIELDS: Fields = { ...supported('model prompt keep_alive'), ...ignored('options') };

export const OLLAMA_PULL_FIELDS: Fields = { ...supported('model name stream'), ...ignored('insecure') };

export const OLLAMA_CREATE_FIELDS: Fields = {
  ...supported('model name from modelfile system template parameters messages license stream'),
  ...ignored('renderer parser requires info'),
  ...each('adapters files quantize quantization draft_files draft_quantize', {
    refused: 'Weights are imported by the publisher (docs/import.md). Make a model of an installed one.',
  }),
  remote_host: { refused: 'Which other computers answer is the operator’s to say (docs/operate.md).' },
};

export const OLLAMA_COPY_FIELDS: Fields = supported('source destination');

/**
 * The fields of a request that are of use here.
 * @param unknown what becomes of fields that are not in the table: OpenAI refuses them, Ollama takes no notice
 * @param within of which field these are fields, as `options.`
 * @throws SillError `invalid_request` with the `param` that is refused
 */
export function usedFields(given: JsonObject, fields: Fields, unknown: 'refused' | 'ignored', within = ''): JsonObject {
  const used: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === null || value === undefined) continue;
    const param = `${within}${name}`;
    if (field === 'supported') used[name] = value;
    else if (field === undefined && unknown === 'refused') {
      throw new SillError(
        'invalid_request',
        `Unrecognized request argument supplied: ${param.slice(0, 100)}. docs/api.md lists what there is.`,
        {
          details: { param },
        },
      );
    } else if (typeof field === 'object' && field.allows?.(value) !== true) {
      throw new SillError('invalid_request', `"${param}" is not supported. ${field.refused}`, { details: { param } });
    }
  }
  return used;
}
