import { SillError } from '../core/errors.ts';

/** What can go wrong with one request; only the person's error, made after the last try, leaves this folder. */
export type FailureKind =
  | { readonly kind: 'offline' }
  | { readonly kind: 'stalled'; readonly stallMs: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly kind: 'html' }
  | { readonly kind: 'compressed' }
  | { readonly kind: 'short' }
  | { readonly kind: 'wrong_range'; readonly contentRange: string };

/** Tries after the first one, with the waits below about 15 s in all: a Wi-Fi hand-over passes, a person is not kept in the dark. */
const RETRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const LONGEST_ASKED_WAIT_MS = 30_000;
/** Statuses of the 400s that ask to come again: timeout, too early, too many requests. */
const PASSING = [408, 425, 429];

export class TransferFailure extends Error {
  override readonly name = 'TransferFailure';
  readonly what: FailureKind;
  readonly url: string;

  constructor(what: FailureKind, url: string, cause?: unknown) {
    super(`${what.kind}: ${url}`, { cause });
    this.what = what;
    this.url = url;
  }

  /** How often the same request may be sent again without any progress. */
  get retries(): number {
    if (this.what.kind === 'html' || this.what.kind === 'compressed') return 0;
    // A missing file stays missing, but a content network may be a moment behind its origin.
    if (this.what.kind === 'status' && this.what.status < 500 && !PASSING.includes(this.what.status)) return 1;
    return RETRIES;
  }

  /** Before the n-th retry (from 1): doubling, with jitter so that a fleet does not come back in step. `random` is 0 to 1. */
  waitMs(n: number, random: number): number {
    if (this.what.kind === 'status' && this.what.retryAfterMs !== undefined) {
      return Math.min(this.what.retryAfterMs, LONGEST_ASKED_WAIT_MS);
    }
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (n - 1)) * (0.5 + random / 2);
  }

  /** @param kept what becomes of the bytes that came */
  toSillError(kept = 'What was downloaded is kept; continue later.'): SillError {
    const { host, pathname } = new URL(this.url);
    const file = pathname.slice(pathname.lastIndexOf('/') + 1);
    const ask = 'If it goes on, ask the operator of this site to publish the files of the model again.';
    const error = (code: 'network_unavailable' | 'chunk_unavailable', message: string, status?: number) =>
      new SillError(code, message, { cause: this, details: { url: this.url, ...(status === undefined ? {} : { status }) } });
    switch (this.what.kind) {
      case 'offline':
        return error('network_unavailable', `${host} cannot be reached. Check the network connection. ${kept}`);
      case 'stalled':
        return error(
          'network_unavailable',
          `${host} sent nothing for ${this.what.stallMs / 1000} s. Check the network connection. ${kept}`,
        );
      case 'status':
        return error('chunk_unavailable', `${host} answered with status ${this.what.status} for ${file}. ${kept} ${ask}`, this.what.status);
      case 'html':
        return error(
          'chunk_unavailable',
          `${host} answered with a web page in place of ${file}. If this network asks for a sign-in, sign in first and continue. ${ask}`,
        );
      case 'compressed':
        return error(
          'chunk_unavailable',
          `${host} compresses parts of ${file} that were asked for as they are. Ask the operator of this site not to compress the files of models. ${kept}`,
        );
      case 'short':
        return error('chunk_unavailable', `${host} sent less of ${file} than the model needs. ${kept} ${ask}`);
      case 'wrong_range':
        return error('chunk_unavailable', `${host} sent another part of ${file} than was asked for (${this.what.contentRange}). ${ask}`);
    }
  }
}

/** A refusal by status, with the wait that the server asks for (RFC 9110, Retry-After in seconds). */
export function statusFailure(response: Response, url: string): TransferFailure {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new TransferFailure(
    { kind: 'status', status: response.status, ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}) },
    url,
  );
}

/** True for a page where data was asked for: a single-page app's fallback, a captive portal, a proxy's own error page. */
export const isHtml = (response: Response): boolean => (response.headers.get('content-type') ?? '').toLowerCase().startsWith('text/html');
