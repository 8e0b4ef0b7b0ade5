import { SillError } from '../errors.ts';
import { MAX_VOLUMES } from './layout.ts';

const BLOCK_BYTES = 512;
/** Two empty blocks: the end of an archive (POSIX.1-2001, ustar). */
export const TAR_END_BYTES = 2 * BLOCK_BYTES;

/** What an entry takes in an archive: its header, and its content filled up to a block. */
export const entryBytes = (sizeBytes: number): number => BLOCK_BYTES + sizeBytes + paddingBytes(sizeBytes);
export const paddingBytes = (sizeBytes: number): number => (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;

interface Sized {
  readonly sizeBytes: number;
}

export interface VolumePlan {
  /** What every volume begins with. */
  readonly head: readonly Sized[];
  /** All of it goes into the first volume, so that what is inside can be told from that one alone. */
  readonly documents: readonly Sized[];
  /** No piece is cut: every volume is an archive of its own. */
  readonly chunks: readonly Sized[];
}

/**
 * How many chunks go into each volume.
 * @param volumeBytes the most that one file may have; absent for all in one
 * @throws SillError `invalid_request` where that is too little, or makes too many volumes
 */
export function planVolumes({ head, documents, chunks }: VolumePlan, volumeBytes = Number.POSITIVE_INFINITY): number[] {
  const sum = (entries: readonly Sized[]) => entries.reduce((bytes, { sizeBytes }) => bytes + entryBytes(sizeBytes), 0);
  const headBytes = sum(head) + TAR_END_BYTES;
  const largest = Math.max(0, ...chunks.map(({ sizeBytes }) => entryBytes(sizeBytes)));
  const leastBytes = headBytes + Math.max(sum(documents), largest);
  if (volumeBytes < leastBytes) {
    throw new SillError(
      'invalid_request',
      `A part of ${volumeBytes} bytes is too small: the largest piece of this bundle needs parts of at least ${leastBytes} bytes.`,
      { details: { volumeBytes, leastBytes } },
    );
  }
  const counts = [0];
  let usedBytes = headBytes + sum(documents);
  for (const { sizeBytes } of chunks) {
    const last = counts.length - 1;
    if (usedBytes + entryBytes(sizeBytes) <= volumeBytes) counts[last] = (counts[last] ?? 0) + 1;
    else {
      counts.push(1);
      usedBytes = headBytes;
    }
    usedBytes += entryBytes(sizeBytes);
  }
  if (counts.length > MAX_VOLUMES) {
    throw new SillError('invalid_request', `This would make ${counts.length} parts, of at most ${MAX_VOLUMES}. Choose larger ones.`);
  }
  return counts;
}
