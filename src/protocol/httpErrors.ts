import { type ErrorCode, SillError } from '../core/errors.ts';

/** `ollama` below `api/`, OpenAI's everywhere else. */
export type ApiFamily = 'openai' | 'ollama';
export const familyOf = (path: string): ApiFamily => (path.startsWith('api/') ? 'ollama' : 'openai');

/** By OpenAI's guide to error codes; what only this device can lack is 503. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  aborted: 499,
  busy: 429,
  forbidden: 403,
  source_not_allowed: 403,
  unknown_model: 404,
  model_not_installed: 404,
  quota_exceeded: 507,
  internal: 500,
  runtime_failed: 500,
  app_outdated: 503,
  catalog_unavailable: 503,
  chunk_mismatch: 503,
  chunk_unavailable: 503,
  crash_loop: 503,
  device_lost: 503,
  insecure_context: 503,
  installation_damaged: 503,
  model_too_large: 503,
  network_unavailable: 503,
  out_of_memory: 503,
  storage_erased: 503,
  storage_unavailable: 503,
  unsupported_device: 503,
  upstream_failed: 502,
  worker_lost: 503,
};

/** What comes right by asking again, of all that is answered with 429 or 5xx. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'busy',
  'worker_lost',
  'device_lost',
  'network_unavailable',
  'chunk_unavailable',
  'upstream_failed',
]);

/** Ollama refuses whoever it has no room for with 503, where OpenAI has 429. */
export const statusOf = ({ code }: SillError, family: ApiFamily): number =>
  code === 'busy' && family === 'ollama' ? 503 : (STATUS[code] ?? 400);

/** Seconds until it is worth asking again; absent where that helps nothing. */
function retryAfterOf({ code, details }: SillError): number | undefined {
  if (!PASSING.has(code)) return undefined;
  return typeof details.retryAfterSeconds === 'number' ? details.retryAfterSeconds : 1;
}

const typeOf = (status: number): string => {
  if (status === 429) return 'rate_limit_error';
  if (status === 403) return 'permission_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
};

/** `error` of OpenAI's bodies. `code` is Sill's own but where OpenAI's clients know another. */
const openAiError = (error: SillError) => ({
  message: error.message,
  type: typeOf(statusOf(error, 'openai')),
  param: typeof error.details.param === 'string' ? error.details.param : null,
  code: error.code === 'unknown_model' || error.code === 'model_not_installed' ? 'model_not_found' : error.code,
});

/** The whole body of a refusal. */
const errorBody = (error: SillError, family: ApiFamily): object =>
  family === 'ollama' ? { error: error.message } : { error: openAiError(error) };

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that is nothing but an error, in the form of the API that was asked. */
export function refusalOf(error: SillError, family: ApiFamily, status = statusOf(error, family)): Refusal {
  const seconds = retryAfterOf(error);
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      // The `openai` client asks again after any 5xx otherwise, and a model that is too large stays so.
      'x-should-retry': String(seconds !== undefined),
    },
    body: JSON.stringify(errorBody(error, family)),
  };
}

/** The one who took over an answer cannot go on with it. */
export const answeredOtherwise = (cause?: unknown): SillError =>
  new SillError('worker_lost', 'The tab that wrote this answer was closed, and the one that took over is of another version. Ask again.', {
    cause,
  });

export const EVENT_STREAM = 'text/event-stream';
export const NDJSON = 'application/x-ndjson';

/**
 * The last event of a stream that breaks off, as its readers understand it; `undefined` for bodies that have no events.
 * @param mediaType of the answer: SSE, where one event serves the readers of completions and those of responses, or NDJSON
 */
export function lastWords(error: SillError, mediaType: string): string | undefined {
  if (mediaType.startsWith(EVENT_STREAM)) {
    const { message, code, param } = openAiError(error);
    return `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param, error: openAiError(error) })}\n\n`;
  }
  if (mediaType.startsWith(NDJSON)) return `${JSON.stringify({ error: error.message })}\n`;
  return undefined;
}
