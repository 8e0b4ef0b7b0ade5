/**
 * Every failure that a person or a client can meet, named. The code is the contract: it crosses each
 * border (worker, tab, frame, HTTP) as data and is translated to words in `ui/`.
 */
export const ERROR_CODES = [
  'aborted',
  'app_outdated',
  'audio_undecodable',
  'busy',
  'catalog_unavailable',
  'chat_template_missing',
  'chunk_mismatch',
  'chunk_unavailable',
  'context_length_exceeded',
  'crash_loop',
  'device_lost',
  'empty_input',
  'forbidden',
  'frame_unreachable',
  'image_undecodable',
  'insecure_context',
  'installation_damaged',
  'internal',
  'invalid_backup',
  'invalid_bundle',
  'invalid_catalog',
  'invalid_manifest',
  'invalid_request',
  'invalid_suite',
  'model_not_installed',
  'model_too_large',
  'network_unavailable',
  'out_of_memory',
  'quota_exceeded',
  'revision_refused',
  'runtime_failed',
  'source_changed',
  'source_not_allowed',
  'stale_catalog',
  'storage_erased',
  'storage_unavailable',
  'timed_out',
  'unknown_model',
  'unsupported_device',
  'unsupported_schema',
  'unsupported_task',
  'untrusted_bundle',
  'untrusted_catalog',
  'upstream_failed',
  'worker_lost',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const isDetail = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every((each) => typeof each === 'string'));

export const isErrorDetails = (value: unknown): value is ErrorDetails =>
  typeof value === 'object' && value !== null && Object.values(value).every(isDetail);

/** The form in which an error crosses a border: plain, cloneable, rebuilt by code. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

/**
 * An error of the closed union above. `message` says what happened, why, and what the person can do;
 * `details` carries the data that explains it (the digest, the sizes, the status).
 */
export class SillError extends Error {
  override readonly name = 'SillError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, details: this.details };
  }

  static fromData(data: ErrorData): SillError {
    return new SillError(data.code, data.message, data.details ? { details: data.details } : {});
  }
}

/** True for the rejection of an aborted fetch, stream or `signal.throwIfAborted()`, in any realm. */
export function isAbort(reason: unknown): boolean {
  if (reason instanceof SillError) return reason.code === 'aborted';
  return reason instanceof Error && reason.name === 'AbortError';
}

/** What was thrown, as a SillError: known ones pass through, an abort is named, the rest is `internal` with its cause. */
export function toSillError(reason: unknown): SillError {
  if (reason instanceof SillError) return reason;
  if (isAbort(reason)) return new SillError('aborted', 'The request was cancelled.', { cause: reason });
  const text = reason instanceof Error ? reason.message : String(reason);
  return new SillError('internal', `Something went wrong inside Sill: ${text}`, { cause: reason });
}

/** Of a page that was there before. */
export const storageErased = (): SillError =>
  new SillError('storage_erased', 'Everything that Sill kept on this device was erased in another tab. Reload this page to begin anew.');
