import { SillError } from '../core/errors.ts';
import { release } from '../core/releasedBuffer.ts';
import type { Digests, Fetcher } from '../ports/delivery.ts';
import { type CutPiece, Cutter, type Wanted } from './cutter.ts';
import { openIncoming } from './incoming.ts';
import { Keeping } from './keeping.ts';
import type { Throttle } from './throttle.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';
import type { FileTransfer, Piece } from './transferPlan.ts';

export interface TransferEnvironment {
  readonly fetcher: Fetcher;
  readonly digests: Digests;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly throttle: Throttle;
  /** Stores a verified piece. */
  keep(piece: Piece, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  received(bytes: number): void;
}

/** What the answers so far say of a file, for all requests for its parts. */
export interface FileState {
  /** Names the file as it was when its first part came (RFC 9110, 13.1.5). */
  validator?: string;
  /** It was replaced on the server meanwhile. */
  changed?: true;
}

interface Segment extends TransferEnvironment {
  readonly state: FileState;
  /** The server gives ranges: other parts of the file may be asked for at once. */
  onRanges(): void;
  /** The server sends the whole file: what else is wanted of it comes with this answer. */
  takeRest(): readonly Piece[];
  /** Nothing more is wanted of the server; what came last may still be on its way into the store. */
  onReceived(): void;
}

/** Fresh bytes after which an earlier failure counts no more: a bad line that moves on is worth going on with. */
const WORTHWHILE_BYTES = 64 * 1024;

/**
 * Fetches neighbouring pieces of a file, verifies and keeps each. A request that breaks goes on where it stopped; a piece with the
 * wrong digest is fetched once more, alone and past every cache.
 * @throws SillError `network_unavailable` | `chunk_unavailable` | `chunk_mismatch`, or what `keep` throws
 */
export async function transfer(file: FileTransfer, pieces: readonly Piece[], segment: Segment): Promise<void> {
  const suspects: Piece[] = [];
  await fetchPieces(file, pieces, 'no-store', segment, (piece) => suspects.push(piece));
  for (const suspect of suspects) {
    await fetchPieces(file, [suspect], 'reload', { ...segment, onRanges: () => {}, takeRest: () => [], onReceived: () => {} }, (piece) => {
      throw new SillError(
        'chunk_mismatch',
        segment.state.changed
          ? `${new URL(file.url).pathname} was replaced on the server while it was downloaded, by something else than the publisher described. ` +
              'Nothing of that was kept. Try again later; if it goes on, ask the operator of this site to publish the model again.'
          : `A part of ${new URL(file.url).pathname} is not what the publisher described: it was damaged on the way or changed on the server. ` +
              'Nothing of it was kept. Try again later, or ask the operator of this site to publish the model again.',
        {
          details: {
            url: file.url,
            digest: piece.digest,
            offsetBytes: piece.offsetBytes,
            sizeBytes: piece.sizeBytes,
            ...(segment.state.changed ? { changed: true } : {}),
          },
        },
      );
    });
  }
}

async function fetchPieces(
  file: FileTransfer,
  pieces: readonly Piece[],
  cache: RequestCache,
  segment: Segment,
  onMismatch: (piece: Piece) => void,
): Promise<void> {
  const cutter = new Cutter(pieces);
  let failures = 0;
  for (let wanted = cutter.wanted; wanted; wanted = cutter.wanted) {
    try {
      await attempt(file, cutter, wanted, cache, segment, onMismatch);
      if (cutter.wanted) throw new TransferFailure({ kind: 'short' }, file.url);
    } catch (reason) {
      if (!(reason instanceof TransferFailure)) throw reason;
      const advancedBytes = (cutter.wanted?.fromBytes ?? file.sizeBytes) - wanted.fromBytes;
      if (advancedBytes >= WORTHWHILE_BYTES) failures = 0;
      failures += 1;
      if (failures > reason.retries) throw reason.toSillError();
      await segment.sleep(reason.waitMs(failures, segment.random()), segment.signal);
    }
  }
}

/** One request. Returns when the answer ends or nothing more is wanted of it. @throws TransferFailure */
async function attempt(
  file: FileTransfer,
  cutter: Cutter,
  { fromBytes, lastBytes }: Wanted,
  cache: RequestCache,
  segment: Segment,
  onMismatch: (piece: Piece) => void,
): Promise<void> {
  // Without Range a whole file may come compressed.
  const isWhole = fromBytes === 0 && lastBytes === file.sizeBytes - 1;
  const { validator } = segment.state;
  const headers: HeadersInit = isWhole
    ? {}
    : { range: `bytes=${fromBytes}-${lastBytes}`, ...(validator === undefined ? {} : { 'if-range': validator }) };
  const incoming = await openIncoming(segment.fetcher, file.url, { cache, headers }, segment);
  const keeping = new Keeping(KEEPING_BYTES, () => incoming.close());
  try {
    let atBytes = startOf(incoming.response, file.url, fromBytes);
    noteState(segment.state, incoming.response, validator);
    if (incoming.response.status === 206) segment.onRanges();
    else cutter.append(segment.takeRest());
    for (let read = await incoming.read(); read; read = await incoming.read()) {
      for await (const bytes of segment.throttle.portions(read, segment.signal)) {
        segment.received(bytes.length);
        for (const cut of cutter.take(atBytes, bytes)) {
          await keeping.room(cut.piece.sizeBytes);
          keeping.add(cut.piece.sizeBytes, verify(cut, segment, onMismatch));
        }
        atBytes += bytes.length;
      }
      // Of what was received at a hundred megabytes a second a collector let hundreds of them lie.
      release(read);
      if (!cutter.wanted) break;
    }
    if (!cutter.wanted) segment.onReceived();
    await keeping.all();
    incoming.finish();
  } catch (reason) {
    incoming.close();
    await keeping.all();
    throw reason;
  }
}

/** Digests decide what is kept; this is to tell a file that was replaced from one that was damaged, and to be sent the new one whole. */
function noteState(state: FileState, response: Response, asked: string | undefined): void {
  const now = validatorOf(response);
  // A whole file in answer to a part of another one, or a server that does not heed the condition and shows another name.
  if (asked !== undefined && (response.status === 200 || (now !== undefined && now !== asked))) state.changed = true;
  if (now === undefined) delete state.validator;
  else state.validator = now;
}

/** How long before the answer a file must have changed last for its date to tell it from any later one (RFC 9110, 8.8.2.2). */
const DATE_IS_STRONG_AFTER_MS = 60_000;

/**
 * What names the file exactly: a strong ETag, or an old enough date. None of another origin: the condition would need that server's leave
 * (CORS), and many have none for it.
 */
function validatorOf({ type, headers }: Response): string | undefined {
  if (type === 'cors') return undefined;
  const etag = headers.get('etag');
  if (etag?.startsWith('"')) return etag;
  const modified = headers.get('last-modified');
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(modified ?? '');
  return modified !== null && age >= DATE_IS_STRONG_AFTER_MS ? modified : undefined;
}

/** Enough for the store to write several small pieces at once; a large one is kept alone, or four requests would hold 256 MiB. */
const KEEPING_BYTES = 4 * 1024 * 1024;

async function verify({ piece, bytes }: CutPiece, segment: Segment, onMismatch: (piece: Piece) => void): Promise<void> {
  if ((await segment.digests.sha256(bytes)) === piece.digest) await segment.keep(piece, bytes);
  else onMismatch(piece);
  release(bytes);
}

/** Where in the file the answer begins. @throws TransferFailure `status` | `html` | `compressed` | `wrong_range` */
function startOf(response: Response, url: string, askedBytes: number): number {
  if (response.status !== 200 && response.status !== 206) throw statusFailure(response, url);
  if (isHtml(response)) throw new TransferFailure({ kind: 'html' }, url);
  if (response.status === 200) return 0;
  // The range is then of the compressed form, and what comes out of it is no part of the file.
  if ((response.headers.get('content-encoding') ?? 'identity') !== 'identity') throw new TransferFailure({ kind: 'compressed' }, url);
  // Hidden from us across origins unless the server exposes it; the digests decide in the end.
  const contentRange = response.headers.get('content-range');
  if (contentRange && !contentRange.startsWith(`bytes ${askedBytes}-`)) {
    throw new TransferFailure({ kind: 'wrong_range', contentRange }, url);
  }
  return askedBytes;
}
