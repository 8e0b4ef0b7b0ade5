import type { Fetcher } from '../ports/delivery.ts';
import { TransferFailure } from './transferFailure.ts';

/** An answer whose body arrives piece by piece. */
export interface Incoming {
  readonly response: Response;
  /** The next bytes; `undefined` at the end. @throws TransferFailure `offline` | `stalled` */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Everything wanted has arrived: takes the end of the body if it is there, so that the connection can be used again. */
  finish(): void;
  /** Drops the rest. */
  close(): void;
}

export interface IncomingOptions {
  /** A request that brings no byte for this long is given up: a dead connection may never say so. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

/**
 * A GET that gives up when nothing arrives.
 * @throws TransferFailure `offline` | `stalled`; the signal's reason when it is aborted
 */
export async function openIncoming(fetcher: Fetcher, url: string, init: RequestInit, options: IncomingOptions): Promise<Incoming> {
  const { stallMs, signal } = options;
  signal.throwIfAborted();
  const request = new AbortController();
  const onAbort = () => close();
  const close = () => {
    signal.removeEventListener('abort', onAbort);
    request.abort();
  };
  signal.addEventListener('abort', onAbort, { once: true });

  const watched = async <T>(work: Promise<T>): Promise<T> => {
    let stalled = false;
    const timer = setTimeout(() => {
      stalled = true;
      request.abort();
    }, stallMs);
    try {
      return await work;
    } catch (cause) {
      close();
      signal.throwIfAborted();
      throw new TransferFailure(stalled ? { kind: 'stalled', stallMs } : { kind: 'offline' }, url, cause);
    } finally {
      clearTimeout(timer);
    }
  };

  const response = await watched(fetcher(url, { ...init, signal: request.signal }));
  const reader = response.body?.getReader();
  const read = async () => (reader ? (await watched(reader.read())).value : undefined);
  return {
    response,
    read,
    finish: () => {
      // Whether the end comes or not changes nothing any more.
      read().then(close, close);
    },
    close,
  };
}
