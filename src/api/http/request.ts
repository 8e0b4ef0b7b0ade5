import { SillError } from '../../core/errors.ts';

/** A request as the routes see it. */
export interface Incoming {
  readonly method: string;
  /** Below the app, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws SillError `invalid_request` for what is no JSON object */
export function jsonBody({ body }: Incoming): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new SillError('invalid_request', 'The body is no JSON. Send one JSON object.', { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new SillError('invalid_request', 'The body must be one JSON object.');
}
