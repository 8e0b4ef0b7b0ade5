import type { CatalogEntry } from '../../core/catalog.ts';
import { SillError } from '../../core/errors.ts';
import { refusal } from '../../core/tuf/refusal.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import { type Incoming, openIncoming } from '../incoming.ts';
import { isHtml, TransferFailure } from '../transferFailure.ts';

export interface RepositoryOptions {
  /** Absolute, with the slash at its end: `metadata/` and `targets/` lie below it. */
  readonly baseUrl: string;
  readonly fetcher: Fetcher;
  /** A request that brings no byte for this long is given up. */
  readonly stallMs?: number;
  /** A file that drips in for longer is given up: metadata is small. */
  readonly limitMs?: number;
}

const STALL_MS = 20_000;
const LIMIT_MS = 120_000;

/** The files of a TUF repository on a web server, not yet trusted. */
export interface Repository {
  /**
   * @param path below the repository's folder
   * @returns undefined when the server says that there is no such file (404) and that is `expected`
   * @throws SillError `network_unavailable` | `catalog_unavailable` | `untrusted_catalog` with attack `endless_data` | `aborted`
   */
  read(path: string, capBytes: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  readIfThere(path: string, capBytes: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

export function createRepository({ baseUrl, fetcher, stallMs = STALL_MS, limitMs = LIMIT_MS }: RepositoryOptions): Repository {
  const readIfThere = async (path: string, capBytes: number, signal: AbortSignal) => {
    const { href } = new URL(path, baseUrl);
    if (!href.startsWith(baseUrl)) throw refusal('escaping_path', path.slice(0, 200));
    const limit = AbortSignal.timeout(limitMs);
    const both = AbortSignal.any([signal, limit]);
    try {
      const init: RequestInit = { cache: 'no-store', redirect: 'error' };
      const incoming = await openIncoming(fetcher, href, init, { stallMs, signal: both });
      return await bytesOf(incoming, href, capBytes, both);
    } catch (reason) {
      if (signal.aborted) throw new SillError('aborted', 'The request was cancelled.', { cause: reason });
      if (limit.aborted) throw tooSlow(href, limitMs, reason);
      throw reason instanceof TransferFailure ? reason.toSillError() : reason;
    }
  };
  return {
    readIfThere,
    async read(path, capBytes, signal) {
      const bytes = await readIfThere(path, capBytes, signal);
      if (bytes) return bytes;
      throw unavailable(`The server has no ${path}, which the list of models needs.`, { status: 404, url: new URL(path, baseUrl).href });
    },
  };
}

/** @throws SillError `untrusted_catalog` with attack `escaping_path` */
export function fileUrlBelow(baseUrl: string, entry: Pick<CatalogEntry, 'path'>, path: string): string {
  const { href } = new URL(`${entry.path}/${path}`, baseUrl);
  if (href.startsWith(baseUrl)) return href;
  throw refusal('escaping_path', path.slice(0, 200));
}

async function bytesOf(
  incoming: Incoming,
  url: string,
  capBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { response } = incoming;
  try {
    const { status } = response;
    // Of all answers only this one says that there is none; anything else may be somebody who wants us to believe so.
    if (status === 404) return undefined;
    if (status !== 200) throw unavailable(`The server answered with status ${status} for ${url}.`, { status, url });
    if (isHtml(response)) {
      throw unavailable(`The server answered with a web page in place of ${url}. If this network asks for a sign-in, sign in first.`, {
        status,
        url,
        webPage: true,
      });
    }
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let sizeBytes = 0;
    for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
      // A body that goes on although its request was given up must not keep us here.
      signal.throwIfAborted();
      sizeBytes += bytes.length;
      if (sizeBytes > capBytes) throw refusal('endless_data', url, { capBytes });
      pieces.push(bytes);
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  } finally {
    incoming.close();
  }
}

function unavailable(message: string, details: { status: number; url: string; webPage?: boolean }): SillError {
  return new SillError('catalog_unavailable', `${message} Installed models keep working. Try again later.`, { details });
}

function tooSlow(url: string, limitMs: number, cause: unknown): SillError {
  return new SillError(
    'network_unavailable',
    `The server did not finish sending ${url} within ${limitMs / 1000} s. Installed models keep working. Try again later.`,
    { cause, details: { url, limitMs, attack: 'slow_data' } },
  );
}
