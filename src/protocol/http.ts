import * as v from 'valibot';

/** Of one request. A recording for a transcription is what needs most: OpenAI's own limit is 25 MB. */
export const MAX_HTTP_BODY_BYTES = 32 * 2 ** 20;
const MAX_PATH_LENGTH = 4096;

/** A request of HTTP, as it is asked of the engine by its method `http`. */
export const HttpRequestSchema = v.object({
  method: v.pipe(v.string(), v.regex(/^[A-Z]{1,16}$/, 'must be a method of HTTP, such as "POST"')),
  /** Below the app, without a slash at its beginning and with its query: `v1/models`. */
  path: v.pipe(v.string(), v.maxLength(MAX_PATH_LENGTH)),
  /** By their names in lower case. */
  headers: v.optional(v.record(v.pipe(v.string(), v.maxLength(200)), v.pipe(v.string(), v.maxLength(8192))), {}),
  body: v.optional(
    v.pipe(
      v.instance(Uint8Array),
      v.check(({ byteLength }) => byteLength <= MAX_HTTP_BODY_BYTES, 'is too large'),
    ),
  ),
});
export type HttpRequest = v.InferInput<typeof HttpRequestSchema>;

/**
 * What the engine streams in answer: the head first and once, then the bytes of the body as they come. A piece of a stream (SSE, NDJSON) holds
 * whole events, so that one which breaks off can still be ended with one.
 */
export type HttpItem =
  | { readonly kind: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'body'; readonly bytes: Uint8Array<ArrayBuffer> };
