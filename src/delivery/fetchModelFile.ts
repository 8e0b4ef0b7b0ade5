import { SillError } from '../core/errors.ts';
import type { Fetcher } from '../ports/delivery.ts';
import { openIncoming } from './incoming.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';

const STALL_MS = 20_000;
/** What has arrived is handed to the browser in parts of this size, which keeps large ones on the disk. */
const PART_BYTES = 16 * 1024 * 1024;

interface FetchCall {
  readonly signal: AbortSignal;
  /** @param totalBytes 0 where the server does not say */
  readonly onProgress: (receivedBytes: number, totalBytes: number) => void;
}

/**
 * A file of the page's own origin, as a Blob that is not held in memory.
 * @throws SillError `network_unavailable` | `chunk_unavailable` | `aborted`
 */
export async function fetchModelFile(fetcher: Fetcher, url: string, { signal, onProgress }: FetchCall): Promise<File> {
  try {
    const incoming = await openIncoming(fetcher, url, { cache: 'no-store', redirect: 'error' }, { stallMs: STALL_MS, signal });
    try {
      const { response } = incoming;
      if (response.status !== 200) throw statusFailure(response, url);
      if (isHtml(response)) throw new TransferFailure({ kind: 'html' }, url);
      const totalBytes = Number(response.headers.get('content-length') ?? 0);
      let parts: Blob[] = [];
      let pending: Uint8Array<ArrayBuffer>[] = [];
      let pendingBytes = 0;
      let receivedBytes = 0;
      const seal = (): void => {
        parts = [...parts, new Blob(pending)];
        pending = [];
        pendingBytes = 0;
      };
      for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
        pending.push(bytes);
        pendingBytes += bytes.length;
        receivedBytes += bytes.length;
        if (pendingBytes >= PART_BYTES) seal();
        onProgress(receivedBytes, totalBytes);
      }
      seal();
      return new File(parts, decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? 'model'));
    } finally {
      incoming.close();
    }
  } catch (reason) {
    if (reason instanceof TransferFailure) throw reason.toSillError();
    if (signal.aborted) throw new SillError('aborted', 'The import was stopped.', { cause: reason });
    throw reason;
  }
}
