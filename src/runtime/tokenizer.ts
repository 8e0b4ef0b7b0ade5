import { Template } from '@huggingface/jinja';
import * as v from 'valibot';
import { ChatTemplateSchema, chatTemplateOf } from '../core/chatTemplate.ts';
import { SillError } from '../core/errors.ts';
import { isGoTemplate, knowsTools, renderGoChat } from '../core/goTemplate/chat.ts';
import { TemplateFault } from '../core/goTemplate/fault.ts';
import { bytesOfToken, lettersOfBytes, type TokenAlphabet, textOfBytes } from '../core/tokenBytes.ts';
import { forTemplate, styleOfTemplate, type ToolStyle, type ToolUse, withToolsInWords } from '../core/toolUse.ts';
import { isPartOfUtf8 } from '../core/utf8.ts';
import type { ChatMessage } from '../ports/generation.ts';
import { renderJinja } from './jinja.ts';
import { createTokenizer } from './mergeRanks.ts';
import type { ModelFiles } from './modelFiles.ts';

const named = v.union([
  v.string(),
  v.pipe(
    v.looseObject({ content: v.string() }),
    v.transform((token) => token.content),
  ),
]);

const decoderStep = v.looseObject({ type: v.string() });
const TokenizerSchema = v.looseObject({
  model: v.looseObject({}),
  added_tokens: v.nullish(v.array(v.looseObject({ id: v.number(), special: v.nullish(v.boolean()) }))),
  decoder: v.nullish(v.union([v.looseObject({ type: v.literal('Sequence'), decoders: v.array(decoderStep) }), decoderStep])),
});
/** Some state none by an absurd number: an integer of thirty digits. */
const length = v.fallback(v.nullish(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), undefined);
const ConfigSchema = v.looseObject({
  bos_token: v.nullish(named),
  eos_token: v.nullish(named),
  pad_token: v.nullish(named),
  unk_token: v.nullish(named),
  chat_template: ChatTemplateSchema,
  model_max_length: length,
  max_len: length,
});

export interface TextTokenizer {
  /** Tokens of a text that the model was made to read, beginning and end included; absent where the tokenizer does not say. */
  readonly maxTokens?: number | undefined;
  /** With the model's own beginning and end, unless `bare`. */
  encode(text: string, options?: { bare?: boolean }): number[];
  /** Special tokens left out. */
  decode(ids: number[]): string;
  /** One token as it stands in the vocabulary, special ones too. */
  token(id: number): { readonly text: string; readonly bytes: readonly number[] };
  /** The bytes of each of the first `count` tokens in GPT-2's alphabet, '' for one that no text has: special ones, and what is no part of UTF-8. */
  letters(count: number): string[];
  /**
   * The prompt that a chat template makes of messages, as token ids. Tools are described by a template that knows them, else in words.
   * @throws SillError `chat_template_missing` | `invalid_request` when the template refuses the messages
   */
  chat(messages: readonly ChatMessage[], template: string | undefined, use?: ToolUse): number[];
  /** How a template has the model write calls of tools. */
  toolStyle(template: string | undefined): ToolStyle;
}

/** @throws SillError `installation_damaged` */
export async function loadTokenizer(files: ModelFiles, manifestTemplate?: string): Promise<TextTokenizer> {
  const [json, config] = await Promise.all([
    files.json('tokenizer.json', TokenizerSchema),
    files.optionalJson('tokenizer_config.json', ConfigSchema).then((found) => found ?? v.parse(ConfigSchema, {})),
  ]);
  const tokenizer = createTokenizer(json, config);
  const alphabet = alphabetOf(json.decoder);
  const ownTemplate = manifestTemplate ?? chatTemplateOf(config.chat_template);

  /** Go's templates leave the model's beginning to the tokenizer, as Ollama does; some write it all the same. */
  const encodeOnce = (prompt: string): number[] => {
    const { ids } = tokenizer.encode(prompt, { add_special_tokens: true });
    const bos = config.bos_token ?? undefined;
    return bos !== undefined && prompt.startsWith(bos) && ids.length > 1 && ids[0] === ids[1] ? ids.slice(1) : ids;
  };

  return {
    // `max_len` is what the first versions of the library wrote.
    maxTokens: config.model_max_length ?? config.max_len ?? undefined,
    encode: (text, { bare = false } = {}) => tokenizer.encode(text, { add_special_tokens: !bare }).ids,
    decode: (ids) => (ids.length === 0 ? '' : tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false })),
    token(id) {
      const bytes = bytesOfToken(tokenizer.id_to_token(id) ?? '', alphabet);
      return { text: textOfBytes(bytes), bytes: [...bytes] };
    },
    letters(count) {
      const special = new Set(json.added_tokens?.flatMap(({ id, special }) => (special ? [id] : [])));
      return Array.from({ length: count }, (_, id) => {
        if (special.has(id)) return '';
        const bytes = bytesOfToken(tokenizer.id_to_token(id) ?? '', alphabet);
        return isPartOfUtf8(bytes) ? lettersOfBytes(bytes) : '';
      });
    },
    toolStyle: (template = ownTemplate ?? '') => styleOfTemplate(template) ?? 'hermes',
    chat(messages, template = ownTemplate, use = undefined) {
      if (template === undefined) {
        throw new SillError(
          'chat_template_missing',
          'This model has no chat template: it continues text and was not made for conversations. ' +
            'Send a plain prompt (completions), give a template with the request, make a model from it that brings one ' +
            '(sill.models.create, docs/modelfile.md), or install a chat model.',
        );
      }
      if (isGoTemplate(template)) return encodeOnce(goPrompt(template, messages, use));
      const tells = styleOfTemplate(template) !== undefined;
      const told = tells ? messages.map(messageForTemplate) : withToolsInWords(messages, use);
      const prompt = render(template, told, {
        ...(tells && use ? { tools: use.tools.map(forTemplate) } : {}),
        bos_token: config.bos_token ?? '',
        eos_token: config.eos_token ?? '',
        pad_token: config.pad_token ?? '',
        unk_token: config.unk_token ?? '',
      });
      return tokenizer.encode(prompt, { add_special_tokens: false }).ids;
    },
  };
}

/** By what its decoder undoes. */
function alphabetOf(decoder: v.InferOutput<typeof TokenizerSchema>['decoder']): TokenAlphabet {
  const steps = decoder && 'decoders' in decoder && Array.isArray(decoder.decoders) ? decoder.decoders : [decoder];
  const types = new Set(steps.map((step) => step?.type));
  if (types.has('ByteLevel')) return 'byte-level';
  return types.has('ByteFallback') || types.has('Metaspace') || types.has('Replace') ? 'sentencepiece' : 'plain';
}

/** As Hugging Face's templates take a message: arguments as an object, which they write as JSON by themselves. */
const messageForTemplate = ({ toolCalls, toolCallId, ...message }: ChatMessage) => ({
  ...message,
  ...(toolCalls
    ? { tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({ type: 'function', id, function: { name, arguments: given } })) }
    : {}),
  ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
});

function goPrompt(template: string, messages: readonly ChatMessage[], use: ToolUse | undefined): string {
  try {
    const tells = knowsTools(template) && styleOfTemplate(template) !== undefined;
    return tells ? renderGoChat(template, messages, use) : renderGoChat(template, withToolsInWords(messages, use));
  } catch (reason) {
    if (!(reason instanceof TemplateFault)) throw reason;
    throw new SillError('invalid_request', `The chat template refused these messages (its line ${reason.line}): ${reason.message}`, {
      cause: reason,
      details: { line: reason.line },
    });
  }
}

/** The last one that was parsed: a prompt is rendered several times over, and the next one by the same. */
let parsed: { readonly source: string; readonly template: Template } | undefined;

function render(template: string, messages: readonly object[], variables: Record<string, unknown>): string {
  try {
    if (parsed?.source !== template) parsed = { source: template, template: new Template(template) };
    return renderJinja(parsed.template, { messages, add_generation_prompt: true, ...variables });
  } catch (reason) {
    const text = reason instanceof Error ? reason.message : String(reason);
    throw new SillError('invalid_request', `The chat template refused these messages: ${text}`, { cause: reason });
  }
}
