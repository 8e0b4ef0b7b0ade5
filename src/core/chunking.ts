import { type ChunkLimits, ContentCutter } from './contentCuts.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** A file has a few hundred chunks, whatever its size: each costs a row in the database and a line in the manifest. */
const CHUNKS_PER_FILE = 256;
const MIN_PIECE_BYTES = MIB;
const MAX_PIECE_BYTES = 16 * MIB;
const MIN_AVERAGE_BYTES = 16 * KIB;
const MAX_AVERAGE_BYTES = 4 * MIB;
/** Around the average: far enough to let content decide, near enough to keep the largest at 16 MiB. */
const SPREAD = 4;

/** A tensor smaller than this is not worth chunks of its own: it is cut together with what lies around it. */
export const OWN_CHUNKS_FROM_BYTES = 64 * KIB;

export interface ByteRange {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** A stretch of a file that is cut by one rule. Changing another stretch does not change its chunks. */
export interface Stretch {
  readonly sizeBytes: number;
  readonly by: 'content' | 'position';
}

/** Sizes for cutting by content: an average of a 256th of the stretch, between 16 KiB and 4 MiB. */
export function contentLimits(sizeBytes: number): ChunkLimits {
  const ideal = 2 ** Math.round(Math.log2(Math.max(1, sizeBytes / CHUNKS_PER_FILE)));
  const averageBytes = Math.min(MAX_AVERAGE_BYTES, Math.max(MIN_AVERAGE_BYTES, ideal));
  return { minBytes: averageBytes / SPREAD, averageBytes, maxBytes: averageBytes * SPREAD };
}

/**
 * Parts a file at its large tensors: each is cut for itself, from its own beginning, and all else by content. Even the name between
 * two tensors is by itself: exporters number them, and a new number must not cost the tensor beside it.
 * @param tensors where tensors lie in the file, in any order; those that overlap or lie outside are not heeded
 */
export function stretchesOf(sizeBytes: number, tensors: readonly ByteRange[]): Stretch[] {
  const stretches: Stretch[] = [];
  let end = 0;
  const close = (upTo: number) => {
    if (upTo > end) stretches.push({ sizeBytes: upTo - end, by: 'content' });
  };
  for (const { offsetBytes, sizeBytes: length } of [...tensors].sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    if (length < OWN_CHUNKS_FROM_BYTES || offsetBytes < end || offsetBytes + length > sizeBytes) continue;
    close(offsetBytes);
    stretches.push({ sizeBytes: length, by: 'position' });
    end = offsetBytes + length;
  }
  close(sizeBytes);
  return stretches;
}

interface Cutter {
  push(bytes: Uint8Array): number[];
  finish(): number | undefined;
}

/** Cuts a file that is given front to back in portions of any size. The lengths that come out add up to the file's. */
export class FileCutter {
  readonly #stretches: readonly Stretch[];
  readonly #pieceBytes: number;
  #index = 0;
  #leftBytes = 0;
  #cutter: Cutter | undefined;

  /** @param sizeBytes of the file, where it is cut from a border between two of its stretches on */
  constructor(stretches: readonly Stretch[], sizeBytes = stretches.reduce((sum, stretch) => sum + stretch.sizeBytes, 0)) {
    this.#stretches = stretches;
    this.#pieceBytes = Math.min(MAX_PIECE_BYTES, Math.max(MIN_PIECE_BYTES, Math.ceil(sizeBytes / CHUNKS_PER_FILE / MIB) * MIB));
    this.#enter(0);
  }

  /** @returns lengths of the chunks that end within `bytes` */
  push(bytes: Uint8Array): number[] {
    const lengths: number[] = [];
    for (let from = 0; from < bytes.length && this.#cutter; ) {
      const part = bytes.subarray(from, from + this.#leftBytes);
      from += part.length;
      this.#leftBytes -= part.length;
      lengths.push(...this.#cutter.push(part));
      if (this.#leftBytes > 0) continue;
      const last = this.#cutter.finish();
      if (last !== undefined) lengths.push(last);
      this.#enter(this.#index + 1);
    }
    return lengths;
  }

  #enter(index: number): void {
    const stretch = this.#stretches[index];
    this.#index = index;
    this.#leftBytes = stretch?.sizeBytes ?? 0;
    this.#cutter =
      stretch && (stretch.by === 'content' ? new ContentCutter(contentLimits(stretch.sizeBytes)) : new PieceCutter(this.#pieceBytes));
  }
}

/** Pieces of one size, and a last one that may be shorter. */
class PieceCutter implements Cutter {
  #lengthBytes = 0;

  constructor(private readonly pieceBytes: number) {}

  push(bytes: Uint8Array): number[] {
    const lengths: number[] = [];
    this.#lengthBytes += bytes.length;
    for (; this.#lengthBytes >= this.pieceBytes; this.#lengthBytes -= this.pieceBytes) lengths.push(this.pieceBytes);
    return lengths;
  }

  finish(): number | undefined {
    return this.#lengthBytes === 0 ? undefined : this.#lengthBytes;
  }
}
