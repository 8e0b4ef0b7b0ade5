import * as v from 'valibot';

/** Of one request. A recording for a transcription is what needs most: OpenAI's own limit is 25 MB. */
export const MAX_HTTP_BODY_BYTES = 32 * 2 ** 20;
const MAX_PATH_LENGTH = 4096;
/** Of a token about ten: longer than any answer that ends. */
const MAX_MARKS_LENGTH = 64 * 2 ** 20;

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
  /**
   * Of a request that another engine did not live to answer: the marks of all that its reader has, one after the other. Empty where that is nothing, or
   * the head alone; otherwise the rest of the body is wanted, and no head.
   */
  resume: v.optional(v.pipe(v.string(), v.maxLength(MAX_MARKS_LENGTH))),
});
export type HttpRequest = v.InferInput<typeof HttpRequestSchema>;

/**
 * What the engine streams in answer: the head first and once, then the bytes of the body as they come. A piece of a stream (SSE, NDJSON) holds
 * whole events, so that one which breaks off can still be ended with one. `mark` says to the next engine what is told with these bytes; what has none is
 * nothing (white space, a comment), and may come twice. Whoever reads keeps the marks and knows nothing of what is in them.
 */
export type HttpItem =
  | { readonly kind: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'body'; readonly bytes: Uint8Array<ArrayBuffer>; readonly mark?: string };
