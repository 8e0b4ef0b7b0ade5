import { SillError } from '../core/errors.ts';
import { fileNameAt } from '../core/importing.ts';
import type { Fetcher } from '../ports/delivery.ts';
import type { DiskFile, OpenDiskFile } from '../ports/files.ts';
import { openIncoming } from './incoming.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';

const STALL_MS = 20_000;
/** Where nothing can be written, what has arrived is handed to the browser in parts of this size, which keeps large ones on the disk. */
const PART_BYTES = 16 * 1024 * 1024;

interface FetchCall {
  readonly signal: AbortSignal;
  readonly openFile: OpenDiskFile;
  /** @param totalBytes 0 where the server does not say */
  readonly onProgress: (receivedBytes: number, totalBytes: number) => void;
}

export interface FetchedFile {
  readonly file: File;
  /** Gives the disk its room back. The file cannot be read any more. */
  remove(): Promise<void>;
}

/**
 * A file of the page's own origin. Each piece of it is on the disk before the next one is read.
 * @throws SillError `network_unavailable` | `chunk_unavailable` | `aborted`
 */
export async function fetchModelFile(fetcher: Fetcher, url: string, { signal, openFile, onProgress }: FetchCall): Promise<FetchedFile> {
  let disk: DiskFile | undefined;
  try {
    const incoming = await openIncoming(fetcher, url, { cache: 'no-store', redirect: 'error' }, { stallMs: STALL_MS, signal });
    try {
      const { response } = incoming;
      if (response.status !== 200) throw statusFailure(response, url);
      if (isHtml(response)) throw new TransferFailure({ kind: 'html' }, url);
      const totalBytes = Number(response.headers.get('content-length') ?? 0);
      disk = await openFile();
      const kept = createKept(disk);
      let receivedBytes = 0;
      for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
        kept.add(bytes);
        receivedBytes += bytes.length;
        onProgress(receivedBytes, totalBytes);
      }
      const file = new File(await kept.end(), fileNameAt(url));
      const written = disk;
      return { file, remove: async () => written?.remove() };
    } finally {
      incoming.close();
    }
  } catch (reason) {
    await disk?.remove();
    if (reason instanceof TransferFailure) throw ofAddress(reason.toSillError('What came of it was given up; try again later.'));
    if (signal.aborted) throw new SillError('aborted', 'The import was stopped.', { cause: reason });
    throw reason;
  }
}

/** Of what a person named, and not of a model that was published. */
const ofAddress = ({ code, message, details, cause }: SillError): SillError =>
  new SillError(code, message, { details: { ...details, reason: 'address' }, cause });

/** In the file as far as that takes it, and behind it in the browser's hands. */
function createKept(disk: DiskFile | undefined): { add(bytes: Uint8Array<ArrayBuffer>): void; end(): Promise<Blob[]> } {
  let isWriting = disk !== undefined;
  const parts: Blob[] = [];
  let pending: Uint8Array<ArrayBuffer>[] = [];
  let pendingBytes = 0;
  const seal = (): void => {
    if (pendingBytes > 0) parts.push(new Blob(pending));
    pending = [];
    pendingBytes = 0;
  };
  const write = (bytes: Uint8Array<ArrayBuffer>): boolean => {
    try {
      disk?.write(bytes);
      return true;
    } catch {
      // The site's share of the disk is full; what the browser keeps for itself is counted apart.
      return false;
    }
  };
  return {
    add(bytes) {
      isWriting &&= write(bytes);
      if (isWriting) return;
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes >= PART_BYTES) seal();
    },
    async end() {
      seal();
      return disk ? [await disk.close(), ...parts] : parts;
    },
  };
}
