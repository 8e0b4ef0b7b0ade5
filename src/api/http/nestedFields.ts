import { type Fields, usedFields } from './fields.ts';
import { isObject } from './ollamaRequest.ts';
import type { JsonObject } from './request.ts';

const supported = (names: string): Fields => Object.fromEntries(names.split(' ').map((name) => [name, 'supported']));
const ignored = (names: string): Fields => Object.fromEntries(names.split(' ').map((name) => [name, 'ignored']));

/** Of one of OpenAI's messages. What other servers add to their answers may come back. */
export const MESSAGE_FIELDS: Fields = {
  ...supported('role content name tool_calls tool_call_id'),
  ...ignored('annotations reasoning reasoning_content refusal'),
  audio: { refused: 'No model here listens or speaks in a conversation.' },
  function_call: { refused: 'Use "tool_calls", which took its place.' },
};
const STREAM_OPTIONS: Fields = { ...supported('include_usage'), ...ignored('include_obfuscation') };
/** Of a tool, and of the function in it. `strict` is true in any case. */
const TOOL_FIELDS: Fields = supported('type function');
const FUNCTION_FIELDS: Fields = { ...supported('name description parameters'), ...ignored('strict') };
const FORMAT_FIELDS: Fields = supported('type json_schema');
const SCHEMA_FIELDS: Fields = { ...supported('name schema'), ...ignored('description strict') };

/** What is no object the contract refuses, with a better word for it. */
const used = (given: unknown, fields: Fields, within: string): unknown =>
  isObject(given) ? usedFields(given, fields, 'refused', `${within}.`) : given;
const usedOfEach = (given: unknown, use: (each: unknown, at: number) => unknown): unknown =>
  Array.isArray(given) ? given.map(use) : given;
const inside = (given: unknown, name: string, use: (value: unknown) => unknown): unknown =>
  isObject(given) && given[name] !== undefined ? { ...given, [name]: use(given[name]) } : given;

/**
 * A request of OpenAI's without what has no bearing inside of its fields: a typing error there (`parameter`, `include_usages`) must not pass for an
 * answer any more than one outside.
 * @throws SillError `invalid_request` with the `param` that is refused, as `messages.0.audio`
 */
export function withUsedFieldsInside(request: JsonObject): JsonObject {
  const inner: Readonly<Record<string, (value: unknown) => unknown>> = {
    messages: (messages) => usedOfEach(messages, (message, at) => used(message, MESSAGE_FIELDS, `messages.${at}`)),
    stream_options: (options) => used(options, STREAM_OPTIONS, 'stream_options'),
    tools: (tools) =>
      usedOfEach(tools, (tool, at) =>
        // Of another type it is refused as a whole.
        isObject(tool) && tool.type === 'function'
          ? inside(used(tool, TOOL_FIELDS, `tools.${at}`), 'function', (called) => used(called, FUNCTION_FIELDS, `tools.${at}.function`))
          : tool,
      ),
    response_format: (format) =>
      inside(used(format, FORMAT_FIELDS, 'response_format'), 'json_schema', (schema) =>
        used(schema, SCHEMA_FIELDS, 'response_format.json_schema'),
      ),
  };
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, inner[name]?.(value) ?? value]));
}
