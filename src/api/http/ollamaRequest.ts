import { SillError } from '../../core/errors.ts';
import { OLLAMA_OPTIONS, usedFields } from './fields.ts';
import type { JsonObject } from './request.ts';
import { inWords } from './words.ts';

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export function wrong(param: string, expected: string): SillError {
  return new SillError('invalid_request', `"${param}" ${expected}.`, { details: { param } });
}

/** Ollama's clients name a version of each model; the one that runs is the only one here. */
export const withoutTag = (name: string): string => name.replace(/:latest$/, '');

/** @throws SillError `invalid_request` */
export function modelName({ model, name }: JsonObject): string {
  const given = model ?? name;
  if (typeof given === 'string' && given !== '') return withoutTag(given);
  throw wrong('model', 'is required, for example "stories15m"');
}

/** @throws SillError `invalid_request` for a wish that is neither: `"false"` must not be taken for yes */
export function isStreamed({ stream = true }: JsonObject): boolean {
  if (typeof stream === 'boolean') return stream;
  throw wrong('stream', 'must be true or false');
}

const integer = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value);

/** Ollama says "as much as there is room" by a negative number. */
const NO_LIMIT = 2 ** 31 - 1;

/**
 * Ollama's `options`, and what stands beside them, by the names of the other APIs. What is left open is the model's own, not Ollama's.
 * @throws SillError `invalid_request`
 */
export function samplingOf({ options = {}, format, keep_alive, shift, truncate }: JsonObject): JsonObject {
  if (!isObject(options)) throw wrong('options', 'must be an object');
  const { num_predict, num_keep, seed, top_k, repeat_penalty, ...same } = usedFields(options, OLLAMA_OPTIONS, 'ignored', 'options.');
  const isEndless = integer(num_predict) && num_predict < 0;
  return {
    ...same,
    max_tokens: isEndless ? NO_LIMIT : num_predict,
    // Without an end, a context that shifts would write for ever.
    context_shift: !isEndless && (shift ?? truncate ?? true) !== false,
    n_keep: num_keep,
    // Negative ones stand for a seed that is drawn.
    ...(integer(seed) && seed < 0 ? {} : { seed }),
    top_k: integer(top_k) && top_k < 0 ? 0 : top_k,
    repetition_penalty: repeat_penalty,
    response_format: formatOf(format),
    keep_alive,
  };
}

function formatOf(format: unknown): object | undefined {
  if (format === undefined || format === '') return undefined;
  if (format === 'json') return { type: 'json_object' };
  if (isObject(format)) return { type: 'json_schema', json_schema: { name: 'format', schema: format } };
  throw wrong('format', 'must be "json" or a JSON Schema');
}

/** What the contract calls otherwise than Ollama. */
const NAMES: Readonly<Record<string, string>> = {
  max_tokens: 'options.num_predict',
  n_keep: 'options.num_keep',
  repetition_penalty: 'options.repeat_penalty',
  response_format: 'format',
  ...Object.fromEntries(
    ['seed', 'stop', 'temperature', 'top_k', 'top_p', 'min_p', 'presence_penalty', 'frequency_penalty'].map((name) => [
      name,
      `options.${name}`,
    ]),
  ),
};

/** A refusal in the words of whoever asked. */
export const inOllamasWords = <T>(work: () => Promise<T>): Promise<T> => inWords(NAMES, work);

/** Ollama counts time in nanoseconds. */
export const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

export const now = (): string => new Date().toISOString();
